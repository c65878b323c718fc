"""Text rows: their order and how blocks of them are put together."""

from __future__ import annotations

from flowkit_mockserver.columns.text import TextRows, storage_order


def test_shorter_ids_come_first_then_the_bytes_decide() -> None:
    rows = TextRows(["b", "10", "é", "9"], ["1", "2", "3", "4"])

    assert not rows.ordered()
    assert list(rows.in_order()) == [("9", "4"), ("b", "1"), ("10", "2"), ("é", "3")]
    assert storage_order("é") == (2, "é")


def test_rows_in_order_are_handed_back_as_they_are() -> None:
    rows = TextRows(["9", "10"], ["a", "b"])

    assert rows.in_order() is rows


def test_blocks_are_joined_under_each_other() -> None:
    joined = TextRows.joined([TextRows(["1"], ["a"]), TextRows(["2", "3"], ["b", "c"])])

    assert joined == TextRows(["1", "2", "3"], ["a", "b", "c"])
    assert joined.slice(1, 3) == TextRows(["2", "3"], ["b", "c"])
