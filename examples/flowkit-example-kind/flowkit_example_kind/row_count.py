"""RowCount: how many rows a table has."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import boolean, need, whole_at_least

__all__ = ["KIND"]

KIND = Kind(
    name="RowCount",
    algorithm="flowkit_example_kind.algorithm:count_rows",
    exactness=Exactness.EXACT,
    accuracy="Every row is counted.",
    param_class="RowCountParam",
    defaults={"at_least": 0, "need_run": True},
    rules=(
        need("at_least", whole_at_least(0), "row count param's at_least {} should not be negative"),
        boolean("need_run", "row count param's need_run"),
    ),
    code_path=code_in(
        "federatedml/statistic", guest="row_count.py/RowCount", host="row_count.py/RowCount"
    ),
    alone=True,
)
