"""Files by name that all workers see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState


@pytest.fixture
def workers(database: str) -> Iterator[tuple[ServerState, ServerState]]:
    found = ServerState(Settings(database=database)), ServerState(Settings(database=database))
    yield found
    for state in found:
        state.close()


def test_what_one_writes_the_other_reads(workers: tuple[ServerState, ServerState]) -> None:
    one, other = workers
    with one.lock:
        path = one.store.blobs.write("a/model.zip", [b"first ", b"half"])
    assert path.read_bytes() == b"first half"

    with other.lock:
        assert list(other.store.blobs) == ["a/model.zip"]
        assert other.store.blobs.read("a/model.zip") == b"first half"
        with other.store.blobs.open("a/model.zip") as file:
            assert file.read() == b"first half"
        other.store.blobs.write("a/model.zip", b"second")

    with one.lock:
        assert one.store.blobs.read("a/model.zip") == b"second"
        one.store.blobs.delete("a/model.zip")
    with other.lock:
        assert "a/model.zip" not in other.store.blobs
        with pytest.raises(FileNotFoundError, match=r"a/model.zip"):
            other.store.blobs.read("a/model.zip")
    assert one.store._db.read("SELECT count(*) FROM flowkit_rowsets") == [(0,)]


def test_an_unknown_name_cannot_be_opened(workers: tuple[ServerState, ServerState]) -> None:
    one, _ = workers
    with one.lock, pytest.raises(FileNotFoundError):
        one.store.blobs.open("x")
    assert list(Path(one.store.home / "blobs").iterdir()) == []
