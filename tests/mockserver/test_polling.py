"""Polls are answered without Flask, byte for byte as with it; what is unusual about a request goes to Flask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from flowkit_mockserver.app import create_app
from flowkit_mockserver.polling import answer_polls
from flowkit_mockserver.settings import Demand
from jobbing import PACE, Bench, bench

JSON = "application/json"


@pytest.fixture
def mock() -> Iterator[Bench]:
    with bench() as made:
        yield made


class Both:
    """Asks an application with, and one without the way past Flask."""

    def __init__(self, mock: Bench) -> None:
        self.reached = 0
        app = create_app(mock.state)
        flask = app.__class__.wsgi_app

        def count(environ: Any, start_response: Any) -> Any:
            self.reached += 1
            return flask(app, environ, start_response)

        self._with = Client(answer_polls(count, mock.state), Response)
        self._without = Client(lambda environ, start: flask(app, environ, start), Response)

    def ask(self, body: bytes, **options: Any) -> tuple[Response, bool]:
        """Return the answer, and whether Flask was reached for it."""
        options = {"content_type": JSON, "data": body, **options}
        expected = self._without.post("/v1/job/query", **options)
        before = self.reached
        answer = self._with.post("/v1/job/query", **options)
        assert answer.get_data() == expected.get_data()
        assert (answer.status, answer.content_type) == (expected.status, expected.content_type)
        assert answer.content_length == expected.content_length
        return answer, self.reached > before


@pytest.mark.parametrize("seconds", [0, PACE, 100 * PACE])
def test_a_poll_is_answered_without_flask(mock: Bench, seconds: float) -> None:
    job_id = mock.submit()
    mock.pass_time(seconds)
    for filters in ({"job_id": job_id}, {"job_id": job_id, "role": "host", "party_id": 7002}):
        answer, reached = Both(mock).ask(json.dumps(filters).encode())
        assert not reached
        assert {row["f_job_id"] for row in json.loads(answer.get_data())["data"]} == {job_id}


def test_a_later_line_answers_as_with_flask() -> None:
    with bench(fate_version="1.11") as mock:
        job_id = mock.submit()
        mock.finish(job_id)
        _, reached = Both(mock).ask(json.dumps({"job_id": job_id}).encode())
        assert not reached


@pytest.mark.parametrize(
    "body",
    [
        b'{"job_id": "20990101000000000000"}', b"{}", b"[]", b"null", b"7", b"{", b"\xff",
        b'{"f_status": ["success"]}', b'{"job_id": null}', b'{"role": true}', b'{"nothing": "1"}',
        b"[" * 200, b'{"job_id": "' + b"1" * 2000 + b'"}',
    ],
)  # fmt: skip
def test_other_bodies_go_to_flask(mock: Bench, body: bytes) -> None:
    mock.submit()
    _, reached = Both(mock).ask(body)
    assert reached


@pytest.mark.parametrize(
    "options",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/json; charset=utf-8"},
        {"query_string": {"a": "1"}},
        {"headers": {"Origin": "http://evil.example"}},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ],
)
def test_other_requests_go_to_flask(mock: Bench, options: dict[str, Any]) -> None:
    _, reached = Both(mock).ask(json.dumps({"job_id": mock.submit()}).encode(), **options)
    assert reached


def test_credentials_and_ordered_failures_are_left_to_flask(mock: Bench) -> None:
    job_id = mock.submit()
    mock.state.faults.fail_requests("job/query", 503, times=2)
    answer, reached = Both(mock).ask(json.dumps({"job_id": job_id}).encode())
    assert (answer.status_code, reached) == (503, True)
    with bench(require_auth=Demand("bearer", "", "s3cret")) as guarded:
        answer, reached = Both(guarded).ask(b'{"job_id": "1"}')
        assert reached


def test_it_is_in_the_journal(mock: Bench) -> None:
    job_id = mock.submit()
    mock.row(job_id)
    (entry,) = mock.state.journal.find("job.query")
    assert (entry.arguments, entry.retcode) == ({"job_id": job_id, "role": "guest"}, 0)


def test_components_are_brought_up_to_date_first(mock: Bench) -> None:
    job_id = mock.submit()
    assert mock.status(job_id) == "waiting"
    mock.pass_time(100 * PACE)
    assert mock.status(job_id) == "success"
