"""Claims of several workers: one holder a task, and a way back from the dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store.shared.claims import SharedClaims, bury
from flowkit_mockserver.store.shared.database import SharedDatabase

KEY = "202101/lr_0/0"


@pytest.fixture
def databases(database: str) -> Iterator[tuple[SharedDatabase, SharedDatabase]]:
    found = SharedDatabase(database), SharedDatabase(database)
    yield found
    for one in found:
        one.close()


@contextmanager
def alone(database: SharedDatabase) -> Iterator[SharedClaims]:
    """Let one worker change the state, and commit it."""
    database.open_alone(database.prepare_alone())
    yield SharedClaims(database)
    database.commit()
    database.close_section()


def test_a_task_has_one_holder(databases: tuple[SharedDatabase, SharedDatabase]) -> None:
    one, other = databases
    with alone(one) as claims:
        assert claims.take(KEY)
        assert not claims.take(KEY)
    with alone(other) as claims:
        assert not claims.take(KEY)
        assert claims.take("202101/lr_0/1")
        claims.give_back(KEY)
        assert not claims.take(KEY)
    with alone(one) as claims:
        claims.give_back(KEY)
        claims.give_back(KEY)
    with alone(other) as claims:
        assert claims.take(KEY)


def test_claims_of_the_dead_are_given_back_and_their_jobs_told(
    databases: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, other = databases
    with alone(one) as claims:
        claims.take(KEY)
        one.write_many(
            "INSERT INTO flowkit_documents (collection, key, document, number)"
            " VALUES ('jobs', '202101', '{}', :number)",
            [{"number": one.number + 1}],
        )
    with alone(other) as claims:
        claims.take("202102/lr_0/0")
        assert bury(other, {other.owner}) == {"202101"}

    assert one.open_reading() == {("jobs", "202101")}
    one.close_section()
    with alone(other) as claims:
        assert claims.take(KEY)
        assert not claims.take("202102/lr_0/0")


def test_clearing_gives_back_what_is_ones_own(
    databases: tuple[SharedDatabase, SharedDatabase],
) -> None:
    one, other = databases
    with alone(one) as claims:
        claims.take(KEY)
    with alone(other) as claims:
        claims.take("202102/lr_0/0")
        claims.clear()
        assert claims.take("202102/lr_0/0")
        assert not claims.take(KEY)
