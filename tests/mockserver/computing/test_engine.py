"""The engine that computes in the thread of whoever waits."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.computing import engine
from flowkit_mockserver.computing.engine import Engine, ThreadEngine
from flowkit_mockserver.party import Party

GUEST = Party("guest", "1")


def run_of(module: str, **parameters: Any) -> ComponentRun:
    table = TableData("text", {}, [("1", "a")])
    return ComponentRun(
        job_id="2021",
        component="c_0",
        module=module,
        job_type="train",
        seed=0,
        parties=[GUEST],
        parameters={GUEST: {"OwnParam": parameters}},
        inputs={GUEST: {"data": [("reader_0", table)]}},
    )


def test_a_component_runs_where_it_is_asked_to() -> None:
    thread: Engine = ThreadEngine()

    results = thread.compute(run_of("DataIO", need_run=False))

    (table,) = results[GUEST].tables
    assert list(table.records) == [("1", "a")]
    thread.close()


def test_a_failure_names_its_party() -> None:
    with pytest.raises(ComponentFailed) as failed:
        ThreadEngine().compute(run_of("Download", namespace="n", name="absent"))

    assert failed.value.party == GUEST


@pytest.mark.parametrize(
    ("module", "alone"), [("HomoNN", True), ("LocalBaseline", True), ("DataIO", False)]
)
def test_kinds_whose_library_has_one_state_for_all_run_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch, module: str, alone: bool
) -> None:
    seen = []

    def run(component: ComponentRun) -> dict[Party, PartyResult]:
        seen.append(engine._LIBRARY.locked())
        return {}

    monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", run)
    ThreadEngine().compute(run_of(module))

    assert seen == [alone]
    assert not engine._LIBRARY.locked()
