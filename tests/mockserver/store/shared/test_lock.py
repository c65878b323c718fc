"""The lock of a worker: alone among all who change something, and free for whoever looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from flowkit_mockserver.store import Outdated

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store.shared.database import Changes, SharedDatabase
from flowkit_mockserver.store.shared.lock import SharedLock

WRITE = (
    "INSERT INTO flowkit_documents (collection, key, document, number)"
    " VALUES ('tags', :key, '{}', :number)"
)


class Worker:
    """A lock and what it learnt."""

    def __init__(self, address: str) -> None:
        self.database = SharedDatabase(address)
        self.learnt: list[Changes] = []
        self.lock = SharedLock(self.database, self.learnt.append, self.database.commit)

    def put(self, key: str) -> None:
        """Write a document."""
        self.database.write_many(WRITE, [{"key": key, "number": self.database.number + 1}])

    def keys(self) -> list[Any]:
        """Return the keys of all documents."""
        return [key for (key,) in self.database.read("SELECT key FROM flowkit_documents")]


@pytest.fixture
def workers(database: str) -> Iterator[tuple[Worker, Worker]]:
    found = Worker(database), Worker(database)
    yield found
    for worker in found:
        worker.database.close()


def test_what_is_left_at_the_end_is_committed(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    with one.lock:
        one.put("a")

    with other.lock.reading():
        assert other.keys() == ["a"]


def test_it_can_be_taken_again_by_who_has_it(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    with one.lock:
        with one.lock, one.lock.reading():
            one.put("a")
        one.put("b")

    with other.lock.reading():
        assert sorted(other.keys()) == ["a", "b"]


def test_who_reads_cannot_write_within_another_hold(workers: tuple[Worker, Worker]) -> None:
    one, _ = workers
    with one.lock.reading(), one.lock, pytest.raises(Outdated):
        one.put("a")


def test_one_look_serves_all_who_came_before_it(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    arrived = time.monotonic()
    with one.lock.reading():
        pass
    with other.lock:
        other.put("a")
    one.learnt.clear()

    with one.lock.reading(arrived):
        assert one.learnt == [frozenset()]
    with one.lock.reading(time.monotonic()):
        assert one.learnt[1:] == [{("tags", "a")}]


def test_a_failure_gives_it_back(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    with pytest.raises(ZeroDivisionError), one.lock:
        raise ZeroDivisionError

    with other.lock:
        other.put("a")
    with one.lock:
        assert one.keys() == ["a"]
