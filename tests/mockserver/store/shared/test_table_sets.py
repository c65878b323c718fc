"""Sets of tables, and the namespaces that have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store import TooManyNamespaces
from flowkit_mockserver.store.shared.database import SharedDatabase
from flowkit_mockserver.store.shared.table_sets import LIFE, TableSet, TableSets, life_of


@pytest.fixture
def sets(database: str) -> Iterator[TableSets]:
    shared = SharedDatabase(database)
    yield TableSets(shared.engine)
    shared.close()


def test_each_namespace_has_a_set_of_its_own(sets: TableSets) -> None:
    assert sets.take("one", most=2) == (TableSet(1, 1), True)
    assert sets.take("two", most=2) == (TableSet(2, 1), True)

    assert sets.take("one", most=2) == (TableSet(1, 1), False)
    assert sets.find("one") == TableSet(1, 1)
    assert sets.find("three") is None
    assert sets.names() == ["one", "two"]


def test_there_are_no_more_than_there_may_be(sets: TableSets) -> None:
    sets.take("one", most=1)

    with pytest.raises(TooManyNamespaces) as refused:
        sets.take("two", most=1)

    assert refused.value.count == 1
    assert sets.take("one", most=1) == (TableSet(1, 1), False)


def test_a_set_that_is_free_is_taken_in_its_next_life(sets: TableSets) -> None:
    sets.take("one", most=2)

    assert sets.drop("one") == TableSet(1, 2)

    assert sets.drop("one") is None
    assert sets.find("one") is None
    assert sets.take("two", most=2) == (TableSet(1, 2), True)


def test_the_numbers_of_commits_begin_with_the_life_of_the_set(sets: TableSets) -> None:
    sets.take("one", most=1)
    state = sets._engine.of_set(1)
    with state.connect() as connection:
        first = state.command(connection, "SELECT number, pruned FROM flowkit_state")
        sets.drop("one")
        second = state.command(connection, "SELECT number, pruned FROM flowkit_state")

    assert (first, second) == ((LIFE, LIFE), (2 * LIFE, 2 * LIFE))
    assert [life_of(number) for number in (LIFE, 2 * LIFE - 1, 2 * LIFE)] == [1, 1, 2]


def test_what_it_starts_with_is_noted_once_it_is_in_the_tables(sets: TableSets) -> None:
    found, _ = sets.take("one", most=1)

    sets.note_seeded("one", found)

    assert sets.find("one") == TableSet(1, 1, seeded=True)
    assert sets.take("one", most=1) == (TableSet(1, 1, seeded=True), False)
    sets.drop("one")
    assert sets.take("two", most=1) == (TableSet(1, 2), True)


def test_one_that_no_worker_uses_is_idle(sets: TableSets) -> None:
    sets.take("one", most=2)
    sets.take("two", most=2)
    sets._read("UPDATE flowkit_namespaces SET used = used - 100 WHERE name = 'one'")

    assert sets.idle(60) == ["one"]
    assert sets.find("one", idle=60) is None
    assert sets.find("two", idle=60) == TableSet(2, 1)
    assert sets.find("one", idle=500) == TableSet(1, 1)
    # It has been used thereby.
    assert sets.idle(60) == []
    assert sets.drop("one", idle=60) is None
    assert sets.names() == ["one", "two"]


def test_every_way_to_run_a_statement_is_about_the_tables_of_the_set(sets: TableSets) -> None:
    sets.take("one", most=1)
    own, other = sets._engine, sets._engine.of_set(1)
    sql = "SELECT number FROM flowkit_state WHERE pruned >= :least"

    with own.connect() as connection:
        for engine, number in ((own, 0), (other, LIFE), (own, 0)):
            assert engine.run(connection, sql, {"least": 0}) == [(number,)]
            assert engine.read(connection, sql, {"least": 0}) == [(number,)]
            assert engine.command(connection, "SELECT number FROM flowkit_state") == (number,)
