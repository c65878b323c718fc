"""Which workers there are, and which are not any more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from flowkit_mockserver.store import StoreInUse

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store.shared.database import SharedDatabase
from flowkit_mockserver.store.shared.presence import Presence


@pytest.fixture
def shared(database: str) -> Iterator[SharedDatabase]:
    found = SharedDatabase(database)
    yield found
    found.close()


def presence(
    shared: SharedDatabase, owner: str, buried: list[set[str]], text: str = ""
) -> Presence:
    """Return a worker that has given a sign of life, and is at work on something."""
    found = Presence(shared.engine, owner, text, buried.append)
    found.beat()
    sql = "INSERT INTO flowkit_claims (task, owner) VALUES (:task, :owner)"
    shared.write(sql, {"task": f"1/{owner}/0", "owner": owner})
    return found


def test_workers_know_of_each_other_and_of_what_those_were_at_who_left(
    shared: SharedDatabase,
) -> None:
    buried: list[set[str]] = []
    one, other = presence(shared, "one", buried), presence(shared, "other", buried)
    one.start()
    assert other.living() == {"one", "other"}

    one.close()

    assert other.living() == {"other"}
    other.beat()
    assert buried == [{"other"}]


def test_one_that_gives_no_sign_is_buried_by_another(shared: SharedDatabase) -> None:
    buried: list[set[str]] = []
    presence(shared, "one", buried)
    other = presence(shared, "other", buried)
    shared.write("UPDATE flowkit_workers SET beat = beat - 100 WHERE owner = 'one'")

    other.beat()

    assert buried == [{"other"}]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells machines apart")
def test_one_whose_process_is_gone_is_buried_at_once(shared: SharedDatabase) -> None:
    buried: list[set[str]] = []
    presence(shared, "one", buried)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    sql = "UPDATE flowkit_workers SET process = :process WHERE owner = 'one'"
    shared.write(sql, {"process": ended.pid})

    presence(shared, "other", buried)

    assert buried == [{"other"}]


def test_other_settings_are_refused_while_a_worker_lives(shared: SharedDatabase) -> None:
    one = presence(shared, "one", [], "--pace 1")

    with pytest.raises(StoreInUse, match=r"with other settings .--pace 1.; these are --pace 2"):
        presence(shared, "other", [], "--pace 2")

    one.close()
    presence(shared, "other", [], "--pace 2")
