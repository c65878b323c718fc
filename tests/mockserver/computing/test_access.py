"""What a component reads stays, and what it stores counts once its result does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.computing.access import Access
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.party import Party
from flowkit_mockserver.state import ServerState

LOCAL = Party("local", "0")
TABLE = TableData("text", {}, [("1", "a"), ("2", "b")])


@pytest.fixture
def state() -> Iterator[ServerState]:
    made = ServerState()
    yield made
    made.close()


def access(state: ServerState, *allowed: Path, content: Path | None = None) -> Access:
    text = None if content is None else str(content)
    paths = PathPolicy(allowed)
    return Access(state.tables, state.models, paths, state.store.new_file, text, LOCAL)


def test_a_table_that_was_read_can_be_deleted_meanwhile(state: ServerState) -> None:
    state.tables.put(TABLE, "n", "t")
    way = access(state)
    table = way.read_table("n", "t")
    assert table is not None
    assert way.read_table("n", "absent") is None

    state.tables.delete("n", "t")
    assert list(table.records) == TABLE.records

    way.release()
    with pytest.raises(LookupError):
        list(table.records)


def test_a_table_that_was_written_is_there_once_the_result_is_kept(state: ServerState) -> None:
    way = access(state)
    assert way.write_table("n", "t", TABLE, True) == 2
    assert ("n", "t") not in state.tables

    way.keep_uploads()
    way.release()

    assert ("n", "t") in state.tables


def test_a_table_whose_result_is_not_kept_leaves_nothing(state: ServerState) -> None:
    way = access(state)
    way.write_table("n", "t", TABLE, True)

    way.release()

    assert ("n", "t") not in state.tables
    assert state.store.rows.count(1) == 0


def test_a_file_of_this_machine_is_copied_and_the_copy_forgotten(
    state: ServerState, tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("1,a\n")
    way = access(state, tmp_path)

    copy = way.locate(str(source))
    assert copy != source
    assert way.locate(str(source)) == copy
    assert copy.read_text() == "1,a\n"

    way.forget_copy()
    state.commit()
    assert not copy.exists()
    assert source.exists()


def test_a_file_that_is_not_there_or_not_allowed(state: ServerState, tmp_path: Path) -> None:
    assert not access(state, tmp_path).locate(str(tmp_path / "absent.csv")).exists()
    with pytest.raises(ComponentFailed, match="--allow-path"):
        access(state).locate("/etc/passwd")
    with pytest.raises(ComponentFailed, match="--allow-path"):
        access(state).write_file("/etc/passwd", [])


def test_the_file_of_a_request_belongs_to_the_job(state: ServerState, tmp_path: Path) -> None:
    content = tmp_path / "sent"
    content.write_text("1,a\n")
    way = access(state, content=content)

    assert way.locate("rows.csv") == content
    way.forget_copy()
    state.commit()

    assert content.exists()


def test_there_is_no_model_storage(state: ServerState) -> None:
    way = access(state)
    model = {"model_id": "m", "model_version": "1"}

    with pytest.raises(RuntimeError, match="no model storage"):
        way.store_model(model)
    with pytest.raises(RuntimeError, match="no model storage"):
        way.restore_model(model)
