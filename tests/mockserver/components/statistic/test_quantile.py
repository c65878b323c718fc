from __future__ import annotations

import math

import pytest

from flowkit_mockserver.components.statistic.quantile import (
    bin_of,
    chosen_columns,
    quantile,
    quantile_points,
    rank_values,
)

HEADER = ["x0", "x1", "x2"]


def test_missing_values_have_no_rank() -> None:
    assert list(rank_values([3, math.nan, 1])) == [1.0, 3.0]


def test_a_quantile_is_early_by_the_error_of_the_summary() -> None:
    ordered = [float(i) for i in range(100)]

    assert quantile(ordered, 0.5) == 49.0
    assert quantile(ordered, 0.0) == 0.0
    assert quantile(ordered, 1.0) == 99.0
    assert quantile([], 0.5) == 0.0


def test_equal_bounds_fall_together() -> None:
    assert list(quantile_points([1.0] * 50 + [2.0] * 2, 10)) == [1.0, 2.0]


@pytest.mark.parametrize(("value", "number"), [(-5, 0), (1.0, 0), (1.5, 1), (99, 2)])
def test_a_value_above_the_last_bound_is_in_the_last_bin(value: float, number: int) -> None:
    assert bin_of(value, [1.0, 2.0, 3.0]) == number


def test_columns_are_chosen_by_index_and_name() -> None:
    assert chosen_columns(HEADER, -1, ["x1"]) == HEADER
    assert chosen_columns(HEADER, [2], ["x0", "gone"]) == ["x2", "x0"]
    with pytest.raises(ValueError, match="index that out of header's bound"):
        chosen_columns(HEADER, [3], [])
