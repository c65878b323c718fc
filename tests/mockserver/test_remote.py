"""A mock server in another process as an object."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit import FlowError
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.journal.journal import Entry
from flowkit_mockserver.control.verbs import VERBS
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


def test_a_world_is_taken_brought_back_compared_and_copied(remote: RemoteMock) -> None:
    with remote.client() as flow:
        flow.tag.create("first")
        before = remote.snapshot()
        flow.tag.create("second")
        assert "second" in str(remote.diff(before))
        remote.restore(before)
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["first"]
    with remote.namespace("seeded") as seeded, seeded.client() as flow:
        flow.tag.create("third")
        with seeded.fork("copy") as copy, copy.client() as other:
            other.tag.create("fourth")
            assert len(other.tag.list().data["tags"]) == 2
        assert len(flow.tag.list().data["tags"]) == 1


def test_what_is_wrong_is_said(remote: RemoteMock) -> None:
    with pytest.raises(ValueError, match="seconds"):
        remote.advance(-1)
    with pytest.raises(ValueError, match="secunds"):
        remote.advance(1, secunds=1)
    with pytest.raises(TypeError, match="advance takes"):
        remote.advance(*range(10))


def test_a_server_that_is_gone_is_said_so() -> None:
    with MockServer(port=0) as mock:
        url = mock.url
    with pytest.raises(FlowError, match="does not answer"):
        RemoteMock(url).status()
