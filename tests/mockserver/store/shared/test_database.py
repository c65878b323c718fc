"""The shared database: sections, what others hear of a commit, and what cannot be reached."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver.store import Outdated, StateDamaged, StoreUnreachable

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store.schema import VERSION
from flowkit_mockserver.store.shared.database import SharedDatabase

WRITE = (
    "INSERT INTO flowkit_documents (collection, key, document, number)"
    " VALUES ('tags', :key, '{}', :number)"
)
KEYS = "SELECT key FROM flowkit_documents ORDER BY key"


@pytest.fixture
def two(database: str) -> Iterator[tuple[SharedDatabase, SharedDatabase]]:
    found = SharedDatabase(database), SharedDatabase(database)
    for one in found:
        one.open_reading()
        one.close_section()
    yield found
    for one in found:
        one.close()


def put(database: SharedDatabase, key: str) -> None:
    """Write a document and commit it."""
    database.open_alone(database.prepare_alone())
    database.write_many(WRITE, [{"key": key, "number": database.number + 1}])
    database.commit()
    database.close_section()


def test_others_hear_what_a_commit_changed(two: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, other = two
    put(one, "a")
    put(one, "b")

    assert other.open_reading() == {("tags", "a"), ("tags", "b")}
    other.close_section()
    assert other.open_reading() == frozenset()
    assert other.read(KEYS) == [("a",), ("b",)]
    other.close_section()


def test_what_was_not_committed_is_undone(two: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, other = two
    one.open_alone(one.prepare_alone())
    one.write_many(WRITE, [{"key": "a", "number": one.number + 1}])
    one.close_section()

    assert other.open_reading() == frozenset()
    assert other.read(KEYS) == []
    other.close_section()


def test_who_only_looks_cannot_change_anything(
    two: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, _ = two
    one.open_reading()

    with pytest.raises(Outdated) as caught:
        one.write_many(WRITE, [{"key": "a", "number": 1}])

    assert caught.value.question
    one.close_section()


def test_who_looks_sees_one_state_until_the_end(
    two: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, other = two
    other.open_reading()
    assert other.read(KEYS) == []
    put(one, "a")
    assert other.read(KEYS) == []
    other.close_section()

    other.open_reading()
    assert other.read(KEYS) == [("a",)]
    other.close_section()


def test_a_state_that_passed_before_the_first_look_is_told(
    two: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, other = two
    other.open_reading()
    put(one, "a")

    with pytest.raises(Outdated) as caught:
        other.read(KEYS)

    assert not caught.value.question
    other.close_section()


def test_one_changes_the_state_at_a_time(two: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, other = two
    one.open_alone(one.prepare_alone())
    waits = threading.Thread(target=put, args=(other, "b"))
    waits.start()
    one.write_many(WRITE, [{"key": "a", "number": one.number + 1}])
    one.commit()
    one.close_section()
    waits.join()

    one.open_reading()
    assert one.read(KEYS) == [("a",), ("b",)]
    assert one.number == 2
    one.close_section()


def test_whoever_was_away_for_long_begins_anew(
    two: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, other = two
    put(one, "a")
    one.open_alone(one.prepare_alone())
    one.clear()
    one.commit()
    one.close_section()

    assert other.open_reading() is None
    assert other.read(KEYS) == []
    other.close_section()


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_text("no database at all\n" * 100)

    with pytest.raises(StateDamaged, match=r"state\.sqlite3 cannot be used: .*not a database"):
        SharedDatabase(f"sqlite:///{tmp_path}/state.sqlite3")


def test_a_newer_state_is_refused_with_the_way_out(database: str) -> None:
    one = SharedDatabase(database)
    one.write(f"UPDATE flowkit_state SET version = {VERSION + 1}")
    one.close()

    with pytest.raises(StateDamaged, match=r"of version \d+, .*: start the flowkit that wrote it"):
        SharedDatabase(database)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mock", "must be a URL such as postgresql"),
        ("mysql+pymysql://u:pa55word@h/d", "cannot be mysql.pymysql"),
        ("postgresql+asyncpg://u:pa55word@h/d", "cannot be postgresql.asyncpg"),
        ("sqlite://", "in memory cannot be shared; name a file"),
        ("postgresql://u:pa55word@h:many/d", "must be a URL"),
    ],
)
def test_what_is_no_database_to_share_is_refused(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        SharedDatabase(address)

    assert "pa55word" not in str(caught.value)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnreachable) as caught:
        SharedDatabase("postgresql://me:pa55word@127.0.0.1:1/mock?application_name=pa55word")

    assert "postgresql+psycopg://me:***@127.0.0.1:1/mock cannot be used" in str(caught.value)
    assert "pa55word" not in str(caught.value)
