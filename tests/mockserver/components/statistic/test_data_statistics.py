from __future__ import annotations

import math
from typing import Any

import pytest

from component_bench import GUEST, instances, run
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.dialects.behaviour import behaviour_of


def test_later_lines_leave_missing_values_out() -> None:
    rows = {"a": [1.0, 2.0], "b": [math.nan, 4.0], "c": [3.0, math.nan]}
    table = {GUEST: {"data": instances(rows, ["x0", "x1"])}}

    def summary(line: str) -> Any:
        results = run(
            "DataStatistics",
            table,
            statistics=["count", "mean", "max", "missing_count"],
            behaviour=behaviour_of(line_of(line)),
        )
        return results[GUEST].summary["x0"]

    later = summary("1.7")
    assert [later[name] for name in ("count", "mean", "max", "missing_count")] == [2.0, 2.0, 3.0, 1]
    assert math.isnan(summary("1.6")["mean"])


def test_later_lines_correct_no_table_where_some_columns_are_constant() -> None:
    rows = {str(i): [float(i), float(i * i), 5.0] for i in range(6)}
    table = {GUEST: {"data": instances(rows, ["a", "b", "c"])}}
    asked: dict[str, Any] = {"statistics": ["skewness"], "bias": False}

    earlier = run("DataStatistics", table, **asked, behaviour=behaviour_of(line_of("1.6")))
    with pytest.raises(ComponentFailed) as failure:
        run("DataStatistics", table, **asked, behaviour=behaviour_of(line_of("1.11")))

    assert earlier[GUEST].summary is not None
    assert earlier[GUEST].summary["c"]["skewness"] == 0
    assert failure.value.message.startswith(
        "operands could not be broadcast together with shapes (3,) (2,)"
    )


@pytest.mark.parametrize("rows", [{"a": [1.0]}, {"a": [1.0], "b": [math.nan], "c": [math.nan]}])
def test_a_column_of_one_value_has_no_median_from_1_8_on(rows: dict[str, list[float]]) -> None:
    table = {GUEST: {"data": instances(rows, ["x"])}}

    earlier = run("DataStatistics", table, behaviour=behaviour_of(line_of("1.7")))
    with pytest.raises(ComponentFailed) as failure:
        run("DataStatistics", table, behaviour=behaviour_of(line_of("1.8")))

    assert earlier[GUEST].summary is not None
    assert earlier[GUEST].summary["x"]["median"] == 1.0
    assert failure.value.message == "AssertionError"


@pytest.mark.parametrize(("line", "tables"), [("1.7", 1), ("1.8", 0), ("1.11", 0)])
def test_the_table_is_not_handed_on_from_1_8_on(line: str, tables: int) -> None:
    table = {GUEST: {"data": instances({"a": [1.0], "b": [2.0]}, ["x0"])}}
    results = run(
        "DataStatistics", table, statistics=["mean"], behaviour=behaviour_of(line_of(line))
    )
    assert len(results[GUEST].tables) == tables
