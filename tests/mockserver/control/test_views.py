"""The mock's own API below /_flowkit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from flowkit_mockserver.components.core.interface import TableData


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(pace="manual", seed=7) as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()


def test_the_state_can_be_looked_at(http: FlaskClient) -> None:
    answer = http.get("/_flowkit").json

    assert answer is not None
    assert answer["data"]["pace"] == "manual"
    assert answer["data"]["seed"] == 7
    assert answer["data"]["jobs"] == 0


def test_time_can_be_moved(http: FlaskClient, mock: MockServer) -> None:
    start = mock.state.clock.now()

    answer = http.post("/_flowkit/advance", json={"seconds": 60}).json

    assert answer is not None
    assert answer["data"]["now"] == mock.state.clock.now() == start + 60


def test_everything_can_be_forgotten(http: FlaskClient, mock: MockServer) -> None:
    mock.state.tables.put(TableData("text", {}, []), "n", "t")

    assert http.post("/_flowkit/reset", json={}).status_code == 200
    assert len(mock.state.tables) == 0


def test_requests_can_be_made_to_fail(http: FlaskClient) -> None:
    http.post("/_flowkit/refuse", json={"path": "version/*", "status": 503, "retry_after": "1"})

    first = http.post("/v1/version/get", json={})
    second = http.post("/v1/version/get", json={})

    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    assert second.status_code == 200


def test_a_component_can_be_made_to_fail(mock: MockServer, http: FlaskClient) -> None:
    assert (
        http.post("/_flowkit/fail", json={"component": "lr_0", "message": "x"}).status_code == 200
    )
    answer = http.post("/_flowkit/reset", json={}).json
    assert answer is not None
    assert answer["data"] == ["fail lr_0: x"]


def test_rules_can_be_added(mock: MockServer, http: FlaskClient) -> None:
    rules = {"rules": [{"fault": "answer", "path": "version/*", "status": 418, "times": 1}]}

    assert http.post("/_flowkit/rules", json={"rules": rules}).status_code == 200
    assert http.post("/v1/version/get", json={}).status_code == 418
    assert http.post("/v1/version/get", json={}).status_code == 200

    refused = http.post("/_flowkit/rules", json={"rules": {"rules": [{"fault": "flood"}]}})
    assert refused.status_code == 400
    assert refused.json is not None
    assert "the rules, rule 1: 'flood' is not a fault" in refused.json["retmsg"]


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("advance", {}, "seconds is missing"),
        ("advance", {"seconds": -1}, "must not be negative"),
        ("advance", {"seconds": "soon"}, "seconds must be a number"),
        ("advance", {"seconds": True}, "seconds must be a number"),
        ("advance", {"seconds": float("inf")}, "beyond the year 9999"),
        ("advance", {"seconds": float("nan")}, "must not be negative"),
        ("advance", {"seconds": 10**400}, "beyond the year 9999"),
        ("advance", {"seconds": 1, "minutes": 1}, "minutes is unknown"),
        ("fail", {"component": ["lr_0"], "message": "x"}, "component must be a text"),
        ("fail", {"component": "lr_0", "message": {}}, "message must be a text"),
        (
            "fail",
            {"component": "lr_0", "message": "x", "role": 1},
            "role must be one of guest, host",
        ),
        ("fail", {"component": "lr_0", "message": "x", "party_id": []}, "party_id must be"),
        ("fail", {"component": "lr_0", "message": "x", "times": "2"}, "times must be a number"),
        ("fail", {"component": "lr_0", "message": "x", "times": 0}, "times must be a number"),
        ("fail", {"component": "lr_0", "message": "\ud800"}, "surrogates not allowed"),
        ("refuse", {"path": 1}, "path must be a text"),
        ("refuse", {"status": "503"}, "status must be a number"),
        ("refuse", {"status": 100}, "status must be a number"),
        ("refuse", {"times": 1.5}, "times must be a number"),
        ("refuse", {"retry_after": "1\r\nX: y"}, "retry_after must be a text"),
        ("refuse", {"retry_after": 1}, "retry_after must be a text"),
        ("pace", {"pace": 10**400}, "pace must be"),
        ("reset", {"all": True}, "all is unknown"),
        ("fail", {"component": "lr_0"}, "message is missing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    http: FlaskClient, path: str, body: dict[str, object], why: str
) -> None:
    answer = http.post(f"/_flowkit/{path}", json=body)

    assert answer.status_code == 400
    assert answer.json is not None
    assert why in answer.json["retmsg"]


def test_a_refusal_shows_no_more_than_the_beginning_of_what_was_sent(http: FlaskClient) -> None:
    answer = http.post("/_flowkit/journal/assert", json={"operation": "x" * 100_000})

    assert answer.status_code == 400
    assert len(answer.data) < 5000


@pytest.mark.parametrize("seconds", [float("inf"), -1, 10**400, "1"])
def test_time_that_makes_no_sense_changes_nothing(
    http: FlaskClient, mock: MockServer, seconds: object
) -> None:
    start = mock.state.clock.now()

    http.post("/_flowkit/advance", json={"seconds": seconds})

    assert mock.state.clock.now() == start
    assert http.post("/v1/version/get", json={}).status_code == 200
    assert http.post("/_flowkit/reset", json={}).status_code == 200


def test_a_page_of_another_site_is_refused(http: FlaskClient) -> None:
    headers = {"Origin": "http://evil.example"}

    assert http.post("/_flowkit/reset", json={}, headers=headers).status_code == 403


def test_what_went_wrong_with_the_state_does_not_keep_one_from_starting_over(
    http: FlaskClient, mock: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(now: int) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(mock.state.jobs.scheduler, "idle", broken)

    assert http.post("/_flowkit/reset", json={}).status_code == 200
    assert http.get("/_flowkit").status_code == 200


def test_a_form_of_a_web_page_is_refused(http: FlaskClient, mock: MockServer) -> None:
    mock.state.tables.put(TableData("text", {}, []), "n", "t")

    assert http.post("/_flowkit/reset", data="{}", content_type="text/plain").status_code == 400
    assert len(mock.state.tables) == 1


@pytest.mark.parametrize(
    ("remote", "host"), [("10.0.0.9", "localhost"), ("127.0.0.1", "evil.example:9380")]
)
def test_only_this_machine_is_answered(http: FlaskClient, remote: str, host: str) -> None:
    answer = http.get("/_flowkit", environ_overrides={"REMOTE_ADDR": remote, "HTTP_HOST": host})

    assert answer.status_code == 403
