"""Scales of charts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.display.scale import scale_of


def test_ticks_are_round() -> None:
    assert scale_of([0, 1], 0, 100).ticks() == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert scale_of([3, 97], 0, 100).ticks() == [20, 40, 60, 80]


def test_a_place_is_on_the_line() -> None:
    scale = scale_of([0, 10], 100, 0)
    assert (scale.place(0), scale.place(10), scale.place(5)) == (100, 0, 50)


@pytest.mark.parametrize("values", [[], [math.nan, math.inf], [5, 5], [0]])
def test_there_is_a_scale_for_anything(values: list[float]) -> None:
    scale = scale_of(values, 0, 100)
    assert scale.low < scale.high
    assert scale.ticks()


@given(st.lists(st.floats(), max_size=5))
def test_every_finite_value_lies_between_the_ends(values: list[float]) -> None:
    scale = scale_of(values, 0, 100)
    assert 0 < len(scale.ticks()) <= 51
    for value in values:
        if math.isfinite(value) and abs(value) < 1e300:
            assert -1e-6 <= scale.place(value) <= 100 + 1e-6
