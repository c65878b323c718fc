from __future__ import annotations

import math
from bisect import bisect_left

import numpy as np
import pytest

from flowkit_mockserver.components.ensemble.histogram import (
    Binned,
    bin_numbers,
    cumulated_histograms,
    zeros_exact,
)

NAN = math.nan
MATRIX = np.array([[1.0, 0.0], [2.0, NAN], [3.0, 5.0], [NAN, -5.0]])
POINTS = [[1.0, 2.0, 3.0], [0.0, 5.0]]


def test_a_missing_value_has_the_last_bin() -> None:
    binned = Binned.of(POINTS, MATRIX, use_missing=True)

    assert binned.bins.tolist() == [[0, 1, 2, 3], [0, 3, 1, 0]]
    assert (binned.width, binned.sizes.tolist()) == (3, [3, 2])


def test_zero_may_be_missing_too() -> None:
    binned = Binned.of(POINTS, MATRIX, use_missing=True, zero_as_missing=True)

    assert binned.bins[1].tolist() == [3, 3, 1, 0]


def test_what_is_nearly_zero_is_zero() -> None:
    assert zeros_exact(np.array([[9e-9, -9e-9, 1e-8]])).tolist() == [[0.0, 0.0, 1e-8]]


@pytest.mark.parametrize("bounds", [[-1.0, 0.0, 2.0], [-1.0, 0.0, -0.5, 2.0], [3.0, 2.0, 1.0], []])
def test_values_are_found_by_halving_even_among_bounds_out_of_order(bounds: list[float]) -> None:
    column = np.linspace(-2, 4, 25)

    found = bin_numbers(column, np.array(bounds))

    assert found.tolist() == [bisect_left(bounds, value) for value in column.tolist()]


def test_histograms_hold_sums_and_counts_up_to_each_bin() -> None:
    binned = Binned.of(POINTS, MATRIX, use_missing=True)
    gradients, hessians = np.array([[1.0], [2.0], [4.0], [8.0]]), np.full((4, 1), 0.5)

    (g, h, count) = cumulated_histograms(
        binned, [np.array([0, 1]), np.array([2, 3])], gradients, hessians
    )

    assert g.tolist() == [[[1, 3, 3, 3], [1, 1, 1, 3]], [[0, 0, 4, 12], [8, 12, 12, 12]]]
    assert h[0].tolist() == [[0.5, 1, 1, 1], [0.5, 0.5, 0.5, 1]]
    assert count[1].tolist() == [[0, 0, 1, 2], [1, 2, 2, 2]]


def test_partitions_change_nothing_but_the_order_of_sums() -> None:
    chance = np.random.RandomState(1)
    matrix = np.where(chance.rand(200, 3) < 0.3, 0.0, chance.randn(200, 3))
    binned = Binned.of([[-0.5, 0.0, 0.5, 3.0]] * 3, matrix)
    gradients, hessians = chance.randn(200, 2), chance.rand(200, 2)
    parts = chance.randint(0, 4, 200)
    members = [np.arange(0, 120), np.arange(120, 200)]

    plain = cumulated_histograms(binned, members, gradients, hessians)
    by_part = cumulated_histograms(binned, members, gradients, hessians, parts, 4)

    assert np.allclose(plain, by_part, atol=1e-12)
    assert len(plain) == 5
    assert (plain[-1] == by_part[-1]).all()
