"""Collections of documents: the same in memory as in a database, from which documents come when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver.store import Collection, NotStored, Store, collection
from flowkit_mockserver.store.collection import StoredCollection


@pytest.fixture(params=["private", "durable"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state" if request.param == "durable" else None)
    yield store
    store.close()


@pytest.fixture
def tags(store: Store) -> Collection:
    found = store.collection("tags")
    found.update({"b": {"rank": 1}, "a": {"rank": 2}, "ab": {"rank": 3}})
    return found


def test_keys_keep_the_order_in_which_they_were_first_set(tags: Collection) -> None:
    tags["b"] = {"rank": 4}
    del tags["a"]
    tags["a"] = {"rank": 5}

    assert list(tags) == ["b", "ab", "a"]
    assert list(reversed(tags)) == ["a", "ab", "b"]
    assert list(tags.items()) == [("b", {"rank": 4}), ("ab", {"rank": 3}), ("a", {"rank": 5})]
    assert [tag["rank"] for tag in tags.values()] == [4, 3, 5]


def test_what_is_not_there_is_no_key(tags: Collection) -> None:
    del tags["b"]

    assert ("b" in tags, "a" in tags, 7 in tags) == (False, True, False)
    assert tags.get("b") is None
    assert tags.pop("b", {"rank": 0}) == {"rank": 0}
    assert len(tags) == 2
    with pytest.raises(KeyError):
        del tags["b"]


def test_keys_are_found_by_their_beginning(tags: Collection) -> None:
    tags["a\U0010fffe"] = {}

    assert tags.beginning("a") == ["a", "ab", "a\U0010fffe"]
    assert tags.beginning("c") == []


def test_documents_are_found_by_their_label(store: Store) -> None:
    jobs = store.collection("jobs")
    jobs.update({"1": {}, "2": {}, "3": {"text": "{}"}})
    assert jobs.labelled("live") == ["1", "2"]

    jobs["1"] = {"text": "{}"}
    store.commit()
    jobs["3"] = {}
    del jobs["2"]

    assert jobs.labelled("live") == ["3"]


def test_only_documents_in_use_are_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "KEPT", 10)
    monkeypatch.setattr(collection, "PAGE", 7)
    store = Store(tmp_path)
    found = store.collection("tables")
    found.update({str(number): {"number": number} for number in range(100)})
    store.commit()

    assert isinstance(found, StoredCollection)
    assert len(found._kept) == 10
    assert [document["number"] for document in found.values()] == list(range(100))
    assert found["3"] == {"number": 3}
    assert len(found._kept) == 10
    store.close()


def test_changes_that_were_not_committed_can_be_undone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    tags = store.collection("tags")
    tags["a"] = {"rank": 1}
    store.commit()
    tags["a"]["rank"] = 2
    tags["b"] = {"rank": 3}
    assert len(tags) == 2

    store.undo()

    assert list(tags.items()) == [("a", {"rank": 1})]
    store.close()


def test_a_key_that_no_database_takes_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.collection("tags")["a\0b"] = {}

    with pytest.raises(NotStored, match="NUL") as caught:
        store.commit()

    assert caught.value.document == ("tags", "a\0b")
    store.undo()
    store.close()
