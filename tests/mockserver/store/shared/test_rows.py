"""Rows that workers share: what one used lately it does not fetch again, and what is gone is gone for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.columns.encoding import EncodedRows, PairRows, encode
from flowkit_mockserver.store.shared import rows
from flowkit_mockserver.store.shared.database import SharedDatabase
from flowkit_mockserver.store.shared.rows import SharedRows

BLOCKS = [encode(PairRows([(f"k{number}", "x" * 1000)])) for number in range(3)]
SENT = EncodedRows(BLOCKS, 3)


class Worker:
    """A worker's rows, and what it fetched of them."""

    def __init__(self, address: str) -> None:
        self.database = SharedDatabase(address)
        self.rows = SharedRows(self.database)
        self.fetched = 0
        read = self.database.read

        def counting(sql: str, *parameters: dict[str, object]) -> list[tuple[object, ...]]:
            self.fetched += sql.startswith("SELECT data")
            return read(sql, *parameters)

        self.database.read = counting  # type: ignore[method-assign, assignment]


@pytest.fixture
def two(database: str) -> Iterator[tuple[Worker, Worker]]:
    found = Worker(database), Worker(database)
    yield found
    for one in found:
        one.database.close()


def test_each_worker_fetches_a_block_once_and_its_own_never(two: tuple[Worker, Worker]) -> None:
    one, other = two
    rows_id, count = one.rows.write(SENT)

    assert count == 3
    for _ in range(2):
        assert list(one.rows.chunks(rows_id)) == BLOCKS
        assert list(other.rows.chunks(rows_id)) == BLOCKS
    assert (one.fetched, other.fetched) == (0, 3)


def test_what_one_removed_no_other_reads(two: tuple[Worker, Worker]) -> None:
    one, other = two
    rows_id, _ = one.rows.write(SENT)
    assert list(other.rows.chunks(rows_id)) == BLOCKS
    half_read = other.rows.chunks(rows_id)
    assert next(half_read) == BLOCKS[0]

    one.rows.release(rows_id)

    assert list(one.rows.chunks(rows_id)) == list(other.rows.chunks(rows_id)) == []
    assert other.rows.count(rows_id) == 0
    assert list(half_read) == BLOCKS[1:]  # they are here, although they are gone there


def test_no_more_is_kept_than_there_is_room_for(
    two: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "KEPT", 2 * len(BLOCKS[0]))
    one, _ = two
    rows_id, _ = one.rows.write(SENT)

    assert list(one.rows.chunks(rows_id)) == BLOCKS
    assert (
        one.fetched == 3
    )  # whoever goes through more than there is room for finds the next one gone
    assert list(one.rows.chunks(rows_id))[-1] == BLOCKS[-1]


def test_what_was_written_in_a_section_that_was_undone_is_not_kept(
    two: tuple[Worker, Worker],
) -> None:
    one, _ = two
    one.database.open_alone(one.database.prepare_alone())
    undone, _ = one.rows.write(EncodedRows([b"P[]", b"P[]"], 0))
    one.database.undo()
    one.database.close_section()

    rows_id, _ = one.rows.write(SENT)

    assert list(one.rows.chunks(undone)) == (BLOCKS if undone == rows_id else [])
    assert list(one.rows.chunks(rows_id)) == BLOCKS


def test_postgresql_does_not_compress_blocks(two: tuple[Worker, Worker]) -> None:
    one, _ = two
    if one.database.engine.kind == "postgresql":
        table = "attrelid = 'flowkit_chunks'::regclass AND attname = 'data'"
        sql = f"SELECT attstorage::text FROM pg_attribute WHERE {table}"
        assert one.database.read(sql) == [("e",)]
