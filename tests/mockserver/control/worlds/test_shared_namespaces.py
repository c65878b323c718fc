"""Namespaces of workers on one database: whoever is asked, it is the same world."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowkit import FlowClient
from flowkit.demo import statuses, train, upload
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES, Namespaces
from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from gates import PATIENCE

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store import Dropped

HEADER = "X-Flowkit-Namespace"


@pytest.fixture
def servers(database: str) -> Iterator[tuple[MockServer, MockServer]]:
    with (
        MockServer(database=database, namespaces=3) as one,
        MockServer(database=database, namespaces=3) as other,
    ):
        yield one, other


def worlds(server: MockServer) -> Namespaces:
    found: Namespaces = server.app.extensions[NAMESPACES]
    return found


def tags(flow: FlowClient) -> list[str]:
    return [tag["name"] for tag in flow.tag.list(limit=10).data["tags"]]


def test_whoever_is_asked_it_is_the_same_world(servers: tuple[MockServer, MockServer]) -> None:
    one, other = servers
    with one.namespace("mine").client() as flow, other.namespace("mine").client() as same:
        flow.tag.create("gold")
        assert tags(same) == ["gold"]
        same.tag.create("silver")
        assert tags(flow) == ["gold", "silver"]
    with other.namespace("yours").client() as flow, one.client() as outside:
        assert tags(flow) == tags(outside) == []
    assert one.namespaces() == other.namespaces() == ["mine", "yours"]


def test_a_job_that_one_worker_took_is_known_to_the_other(
    servers: tuple[MockServer, MockServer],
) -> None:
    one, other = servers
    with one.namespace("jobs").client() as flow, other.namespace("jobs").client() as same:
        upload(flow, "guest")
        upload(same, "host")
        trained = train(flow)
        assert set(statuses(same, trained.job_id).values()) == {"success"}
    assert other.status()["jobs"] == 0
    asked = other.namespace("jobs").requests("data.upload")
    assert [entry.namespace for entry in asked] == ["jobs", "jobs"]
    assert other.requests() == []


def test_what_one_drops_is_gone_for_the_other_and_made_anew_when_it_is_asked_for(
    servers: tuple[MockServer, MockServer],
) -> None:
    one, other = servers
    with one.namespace("mine").client() as flow, other.namespace("mine").client() as same:
        flow.tag.create("gold")
        assert tags(same) == ["gold"]

        assert one.drop("mine")

        assert not other.drop("mine")
        assert other.namespaces() == []
        assert tags(same) == []
        same.tag.create("silver")
        assert tags(flow) == ["silver"]
    assert [entry.operation for entry in one.namespace("mine").requests()] == [
        "tag.list", "tag.create", "tag.list",
    ]  # fmt: skip


def test_the_pace_of_the_server_is_not_that_of_namespaces_made_later(
    servers: tuple[MockServer, MockServer],
) -> None:
    one, other = servers
    one.set_pace(5)
    assert other.status()["pace"] == 5

    assert other.namespace("later").status()["pace"] == 0
    assert one.namespace("later").status()["pace"] == 0


def test_a_late_note_about_a_dropped_one_is_not_in_the_journal_of_the_next(
    servers: tuple[MockServer, MockServer],
) -> None:
    one, other = servers
    with other.namespace("mine").client() as flow:
        flow.tag.create("gold")
    late = other.namespace("mine").state.journal
    (noted,) = [exchange for _, exchange in late.numbered()]
    one.drop("mine")
    one.namespace("mine").reset()

    late.note(noted)
    assert len(late) == 1  # whoever still has it open goes on by himself

    assert one.namespace("mine").requests() == []
    one.drop("mine")
    assert len(late) == 0


def test_a_set_of_tables_goes_from_one_namespace_to_the_next(
    servers: tuple[MockServer, MockServer],
) -> None:
    one, other = servers
    first = other.namespace("first").state
    with one.namespace("first").client() as flow:
        flow.tag.create("gold")
    one.drop("first")
    with one.namespace("second").client() as flow:
        flow.tag.create("silver")
        # Whoever still works for the first finds out before it sees or changes anything of the second.
        with pytest.raises(Dropped), first.lock:
            pass
        assert first.sharing is not None
        with pytest.raises(Dropped):
            first.sharing.look()
        assert tags(flow) == ["silver"]
    with other.namespace("second").client() as flow:
        assert tags(flow) == ["silver"]


def test_all_workers_count_namespaces_together(servers: tuple[MockServer, MockServer]) -> None:
    one, other = servers
    for server, name in ((one, "a"), (other, "b"), (one, "c")):
        worlds(server).state(name)

    with pytest.raises(HttpRefusal, match="there are 3 namespaces, and there may be 3") as refused:
        worlds(other).state("d")

    assert refused.value.code == 429
    one.drop("a")
    worlds(other).state("d")
    assert one.namespaces() == ["b", "c", "d"]


def test_two_that_make_one_at_once_have_the_same(servers: tuple[MockServer, MockServer]) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda turn: worlds(servers[turn % 2]).state("mine").sharing, range(16))
        )

    assert servers[0].namespaces() == ["mine"]
    assert len(set(map(id, made))) == 2


def test_a_fork_is_a_copy_for_all(servers: tuple[MockServer, MockServer]) -> None:
    one, other = servers
    with one.client() as flow:
        flow.tag.create("gold")

    one.fork("copy")

    with pytest.raises(ValueError, match="there is a namespace 'copy' already"):
        other.fork("copy")
    with other.namespace("copy").client() as flow:
        assert tags(flow) == ["gold"]
        flow.tag.create("silver")
    again = other.namespace("copy").fork("again")
    with again.client() as flow, one.client() as outside:
        assert tags(flow) == ["gold", "silver"]
        assert tags(outside) == ["gold"]


def test_each_starts_with_the_seed_data_whoever_makes_it(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "buyers.csv").write_text("id,y\n1,0\n2,1\n")
    with (
        MockServer(database=database, seed_data=folder / "buyers.csv") as one,
        MockServer(database=database, seed_data=folder / "buyers.csv") as other,
    ):
        with one.namespace("mine").client() as flow:
            assert flow.table.info("shop", "buyers").data["count"] == 2
            flow.table.delete(namespace="shop", table_name="buyers")
        with other.namespace("mine").client() as flow:
            assert flow.table.info("shop", "buyers").data["exist"] == 0


def test_they_outlive_the_server(database: str) -> None:
    with MockServer(database=database) as server, server.namespace("mine").client() as flow:
        flow.tag.create("gold")

    with MockServer(database=database) as server:
        assert server.namespaces() == ["mine"]
        with server.namespace("mine").client() as flow:
            assert tags(flow) == ["gold"]


def test_one_that_no_worker_uses_for_long_is_dropped_for_all(database: str) -> None:
    with (
        MockServer(database=database, namespace_idle=0.2) as one,
        MockServer(database=database, namespace_idle=0.2) as other,
        one.namespace("mine").client() as flow,
    ):
        flow.tag.create("gold")
        ends = time.monotonic() + PATIENCE
        while other.namespaces():
            assert time.monotonic() < ends
        assert tags(flow) == []


def test_tables_of_a_newer_version_are_refused_and_the_server_goes_on(database: str) -> None:
    with MockServer(database=database) as server:
        place = worlds(server).state("mine").sharing
        assert place is not None
        with place.lock:
            place.store._db.write("UPDATE flowkit_state SET version = 1000")

    with (
        MockServer(database=database) as server,
        server.client() as own,
    ):
        answer = server.app.test_client().post("/v1/version/get", headers={HEADER: "mine"})
        assert answer.status_code == 503
        assert "is of version 1000" in answer.text
        assert tags(own) == []


def test_a_worker_that_died_gives_back_what_it_had_in_a_namespace(database: str) -> None:
    dead = ServerState(Settings(database=database))
    state = Namespaces(dead).state("mine")
    assert state.store.claims.take("1/guest/0")
    assert dead.sharing is not None
    presence = dead.sharing._presence
    presence._closed.set()
    assert presence._thread is not None
    presence._thread.join()  # no further sign of life
    dead.sharing.table_sets._read("UPDATE flowkit_workers SET beat = 0")

    with MockServer(database=database) as server:
        found = server.namespace("mine").state.store.claims
        assert found.take("1/guest/0")
    state.close()
    dead.close()


def test_what_a_dropped_one_had_in_a_storage_is_removed(database: str, tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="the extra storage is not installed")
    place = tmp_path / "objects"

    def pieces() -> int:
        return sum(path.is_file() and path.name != "state" for path in place.rglob("*"))

    with MockServer(database=database, storage=f"file://{place}") as server:
        with server.client() as flow:
            upload(flow, "guest")
        kept = pieces()
        assert kept
        with server.namespace("mine").client() as flow:
            upload(flow, "guest")
        assert pieces() > kept

        server.drop("mine")

        assert pieces() == kept
