"""Runs of a component for engines to compute."""

from __future__ import annotations

from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.core.interface import ComponentRun, Records, TableData
from flowkit_mockserver.computing.engine import Engine
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

__all__ = ["GUEST", "ROWS", "run_on", "values"]

GUEST = Party("guest", "1")
ROWS = TextRows(["1", "2"], ["0,0.5", "1,0.7"])


def run_on(records: Records, module: str = "DataIO") -> ComponentRun:
    """Return a run of a kind over one table of the guest."""
    table = TableData("text", {"header": "y,x0", "sid": "id"}, records)
    kind = find_kind("DataIO")
    assert kind is not None
    parameters = {**kind.defaults, "with_label": True}
    return ComponentRun(
        job_id="2021",
        component="c_0",
        module=module,
        job_type="train",
        seed=0,
        parties=[GUEST],
        parameters={GUEST: {"DataIOParam": parameters}},
        inputs={GUEST: {"data": [("reader_0", table)]}},
    )


def values(run: ComponentRun, engine: Engine) -> list[object]:
    """Return the rows that a run puts out."""
    (table,) = engine.compute(run)[GUEST].tables
    return list(table.records)
