"""Rows and files of a state in a database, whose pieces are in a storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fsspec", reason="the extra storage is not installed")
pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit import FlowClient
from flowkit.demo import steps
from flowkit_mockserver import MockServer
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import NotStored, StateDamaged, StoreInUse, StoreUnreachable
from flowkit_mockserver.store.shared.object_rows import ObjectRows
from flowkit_mockserver.store.shared.objects import ObjectStorage
from mock_process import mock_process


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def address(place: Path) -> str:
    return f"file://{place}"


@pytest.fixture
def state(database: str, address: str) -> Iterator[ServerState]:
    found = ServerState(Settings(database=database, storage=address))
    yield found
    found.close()


def objects(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file() and path.name != "state")


def rows_of(state: ServerState) -> ObjectRows:
    rows = state.store.rows
    assert isinstance(rows, ObjectRows)
    return rows


def wait(state: ServerState) -> None:
    """Wait until what is to be removed is."""
    rows_of(state)._remover.submit(lambda: None).result()


def write(state: ServerState, name: str, content: bytes = b"content") -> None:
    with state.lock:
        state.store.blobs.write(name, content)
        state.commit()


def test_a_file_is_in_the_storage_and_a_reference_in_the_database(
    state: ServerState, place: Path, database: str, address: str
) -> None:
    write(state, "model.zip", b"content")
    (path,) = objects(place)
    assert path.read_bytes() == b"content"
    with state.lock:
        assert not state.store._db.read("SELECT 1 FROM flowkit_chunks")
    other = ServerState(Settings(database=database, storage=address))
    with other.lock:
        assert other.store.blobs.read("model.zip") == b"content"
    other.close()


def test_what_a_commit_drops_is_removed_after_it(state: ServerState, place: Path) -> None:
    write(state, "model.zip")
    with state.lock:
        state.store.blobs.delete("model.zip")
        assert len(objects(place)) == 1  # until the commit lasts
        state.commit()
    wait(state)
    assert objects(place) == []


def test_what_is_undone_is_removed_and_what_it_dropped_stays(
    state: ServerState, place: Path
) -> None:
    write(state, "model.zip", b"first")
    with state.lock:
        state.store.blobs.write("model.zip", b"second")
        assert len(objects(place)) == 2
        state.store.undo()
    wait(state)
    with state.lock:
        assert state.store.blobs.read("model.zip") == b"first"
    assert len(objects(place)) == 1


def test_a_reset_removes_all(state: ServerState, place: Path) -> None:
    write(state, "a")
    write(state, "b")
    state.reset()
    with state.lock:
        state.commit()
    wait(state)
    assert objects(place) == []


def test_what_a_dead_worker_left_is_swept_and_another_state_s_is_not(
    state: ServerState, place: Path, tmp_path: Path, address: str, database: str
) -> None:
    write(state, "model.zip")
    rows = rows_of(state)
    ObjectStorage(address).put(f"{rows._state}/dead/1", b"orphan")
    ObjectStorage(address).put("another/dead/1", b"of another state")
    rows._storage.put(f"{rows._state}/{rows._shared.owner}/1", b"under way")

    other = ServerState(Settings(database=database, storage=address))
    wait(other)
    other.close()

    assert {path.read_bytes() for path in objects(place)} == {
        b"content",
        b"of another state",
        b"under way",
    }


def test_a_missing_or_damaged_object_is_one_clear_error(state: ServerState, place: Path) -> None:
    write(state, "model.zip")
    (path,) = objects(place)
    path.write_bytes(b"CONTENT")
    with state.lock, pytest.raises(StateDamaged, match="has other bytes than were written"):
        state.store.blobs.read("model.zip")
    path.unlink()
    with state.lock, pytest.raises(StateDamaged, match=r"is missing: put it back from a copy"):
        state.store.blobs.read("model.zip")


class Broken:
    """A storage that fails when it is told to."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        if self.error is not None and name in ("put", "get", "delete", "names"):
            raise self.error
        return getattr(self._storage, name)


def test_requests_say_that_the_storage_is_away_and_go_on_when_it_is_back(
    database: str, address: str
) -> None:
    with MockServer(database=database, storage=address) as mock, mock.client() as flow:
        rows = rows_of(mock.state)
        broken = Broken(ObjectStorage(address))
        rows._storage = broken  # type: ignore[assignment]
        assert steps.upload(flow, "guest") > 0
        for error, words in (
            (
                StoreUnreachable("the storage file:///x cannot be used: away"),
                "cannot be used: away",
            ),
            (NotStored("the storage file:///x is full: no space"), "is full"),
        ):
            broken.error = error
            with pytest.raises(Exception, match=words):
                steps.upload(flow, "host")
            broken.error = None
        assert flow.table.info(steps.NAMESPACE, "host").data["exist"] == 0
        assert steps.upload(flow, "host") > 0


def test_a_training_on_a_storage_in_memory_computes_what_it_does_without(database: str) -> None:
    found = []
    for options in ({}, {"database": database, "storage": "memory://flowkit-training"}):
        with MockServer(**options) as mock, mock.client() as flow:  # type: ignore[arg-type]
            for role in ("guest", "host"):
                steps.upload(flow, role)
            job_id = steps.train(flow).job_id
            flow.job.wait(job_id)
            found.append(steps.evaluation(flow, job_id))
    assert found[0] == found[1]


def test_two_servers_and_a_restart_share_a_storage(
    database: str, address: str, tmp_path: Path
) -> None:
    options = ("--database", database, "--storage", address, "--executor", "thread")
    with mock_process(*options) as one, mock_process(*options) as other:
        with FlowClient(one.url) as flow:
            for role in ("guest", "host"):
                steps.upload(flow, role)
        with FlowClient(other.url) as flow:
            job_id = steps.train(flow).job_id
            assert flow.job.wait(job_id).data["status"] == "success"
        one.process.kill()
    with mock_process(*options) as again, FlowClient(again.url) as flow:
        found = flow.component.output_data(job_id, "guest", 9999, "dataio_0", tmp_path / "out")
        assert (Path(found["directory"]) / "data.csv").stat().st_size > 0


def test_a_state_in_a_storage_needs_it(database: str, address: str, tmp_path: Path) -> None:
    state = ServerState(Settings(database=database, storage=address))
    write(state, "model.zip")
    with pytest.raises(StoreInUse, match=r"other settings .*--storage file:///"):
        ServerState(Settings(database=database, storage=f"file://{tmp_path}/other"))
    state.close()
    with pytest.raises(StateDamaged, match="start with the --storage that they are in"):
        ServerState(Settings(database=database))
    with pytest.raises(StateDamaged, match=r"are not in file:///.*/other: start with"):
        ServerState(Settings(database=database, storage=f"file://{tmp_path}/other"))


def test_rows_that_are_in_the_database_already_are_read_from_there(
    database: str, address: str, place: Path
) -> None:
    state = ServerState(Settings(database=database))
    write(state, "model.zip", b"inside")
    state.close()
    state = ServerState(Settings(database=database, storage=address))
    write(state, "other.zip", b"outside")
    with state.lock:
        assert state.store.blobs.read("model.zip") == b"inside"
    assert [path.read_bytes() for path in objects(place)] == [b"outside"]
    state.close()


def test_a_storage_needs_a_database(address: str) -> None:
    with pytest.raises(ValueError, match=r"goes with a database.*--database URL.*--data DIR"):
        MockServer(storage=address)


def test_a_storage_shows_no_credentials_in_settings() -> None:
    settings = Settings(database="sqlite:///x", storage="s3://key:s3cret@bucket/a")
    assert "s3cret" not in repr(settings)
