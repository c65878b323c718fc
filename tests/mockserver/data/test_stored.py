"""Rows in the store, on their own."""

from __future__ import annotations

import pytest

from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.data.stored import StoredRecords
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.store import Store

ROWS = [("1", "a"), ("2", "b")]


def test_rows_that_are_gone_are_no_empty_table(tables: Tables, store: Store) -> None:
    table = tables.put(TableData("text", {}, ROWS), "n", "t")
    data = tables.as_data(table)
    assert isinstance(data.records, StoredRecords)

    tables.delete("n", "t")

    with pytest.raises(LookupError, match="deleted while it was read"):
        list(data.records)
    with pytest.raises(LookupError, match="deleted while it was read"):
        list(data.records.blocks())


def test_pinned_rows_stay_until_the_last_pin_is_out(tables: Tables, store: Store) -> None:
    table = tables.put(TableData("text", {}, ROWS), "n", "t")
    data = tables.as_data(table)
    first, second = (store.rows.pin(table.rows_id or 0) for _ in range(2))

    tables.delete("n", "t")
    store.rows.unpin(first)
    store.rows.unpin(first)
    assert list(data.records) == ROWS

    store.rows.unpin(second)
    assert store.rows.count(table.rows_id or 0) == 0


def test_rows_are_stored_before_their_table(tables: Tables, store: Store) -> None:
    table = TableData("text", {}, ROWS)
    stored = tables.store_rows(table)
    assert ("n", "t") not in tables

    tables.put(table, "n", "t", stored=stored)
    found = tables.get("n", "t")
    assert found is not None
    assert found.rows_id == stored.rows_id

    dropped = tables.store_rows(table)
    tables.drop_rows(dropped)
    assert store.rows.count(dropped.rows_id) == 0


def test_rows_that_were_undone_are_stored_again(tables: Tables, store: Store) -> None:
    table = TableData("text", {}, ROWS)
    stored = tables.store_rows(table)
    upload = tables.store_upload("n", "u", table, True)

    store.undo()
    tables.put(table, "n", "t", stored=stored)
    tables.register_upload(upload)

    for name in "tu":
        found = tables.get("n", name)
        assert found is not None
        assert list(found.records()) == ROWS


def test_an_upload_adds_to_what_is_there_by_then(tables: Tables) -> None:
    tables.put(TableData("text", {}, [("1", "a")]), "n", "t")
    upload = tables.store_upload("n", "t", TableData("text", {}, [("3", "c")]), False)
    tables.put(TableData("text", {}, ROWS), "n", "t")

    assert tables.register_upload(upload) == 3

    found = tables.get("n", "t")
    assert found is not None
    assert [key for key, _ in found.records()] == ["1", "2", "3"]
