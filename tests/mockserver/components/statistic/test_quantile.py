from __future__ import annotations

import math

import numpy as np
import pytest

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.statistic.quantile import (
    bin_numbers,
    chosen_columns,
    chosen_places,
    column_summaries,
)

HEADER = ["x0", "x1", "x2"]


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
