"""Stores of the cache: what every store keeps to, and what becomes of one that fails."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, PluginError
from flowkit_cache import Cache, CacheStore, Entry, MemoryStore, SQLiteStore

Make = Callable[[int, int], CacheStore]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Return a maker of stores, by entries and bytes at most."""
    if request.param == "memory":
        return MemoryStore
    return lambda entries, size: SQLiteStore(tmp_path / "cache.db", entries, size)


def entry(body: bytes = b"x", expires: float = 200.0, stamp: str = "0") -> Entry:
    return Entry({"Content-Type": "text/plain"}, body, 100.0, expires, stamp)


def test_what_is_put_is_got_until_it_is_cleared(make: Make) -> None:
    store = make(10, 10_000)
    store.put("a", entry())
    store.put("b", entry(b"\x00\xff", math.inf, "1,2"))
    assert store.get("a", 150.0) == entry()
    assert store.get("b", 1e12) == entry(b"\x00\xff", math.inf, "1,2")
    assert store.get("c", 150.0) is None
    store.clear()
    assert store.totals() == (0, 0)


def test_an_entry_takes_the_place_of_an_earlier_one(make: Make) -> None:
    store = make(10, 10_000)
    for body in (b"one", b"two"):
        store.put("a", entry(body))
    found = store.get("a", 150.0)
    assert found is not None
    assert (found.body, store.totals()[0]) == (b"two", 1)


def test_marks_change_with_every_write_and_for_its_tags_only(make: Make) -> None:
    store = make(10, 10_000)
    seen, other = set(), store.stamp(["other"])
    for _ in range(50):
        seen.add(store.stamp(["a", "b"]))
        store.outdate(["a"])
    assert len(seen) == 50
    assert store.stamp(["other"]) == other


def test_marks_outlive_a_clearing(make: Make) -> None:
    store = make(10, 10_000)
    store.outdate(["a"])
    before = store.stamp(["a"])
    store.clear()
    assert store.stamp(["a"]) == before


def test_the_bounds_hold_and_the_last_one_put_stays(make: Make) -> None:
    store = make(3, 2_000)
    for number in range(10):
        store.put(str(number), entry())
    assert store.totals()[0] == 3
    store.put("large", entry(b"x" * 1_500))
    assert store.totals()[1] <= 2_000
    assert store.get("large", 150.0) is not None


def test_what_was_used_stays_longer_in_memory() -> None:
    store = MemoryStore(2)
    store.put("a", entry())
    store.put("b", entry())
    store.get("a", 150.0)
    store.put("c", entry())
    assert store.get("a", 150.0) is not None
    assert store.get("b", 150.0) is None


def test_threads_may_share_a_store(make: Make) -> None:
    store = make(50, 100_000)

    def use(name: str) -> None:
        for number in range(50):
            store.put(f"{name}{number}", entry())
            store.outdate([name])
            store.get(f"{name}{number}", 150.0)

    threads = [threading.Thread(target=use, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.totals()[0] == 50


class Broken:
    """A store that has gone away."""

    def __repr__(self) -> str:
        return "at the end of a cable"

    def fail(self, *arguments: object) -> None:
        raise OSError("cable cut")

    get = put = outdate = totals = clear = fail

    def stamp(self, tags: Sequence[str]) -> str:
        raise OSError("cable cut")


def test_a_store_that_fails_fails_no_call_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Server(envelope({"tags": []}))
    flow = FlowClient(plugins=[Cache(store=Broken()), server])  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING, "flowkit.cache"):
        for _ in range(3):
            assert flow.tag.list().source != "cache"
            assert flow.tag.create("gold").ok
    assert len(server.requests) == 6
    (record,) = caplog.records
    assert record.getMessage() == (
        "the cache at the end of a cable is not used any more: cable cut"
    )


def test_a_cache_takes_any_store_and_shares_it() -> None:
    class Shared(Server):
        identity = ""  # it answers everybody alike

    store, server = MemoryStore(), Shared(envelope({"tags": []}))
    one, two = (FlowClient(plugins=[Cache(store=store), server]) for _ in range(2))
    one.tag.list()
    assert two.tag.list().source == "cache"
    two.tag.create("gold")
    assert one.tag.list().source != "cache"


def test_a_path_and_a_store_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="path and store were both given"):
        Cache(path=tmp_path / "x.db", store=MemoryStore())
