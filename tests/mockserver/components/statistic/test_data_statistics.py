from __future__ import annotations

import math
from typing import Any

from component_bench import GUEST, instances, run
from flowkit.servers import line_of
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
