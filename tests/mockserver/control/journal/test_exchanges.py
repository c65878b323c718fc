"""What the application answers is noted, and why it refused is said in a header."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from flowkit_mockserver.control.journal.exchanges import HINT, TEST


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()


def test_a_request_is_noted_with_its_outcome(mock: MockServer, http: FlaskClient) -> None:
    http.post("/v1/job/stop", json={"job_id": "1"}, headers={TEST: "tests/test_a.py::test_b"})

    (entry,) = mock.requests("job.stop")

    assert entry.arguments == {"job_id": "1"}
    assert entry.test == "tests/test_a.py::test_b"
    assert (entry.status, entry.retcode, entry.retmsg) == (200, 102, "can not found job")
    assert 0 < entry.duration < 60
    assert entry.hint == "this server, or namespace, has no jobs yet"


def test_an_upload_is_noted_with_the_name_of_its_file(mock: MockServer, http: FlaskClient) -> None:
    conf = {"head": 1, "partition": 1, "namespace": "n", "table_name": "t", "file": "a.csv"}
    http.post(
        "/v1/data/upload",
        query_string=conf,
        data={"file": (io.BytesIO(b"id,x\n1,2\n"), "a.csv")},
    )

    (entry,) = mock.requests("data.upload")

    assert entry.arguments["file"] == "a.csv"
    assert entry.arguments["table_name"] == "t"


def test_a_failure_that_was_ordered_is_noted(mock: MockServer, http: FlaskClient) -> None:
    mock.refuse("job/*", 503)
    answer = http.post("/v1/job/query", json={})

    (entry,) = mock.requests(status=503)

    assert entry.operation == "job.query"
    assert answer.headers[HINT] == entry.hint
    assert "ordered" in str(entry.hint)


def test_what_was_done_has_no_hint(http: FlaskClient) -> None:
    assert HINT not in http.post("/v1/version/get", json={}).headers


def test_the_control_api_is_not_noted(mock: MockServer, http: FlaskClient) -> None:
    http.get("/_flowkit")
    http.get("/_flowkit/journal")

    assert mock.requests() == []


def test_a_path_that_is_not_there_is_noted_and_one_that_is_suggested(
    mock: MockServer, http: FlaskClient
) -> None:
    answer = http.post("/job/submit", json={})

    assert answer.headers[HINT] == "there is no POST /job/submit; did you mean POST /v1/job/submit?"
    assert mock.requests()[0].hint == answer.headers[HINT]


def test_a_large_body_is_not_kept(mock: MockServer, http: FlaskClient) -> None:
    http.post("/v1/job/query", json={"job_id": "x" * 100_000})

    assert mock.requests()[0].arguments == {}


def test_what_a_client_asks_is_noted(mock: MockServer) -> None:
    with mock.client() as flow:
        flow.tag.create("gold")

    (entry,) = mock.requests("tag.create")
    assert (entry.refused, entry.arguments) == (False, {"tag_name": "gold"})
