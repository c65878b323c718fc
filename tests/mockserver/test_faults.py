"""Failures on demand, of components and of requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowkit import FlowClient, ManualClock, Retry, ServerError
from flowkit_mockserver import MockServer
from flowkit_mockserver.faults import Faults
from flowkit_mockserver.party import Party

GUEST, HOST = Party("guest", "7001"), Party("host", "7002")
PARTIES = [HOST, GUEST]


def test_a_fault_hits_the_paths_of_its_pattern_as_often_as_ordered() -> None:
    faults = Faults()
    faults.fail_requests("job/*", 502, times=2)

    assert faults.take_request("table/table_info") is None
    hits = [faults.take_request(f"job/{name}") for name in ("query", "submit", "query")]
    assert [hit and hit.status for hit in hits] == [502, 502, None]
    assert len(faults) == 0


def test_a_fault_without_a_number_hits_until_it_is_cleared() -> None:
    faults = Faults()
    faults.fail_requests(times=None)

    assert all(faults.take_request("job/query") for _ in range(5))
    faults.clear()
    assert faults.take_request("job/query") is None


def test_a_component_nobody_ordered_to_fail_does_not() -> None:
    assert Faults().take_component("lr_0", PARTIES) is None


def test_it_fails_on_the_first_party_unless_one_is_named() -> None:
    faults = Faults()
    faults.fail_component("lr_0", "no memory")
    faults.fail_component("dataio_0", "no label", role="guest")

    assert faults.take_component("lr_0", PARTIES) == (HOST, "no memory")
    assert faults.take_component("dataio_0", PARTIES) == (GUEST, "no label")
    assert faults.take_component("dataio_0", [HOST]) is None


def test_a_component_fails_as_often_as_ordered() -> None:
    faults = Faults()
    faults.fail_component("lr_0", "no memory", party_id=7001, times=2)

    assert [faults.take_component("lr_0", PARTIES) is None for _ in range(3)] == [
        False,
        False,
        True,
    ]


# Rule files, as a client of any kind sees them


def mock(tmp_path: Path, rule: str, clock: ManualClock | None = None) -> MockServer:
    path = tmp_path / "faults.toml"
    path.write_text(f"[[rules]]\n{rule}\n")
    return MockServer(fault_rules=path, clock=clock)


def once(server: MockServer) -> FlowClient:
    return server.client(retry=Retry(attempts=1))


def test_an_answer_may_be_another_and_only_so_often(tmp_path: Path) -> None:
    rule = 'fault = "answer"\noperation = "tag.*"\nstatus = 502\ntimes = 1'
    with mock(tmp_path, rule) as server, once(server) as flow:
        assert flow.queue.clean().ok
        with pytest.raises(ServerError, match="HTTP 502"):
            flow.tag.list()
        assert flow.tag.list().ok


@pytest.mark.parametrize(("fault", "status", "done"), [("refuse", 503, 0), ("reset", 502, 1)])
def test_what_is_refused_is_not_carried_out_and_what_is_reset_is(
    tmp_path: Path, fault: str, status: int, done: int
) -> None:
    rule = f'fault = "{fault}"\npath = "model/tag/create"'
    with mock(tmp_path, rule) as server, once(server) as flow:
        with pytest.raises(ServerError, match=f"HTTP {status}"):
            flow.tag.create("gold")
        assert len(flow.tag.list().data["tags"]) == done


def test_a_delay_passes_on_the_servers_clock(tmp_path: Path) -> None:
    clock = ManualClock()
    with mock(tmp_path, 'fault = "delay"\nseconds = 3', clock) as server, once(server) as flow:
        before = clock.now()
        flow.tag.list()
        assert clock.now() - before == 3


@pytest.mark.parametrize("fault", ["truncate", "corrupt"])
def test_an_answer_may_come_damaged(tmp_path: Path, fault: str) -> None:
    rule = f'fault = "{fault}"\nkeep = 0.5\nbytes = 60'
    with mock(tmp_path, rule) as server, once(server) as flow, pytest.raises(ServerError):
        flow.tag.list()


def test_what_was_ordered_can_be_told_to_another_server() -> None:
    one, other = Faults(), Faults()
    one.fail_component("lr_0", "no", role="host", party_id=7, times=2)
    one.fail_requests("job/*", 502, times=None, retry_after="1")
    other.fail_component("old", "gone")

    other.load(json.loads(json.dumps(one.to_document())))

    assert other.components == one.components
    assert other.requests == one.requests
    assert other.take_component("lr_0", [Party("host", "7")]) == (Party("host", "7"), "no")


def test_what_has_hit_nothing_is_listed_without_secrets() -> None:
    faults = Faults()
    faults.fail_component("lr_0", "no access with password=hunter2")

    assert faults.unmatched() == ["fail lr_0: no access with password=***"]
