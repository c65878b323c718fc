"""Batches of notes: who reads waits for those that are under way, and no more is kept than there is room for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store import StateDamaged
from flowkit_mockserver.store.shared.batches import Batches, Filling, Limits

PATIENCE = 30.0


@pytest.fixture
def workers() -> set[str]:
    """The names of the workers that live."""
    return {"one", "other"}


@pytest.fixture
def make(database: str, workers: set[str]) -> Iterator[Callable[..., Batches]]:
    made = []

    def make(name: str, *, fresh: bool = False) -> Batches:
        one = Batches(database, lambda: name, lambda: workers - {name}, fresh=fresh)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def notes(batches: Batches, topic: str = "", known: tuple[int, ...] = ()) -> list[bytes]:
    return [batch.notes for batch in batches.read(topic, known)[2]]


def test_everybody_reads_what_anybody_wrote_and_each_topic_by_itself(
    make: Callable[..., Batches],
) -> None:
    one, other = make("one"), make("other")
    one.fill("", [], Filling(1, 10, b"a"))
    other.fill("", [other.open("")], Filling(1, 10, b"b"))
    other.fill("ci", [], Filling(1, 10, b"c"))

    assert notes(one) == notes(other) == [b"a", b"b"]
    assert notes(one, "ci") == [b"c"]
    forgotten, numbers, found = one.read("", [1])
    assert (forgotten, numbers, [batch.notes for batch in found]) == (0, [1, 2], [b"b"])


def test_who_reads_waits_for_a_batch_that_was_opened_before_and_not_for_later_ones(
    make: Callable[..., Batches],
) -> None:
    one, other = make("one"), make("other")
    number = other.open("")
    done = threading.Event()

    def await_all() -> None:
        one.await_all("")
        done.set()

    waiting = threading.Thread(target=await_all)
    waiting.start()
    assert not done.wait(0.05)
    other.open("")
    other.fill("", [number], Filling(2, 10, b"two"))

    assert done.wait(PATIENCE)
    waiting.join()
    assert notes(one) == [b"two"]


def test_nobody_waits_for_a_worker_that_is_dead(
    make: Callable[..., Batches], workers: set[str]
) -> None:
    one, other = make("one"), make("other")
    number = other.open("")
    workers.remove("other")

    one.await_all("")

    assert one.read("", ()) == (0, [], [])
    # It was not dead after all.
    other.fill("", [number], Filling(1, 1, b"late"))
    assert notes(one) == [b"late"]


def test_of_several_batches_that_were_opened_one_is_filled_and_none_stays_open(
    make: Callable[..., Batches],
) -> None:
    one, other = make("one"), make("other")
    other.fill("", [other.open(""), other.open("")], Filling(1, 1, b"all"))

    one.await_all("")

    assert notes(one) == [b"all"]


@pytest.mark.parametrize("limits", [Limits(5, 1000), Limits(1000, 50)])
def test_the_oldest_are_forgotten_and_counted(make: Callable[..., Batches], limits: Limits) -> None:
    one = make("one")
    for number in range(6):
        one.fill("", [], Filling(2, 20, str(number).encode()))
    one.open("")
    one.forget("", 1)

    one.prune("", limits)
    one.prune("", limits)

    forgotten, _, found = one.read("", ())
    assert (forgotten, [batch.notes for batch in found]) == (7, [b"3", b"4", b"5"])


def test_workers_may_forget_the_oldest_at_the_same_time(make: Callable[..., Batches]) -> None:
    one, other = make("one"), make("other")
    for number in range(60):
        one.fill("", [], Filling(1, 1, str(number).encode()))

    with ThreadPoolExecutor(4) as threads:
        pruned = [
            threads.submit(batches.prune, "", Limits(most, 1000))
            for most in range(50, 10, -1)
            for batches in (one, other)
        ]
        for each in pruned:
            each.result()
    other.prune("", Limits(10, 1000))

    forgotten, _, found = one.read("", ())
    assert (forgotten, len(found)) == (50, 10)


def test_what_is_cleared_is_gone_for_all_and_what_comes_later_is_not(
    make: Callable[..., Batches],
) -> None:
    one, other = make("one"), make("other")
    one.fill("", [], Filling(1, 1, b"a"))
    one.fill("ci", [], Filling(1, 1, b"b"))
    one.forget("", 3)

    other.clear("")
    one.fill("", [], Filling(1, 1, b"c"))

    assert one.read("", ())[0] == 0
    assert (notes(other), notes(other, "ci")) == ([b"c"], [b"b"])


def test_a_new_state_begins_without_the_notes_about_another(make: Callable[..., Batches]) -> None:
    make("one").fill("", [], Filling(1, 1, b"a"))

    assert notes(make("other")) == [b"a"]
    assert notes(make("third", fresh=True)) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3-requests").write_bytes(b"nonsense " * 1000)

    with pytest.raises(
        StateDamaged, match=r"state\.sqlite3-requests cannot be used: .*not a database"
    ):
        Batches(f"sqlite:///{tmp_path}/state.sqlite3", str, set, fresh=False)


def test_connections_are_closed_though_their_pool_was_given_up(database: str) -> None:
    batches = Batches(database, lambda: "one", set, fresh=False)
    batches.open("requests")
    connection = batches._opening.connection
    assert connection is not None
    driver = batches._engine._engine.dialect.dbapi
    raw = connection.connection.dbapi_connection
    assert raw is not None
    assert driver is not None
    batches._engine.dispose()  # as when the database was away

    batches.close()

    with pytest.raises(driver.Error):
        raw.cursor().execute("SELECT 1")
