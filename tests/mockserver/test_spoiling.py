"""Faults by rule in the server: what a client of any kind gets to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import FlowClient, ManualClock, Retry, ServerError
from flowkit_mockserver import MockServer


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
