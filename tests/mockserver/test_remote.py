"""A mock server in another process as an object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from urllib3.util import connection

from flowkit import FlowError, PluginError, Retry, ServerError
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.events import Happening
from flowkit_mockserver.control.journal.entries import Entry
from flowkit_mockserver.control.verbs import VERBS
from flowkit_mockserver.faults import UnmatchedFault
from flowkit_mockserver.remote import RemoteMock


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(port=0, pace="manual") as mock:
        yield mock


@pytest.fixture
def remote(server: MockServer) -> Iterator[RemoteMock]:
    with MockServer.connect(server.url) as found:
        yield found


def test_every_verb_is_a_method(remote: RemoteMock) -> None:
    for verb in VERBS:
        assert callable(getattr(remote, verb.name))
    with pytest.raises(AttributeError, match="no verb 'advence'; did you mean 'advance'"):
        remote.advence(3)
    with pytest.raises(AttributeError, match="a process of its own here: flowkit mock --own-party"):
        remote.for_party(10000)


def test_it_does_what_the_server_does(remote: RemoteMock, server: MockServer) -> None:
    before = server.state.clock.now()
    remote.advance(60)
    assert server.state.clock.now() == before + 60
    with remote.client() as flow:
        flow.tag.create("first")
    (entry,) = remote.requests("tag.*", refused=False, last=1)
    assert isinstance(entry, Entry)
    assert (entry.operation, entry.test) == (
        "tag.create",
        "tests/mockserver/test_remote.py::test_it_does_what_the_server_does",
    )
    remote.assert_called("tag.create", times=1)
    with pytest.raises(AssertionError, match=r"tag\.create"):
        remote.assert_called("tag.create", times=2)
    remote.reset()
    with remote.client() as flow:
        assert flow.tag.list().data["tags"] == []


def test_a_namespace_is_dropped_in_the_end(remote: RemoteMock, server: MockServer) -> None:
    with remote.namespace("mine") as mine, mine.client() as flow:
        flow.tag.create("first")
        assert remote.namespaces() == ["mine"]
        with remote.client() as other:
            assert other.tag.list().data["tags"] == []
    assert remote.namespaces() == []
    with pytest.raises(ValueError, match="name of a namespace"):
        remote.namespace("a/b")
    with pytest.raises(ValueError, match="name of a namespace"):
        remote.drop("a/b")


def test_a_namespace_in_a_database_is_dropped_in_the_end(database: str) -> None:
    with MockServer(port=0, database=database) as server, server.connect(server.url) as remote:
        with remote.namespace("mine") as mine, mine.client() as flow:
            flow.tag.create("first")
            with mine.fork("copy") as copy, copy.client() as other:
                assert [tag["name"] for tag in other.tag.list().data["tags"]] == ["first"]
            assert remote.namespaces() == ["mine"]
            mine.fork("itself")
        assert remote.namespace("itself").drop("itself") is True
        with remote.namespace("untouched"):
            pass
        assert remote.namespaces() == []


def test_namespaces_use_the_connections_of_their_server_one_after_the_other(
    remote: RemoteMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    connect = connection.create_connection

    def count(*args: Any, **options: Any) -> Any:
        made.append(args)
        return connect(*args, **options)

    monkeypatch.setattr(connection, "create_connection", count)
    for name in ("one", "two"):
        with remote.namespace(name) as mock:
            assert mock.status()["unmatched"] == []
    assert remote.namespaces() == []
    assert len(made) == 1


def test_a_world_is_taken_brought_back_compared_and_copied(remote: RemoteMock) -> None:
    with remote.client() as flow:
        flow.tag.create("first")
        before = remote.snapshot()
        flow.tag.create("second")
        changes = remote.diff(before)
        assert str(changes) == "tag second added"
        assert changes.of("tag", "added") == ["second"]
        remote.restore(before)
        assert not remote.diff(before)
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["first"]
    with remote.namespace("seeded") as seeded, seeded.client() as flow:
        flow.tag.create("third")
        with seeded.fork("copy") as copy, copy.client() as other:
            other.tag.create("fourth")
            assert len(other.tag.list().data["tags"]) == 2
        assert len(flow.tag.list().data["tags"]) == 1


def test_snapshots_and_rules_are_taken_from_files_of_this_machine(
    remote: RemoteMock, tmp_path: Path
) -> None:
    earlier, rules = tmp_path / "earlier.json", tmp_path / "rules.json"
    remote.snapshot().save(earlier)
    with remote.client(retry=Retry(attempts=1)) as flow:
        flow.tag.create("first")
        assert str(remote.diff(str(earlier), remote.snapshot())) == "tag first added"
        rules.write_text('{"rules": [{"fault": "answer", "operation": "tag.*", "status": 503}]}')
        remote.add_rules(rules)
        with pytest.raises(ServerError, match="503"):
            flow.tag.list()
    rules.write_text('{"stages": [{"secunds": 1}]}')
    with pytest.raises(PluginError, match=r"rules\.json.*secunds"):
        remote.add_rules(str(rules))


def test_what_comes_next_is_as_in_the_process_of_the_server(remote: RemoteMock) -> None:
    with remote.client() as flow:
        job_id = flow.data.upload(
            {"namespace": "shop", "table_name": "t", "head": 1, "partition": 1, "work_mode": 0},
            file=b"id,x\na,1\n",
        ).job_id
        happened = remote.advance_to_next_event()
        assert isinstance(happened, Happening)
        assert happened.changes[-1].job_id == job_id
        while happened := remote.advance_to_next_event():
            last = happened
        assert (last.changes[-1].before, last.changes[-1].after) == ("running", "success")


def test_what_was_ordered_in_vain_is_a_warning(remote: RemoteMock) -> None:
    remote.fail("typo_0", "not enough memory")
    with pytest.warns(UnmatchedFault, match="fail typo_0: not enough memory"):
        assert remote.reset() == ["fail typo_0: not enough memory"]
    with (
        pytest.warns(UnmatchedFault, match="fail typo_1: not enough memory"),
        remote.namespace("mine") as mine,
    ):
        mine.fail("typo_1", "not enough memory")


def test_what_is_wrong_is_said(remote: RemoteMock) -> None:
    with pytest.raises(ValueError, match="seconds"):
        remote.advance(-1)
    with pytest.raises(ValueError, match="secunds"):
        remote.advance(1, secunds=1)
    with pytest.raises(TypeError, match="advance takes"):
        remote.advance(*range(10))


@pytest.mark.parametrize("url", ["127.0.0.1:9380", "ftp://mock.example", ""])
def test_an_address_that_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with http:// or https://"):
        MockServer.connect(url)


def test_a_server_that_is_gone_is_said_so() -> None:
    with MockServer(port=0) as mock:
        url = mock.url
    with pytest.raises(FlowError, match="does not answer"):
        RemoteMock(url).status()
