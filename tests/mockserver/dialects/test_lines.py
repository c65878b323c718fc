"""A version finds its dialect; a line that is added needs one entry."""

from __future__ import annotations

import pytest

import flowkit.servers
from flowkit.servers import LINES, ServerLine
from flowkit_mockserver import MockServer
from flowkit_mockserver.dialects import DEFAULT, dialect_of, lines, routes


def test_a_version_says_what_it_is() -> None:
    assert dialect_of("1.11.4").fate_version == "1.11.4"
    assert dialect_of("1.11").fate_version == "1.11.4"
    assert dialect_of("1.11").flow_version == "1.11.2"
    assert dialect_of(DEFAULT).fate_version == "1.6.1"


@pytest.mark.parametrize(
    ("line", "own_project", "as_repr", "dates"),
    [
        ("1.5", False, False, "rfc"),
        ("1.6", False, False, "rfc"),
        ("1.7", True, False, "iso"),
        ("1.8", True, False, "iso"),
        ("1.9", True, True, "iso"),
        ("1.10", True, True, "iso"),
        ("1.11", True, True, "iso"),
    ],
)
def test_what_a_line_changed_holds_for_those_after_it(
    line: str, own_project: bool, as_repr: bool, dates: str
) -> None:
    dialect = dialect_of(line)
    assert (dialect.own_project, dialect.exceptions_as_repr, dialect.dates) == (
        own_project,
        as_repr,
        dates,
    )


def test_a_line_with_a_moved_route_is_added_by_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    added = ServerLine("1.12", ("1.12.0",), ("1.12.0",), {"POST /job/report": "/job/task/report"})
    for module in (flowkit.servers, lines, routes):
        monkeypatch.setattr(module, "LINES", (*LINES, added))
    with MockServer(fate_version="1.12") as mock:
        client = mock.app.test_client()
        moved = client.post("/v1/job/task/report", json={"job_id": "1"}).get_json()
        former = client.post("/v1/job/report", json={"job_id": "1"}).get_json()
        version = client.post("/v1/version/get", json={}).get_json()
    assert moved == {"retcode": 101, "retmsg": "find task failed"}
    assert former == {"retcode": 100, "retmsg": "<NotFound '404: Not Found'>"}
    assert version["data"]["FATE"] == "1.12.0"
