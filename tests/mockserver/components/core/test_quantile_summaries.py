"""The numbers are those that FATE 1.6.1's own summaries answer with."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.components.core.quantile_summaries import (
    QuantileSummary,
    later_summaries,
    quantile_points,
)

COLUMN = np.array([((i * 37) % 101 - 50) / 10 for i in range(101)])
WITH_ZEROS = np.where(np.arange(101) % 3 == 0, 0.0, COLUMN)
ASKED = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])


def summary(column: np.ndarray, parts: int, error: float, sparse: bool = False) -> QuantileSummary:
    rows = [np.arange(part, len(column), parts) for part in range(parts)]
    return QuantileSummary.of([column], rows, error, sparse=sparse)[0]


@pytest.mark.parametrize(
    ("column", "error", "sparse", "points", "ranks"),
    [
        (
            COLUMN,
            1e-4,
            False,
            [-3.8, -2.5, -1.3, 0.0, 1.3, 2.5, 3.8, 5.0],
            [20, 40, 50, 60, 80],
        ),
        (
            COLUMN,
            0.05,
            False,
            [-4.0, -2.5, -1.7, -0.4, 0.9, 2.1, 3.4, 5.0],
            [19, 39, 47, 61, 80],
        ),
        (WITH_ZEROS, 1e-4, True, [-2.9, -0.9, 0.0, 1.3, 3.2, 4.7], [12, 25, 32, 73, 87]),
        (WITH_ZEROS, 0.05, True, [-3.4, -0.8, 0.0, 1.3, 3.1, 4.7], [12, 22, 32, 72, 85]),
    ],
)
def test_points_and_ranks(
    column: np.ndarray, error: float, sparse: bool, points: list[float], ranks: list[int]
) -> None:
    found = summary(column, 2, error, sparse)

    assert quantile_points(found, 8) == points
    assert found.ranks(ASKED).tolist() == ranks


def test_a_later_batch_drops_what_is_beyond_it() -> None:
    column = np.array([((i * 7919) % 25013) / 100 for i in range(25013)])

    found = summary(column, 1, 1e-4)

    assert quantile_points(found, 8) == [31.28, 62.54, 93.8, 125.05, 156.31, 187.57, 218.85, 250.12]
    assert found.ranks(ASKED).tolist() == [0, 0, 0, 99, 296]


def test_columns_side_by_side_are_as_columns_one_by_one() -> None:
    chance = np.random.RandomState(5)
    columns = [chance.randn(30_000), np.where(chance.rand(30_000) < 0.7, 0.0, chance.randn(30_000))]
    rows = [np.arange(0, 21_000), np.arange(21_000, 30_000)]

    together = QuantileSummary.of(columns, rows, sparse=True)

    for column, own in zip(columns, together, strict=True):
        alone = QuantileSummary.of([column], rows, sparse=True)[0]
        assert own.values.tolist() == alone.values.tolist()
        assert own.slacks.tolist() == alone.slacks.tolist()


def test_missing_values_have_no_rank() -> None:
    column = np.array([3.0, math.nan, 1.0, math.nan, 2.0])

    found = summary(column, 1, 1e-4)

    assert (found.count, found.missing) == (3, 2)
    assert quantile_points(found, 3) == [2.0, 3.0]


def test_a_column_of_nothing_has_one_bin() -> None:
    assert quantile_points(summary(np.full(5, math.nan), 1, 1e-4), 4) == [0.0]
    assert quantile_points(summary(np.zeros(5), 1, 1e-4, sparse=True), 4) == [0.0]


def drawn(count: int, *, zeros: bool = False) -> np.ndarray[Any, Any]:
    chance = random.Random(count)
    values = [round(chance.gauss(0, 2), 3) for _ in range(count)]
    return np.array([one if chance.random() < 0.5 else 0.0 for one in values] if zeros else values)


@pytest.mark.parametrize(
    ("values", "parts", "how", "bins", "points"),
    [
        (
            drawn(569),
            4,
            {"error": 0.01, "batch": 100, "compress_from": 100},
            8,
            [-2.339, -1.4, -0.483, 0.142, 0.655, 1.515, 2.591, 5.949],
        ),
        (
            drawn(60000),
            4,
            {"error": 1e-4},
            10,
            [-2.583, -1.695, -1.062, -0.526, -0.027, 0.48, 1.028, 1.656, 2.548, 8.673],
        ),
    ],
)
def test_bounds_of_later_lines_are_those_of_a_real_1_11(
    values: Any, parts: int, how: dict[str, Any], bins: int, points: list[float]
) -> None:
    """Batches keep what they do not reach, and one bound is sought from where the one before was found."""
    with later_summaries(keep_all=True, one_pass=True):
        rows = [np.arange(start, len(values), parts) for start in range(parts)]
        [summary] = QuantileSummary.of([values], rows, **how)

        assert quantile_points(summary, bins) == points


def test_bounds_of_sparse_columns_on_later_lines() -> None:
    with later_summaries(keep_all=True, one_pass=True):
        values = drawn(3000, zeros=True)
        rows = [np.arange(start, len(values), 3) for start in range(3)]
        [summary] = QuantileSummary.of(
            [values], rows, 0.02, sparse=True, batch=64, compress_from=100
        )

        assert quantile_points(summary, 6) == [-0.923, 0.0, 0.946, 5.752]
