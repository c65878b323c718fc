from __future__ import annotations

import math

import numpy as np
import pytest

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.statistic.quantile import (
    bin_numbers,
    bin_of,
    chosen_columns,
    chosen_places,
    column_summaries,
    quantile_points,
    rank_values,
)

HEADER = ["x0", "x1", "x2"]


def test_missing_values_have_no_rank() -> None:
    assert list(rank_values([3, math.nan, 1])) == [1.0, 3.0]


def test_a_quantile_is_early_by_the_error_of_the_summary() -> None:
    ordered = [float(i) for i in range(100)]

    assert quantile_points(ordered, 2) == [49.0, 99.0]
    assert quantile_points([], 2) == [0.0]


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


def test_bins_of_many_values() -> None:
    column = np.array([-5, 1.0, 1.5, 99, math.nan])
    assert bin_numbers(column, [1.0, 2.0, 3.0]).tolist() == [0, 0, 1, 2, 0]


def test_places_beyond_the_header_are_left_out_where_the_server_only_warns() -> None:
    assert chosen_places(HEADER, [2, 7], ["x0", "gone"]) == [2, 0]


def test_in_a_large_table_a_quantile_depends_on_the_partitions() -> None:
    ids = [str(i) for i in range(12_000)]
    data = Instances.from_rows(ids, [[float(i * 7919 % 12_000)] for i in range(12_000)])

    (summary,) = column_summaries(data, data.numbers, 0.001)

    assert summary.count == 12_000
    assert len(summary.values) < 3_000
    assert summary.query(0.5) == pytest.approx(6000, abs=2 * 0.001 * 12_000)
