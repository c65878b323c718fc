"""Rows that somebody reads stay, whoever gives them up."""

from __future__ import annotations

from pathlib import Path

from flowkit_mockserver.store import Store


def test_a_pinned_set_is_freed_by_the_last_who_lets_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows_id, _ = store.rows.write([("a", "1")])
    store.rows.adopt(rows_id)
    first, second = store.rows.pin(rows_id), store.rows.pin(rows_id)

    store.rows.release(rows_id)
    store.rows.unpin(first)
    store.rows.unpin(first)
    assert list(store.rows.read(rows_id)) == [("a", "1")]

    store.rows.unpin(second)
    assert store.rows.count(rows_id) == 0
    store.close()


def test_a_set_that_was_pinned_when_its_server_died_goes_with_the_next_start(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    rows_id, _ = store.rows.write([("a", "1")])
    store.rows.adopt(rows_id)
    store.rows.pin(rows_id)
    store.rows.release(rows_id)
    store.close()

    again = Store(tmp_path)
    assert again.rows.count(rows_id) == 1
    again.sweep(())
    assert again.rows.count(rows_id) == 0
    again.close()


def test_rows_that_no_table_got_before_a_crash_go_with_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept, _ = store.rows.write([("a", "1")])
    lost, _ = store.rows.write([("b", "2")])
    store.rows.adopt(kept)
    store.close()

    again = Store(tmp_path)
    again.sweep(())
    assert (again.rows.count(kept), again.rows.count(lost)) == (1, 0)
    again.close()
