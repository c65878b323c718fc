"""What goes to another process, and what comes back."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, TableData
from flowkit_mockserver.computing import size
from flowkit_mockserver.computing.engine import Results, ThreadEngine
from flowkit_mockserver.computing.portable import PortableRun, compute, is_worth_sending
from flowkit_mockserver.data.stored import StoredRecords
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import add_kinds, find_kind, remove_kinds
from flowkit_mockserver.state import ServerState
from portable_runs import GUEST, ROWS, run_on, values


def travelled(run: ComponentRun) -> Results:
    """Return what comes of a run that goes to another process and back."""
    sent = pickle.loads(pickle.dumps(PortableRun.of(run)))
    return PortableRun.unpack(run, pickle.loads(pickle.dumps(compute(sent))))


def test_a_run_computes_the_same_there() -> None:
    (table,) = travelled(run_on(ROWS))[GUEST].tables
    (here,) = ThreadEngine().compute(run_on(ROWS))[GUEST].tables

    assert list(table.records) == list(here.records)
    assert (table.kind, table.schema, table.partitions) == (
        here.kind,
        here.schema,
        here.partitions,
    )


def test_a_table_that_is_handed_on_does_not_come_back() -> None:
    resting = run_on(ROWS)
    resting = replace(resting, parameters={GUEST: {"DataIOParam": {"need_run": False}}})

    (table,) = travelled(resting)[GUEST].tables

    assert table.records is ROWS


def test_rows_of_the_store_go_as_they_are_stored() -> None:
    state = ServerState()
    state.tables.put(TableData("text", {"header": "y,x0", "sid": "id"}, ROWS), "n", "t")
    table = state.tables.read("n", "t")
    assert table is not None
    assert isinstance(table.records, StoredRecords)

    (result,) = travelled(run_on(table.records))[GUEST].tables
    stored = state.tables.put(result, "n", "result")

    assert [row for _, row in stored.records()] == [
        row for _, row in values(run_on(ROWS), ThreadEngine())
    ]
    state.close()


@pytest.mark.parametrize(
    ("module", "cells", "goes"),
    [("DataIO", 6, True), ("DataIO", 7, False), ("Reader", 1, False), ("Unknown", 1, False)],
)
def test_what_is_small_or_needs_the_server_stays(
    module: str, cells: int, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CELLS", cells)

    run = replace(run_on(ROWS), module=module)  # two rows of an id and two columns

    assert is_worth_sending(run) is goes


@pytest.fixture
def own_kind() -> Any:
    kind = find_kind("DataIO")
    assert kind is not None
    own = Kind(
        name="Own",
        algorithm="flowkit_mockserver.components.flow.reader_upload_download:download",
        exactness=kind.exactness,
        accuracy="",
        param_class="OwnParam",
        defaults={},
        code_path=kind.code_path,
    )
    added = add_kinds([own])
    yield own
    remove_kinds(added)


def test_a_kind_that_only_this_process_has_stays(
    own_kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CELLS", 1)

    assert not is_worth_sending(replace(run_on(ROWS), module=own_kind.name))


def test_a_kind_that_needs_the_server_and_does_not_say_so_is_told(own_kind: Kind) -> None:
    parameters = {GUEST: {"OwnParam": {"namespace": "n", "name": "t", "output_path": "x"}}}
    run = replace(run_on(ROWS), module=own_kind.name, parameters=parameters)

    with pytest.raises(RuntimeError, match=r"Own uses read_table .* in_server=True"):
        compute(PortableRun.of(run))


def test_a_place_that_is_none_for_the_run_is_told() -> None:
    sent = PortableRun.of(run_on(ROWS))

    with pytest.raises(ComponentFailed, match="install the same"):
        compute(replace(sent, version="0.0.1"))
    with pytest.raises(ComponentFailed, match="no component kind Elsewhere"):
        compute(replace(sent, run=replace(sent.run, module="Elsewhere")))


def test_a_failure_survives_the_way() -> None:
    failure = pickle.loads(pickle.dumps(ComponentFailed("no disk", GUEST)))

    assert (str(failure), failure.message, failure.party) == ("no disk", "no disk", GUEST)
