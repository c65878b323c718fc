"""Rows of tables: order, duplicates, sharing, and sizes beyond memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver.store import RowStore, Store, sorting


@pytest.fixture(params=["private", "durable"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state" if request.param == "durable" else None)
    yield store
    store.close()


@pytest.fixture
def rows(store: Store) -> RowStore:
    return store.rows


def test_rows_come_back_as_they_were_written(rows: RowStore) -> None:
    written = [("b", [1, 2.5, None]), ("a", "text, with a comma"), ("ü", {"0": 0.25})]

    rows_id, count = rows.write(written)

    assert count == 3
    assert rows.count(rows_id) == 3
    assert list(rows.read(rows_id)) == written


def test_a_later_duplicate_wins_and_the_first_position_stays(rows: RowStore) -> None:
    rows_id, count = rows.write([("b", "old"), ("a", "1"), ("b", "new")])

    assert count == 2
    assert list(rows.read(rows_id)) == [("b", "new"), ("a", "1")]


def test_a_limit_stops_reading(rows: RowStore) -> None:
    rows_id, _ = rows.write((str(number), "x") for number in range(3000))

    assert len(list(rows.read(rows_id, 2000))) == 2000
    assert len(list(rows.read(rows_id, 9000))) == 3000
    assert list(rows.read(rows_id, 0)) == []


def test_uploaded_rows_are_ordered_shorter_keys_first(rows: RowStore) -> None:
    rows_id, count = rows.write_by_key([("10", "x"), ("9", "y"), ("é", "z"), ("9", "last")])

    assert count == 3
    assert list(rows.read(rows_id)) == [("9", "last"), ("10", "x"), ("é", "z")]


def test_a_large_upload_is_ordered_and_rid_of_duplicates_just_the_same(
    rows: RowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "BLOCK_ROWS", 10)
    stream = [(str(number % 40), f"value {number}") for number in range(100)]

    rows_id, count = rows.write_by_key(stream)

    assert count == 40
    found = list(rows.read(rows_id))
    assert [key for key, _ in found] == [str(number) for number in range(40)]
    assert found[0] == ("0", "value 80")
    assert found[39] == ("39", "value 79")


def test_rows_live_as_long_as_somebody_uses_them(rows: RowStore) -> None:
    rows_id, _ = rows.write([("a", "1")])
    rows.share(rows_id)

    rows.release(rows_id)
    assert len(list(rows.read(rows_id))) == 1

    rows.release(rows_id)
    assert list(rows.read(rows_id)) == []
    assert rows.count(rows_id) == 0


def test_rows_can_be_written_while_others_are_being_read(rows: RowStore) -> None:
    first, _ = rows.write((str(number), "x") for number in range(2500))

    reading = rows.read(first)
    next(reading)
    second, _ = rows.write([("a", "1")])
    rows.release(second)

    assert len(list(reading)) == 2499
