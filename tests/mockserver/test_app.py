"""The application as a whole: what surrounds every view."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer, create_app
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import error_response, success
from flowkit_mockserver.wire.dispatch import wrap_view


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer() as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/job/query", "/v1//job/query", "/v1/job/query/", "/job/query"]
)
def test_an_unknown_path_is_a_page_not_found(http: FlaskClient, path: str) -> None:
    answer = http.post(path, json={})

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_wrong_method_is_a_page_too(http: FlaskClient) -> None:
    assert http.put("/v1/job/query", json={}).status_code == 405
    assert http.options("/v1/job/query").status_code == 200


def test_a_malformed_body_is_a_page_too(http: FlaskClient) -> None:
    answer = http.post("/v1/job/query", data="{", content_type="application/json")

    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


def test_an_application_can_be_made_without_a_server() -> None:
    app = create_app()

    answer = app.test_client().post("/v1/version/get", json={"module": "FATE"})

    assert answer.json == {"data": {"FATE": "1.6.1"}, "retcode": 0, "retmsg": "success"}


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (KeyError("name"), 200, {"retcode": 100, "retmsg": "'name'"}),
        (ValueError("no"), 200, {"retcode": 100, "retmsg": "no"}),
        (Refusal("none", 101, data={}), 200, {"data": {}, "retcode": 101, "retmsg": "none"}),
        (Refusal("x", 0, job_id="1"), 200, {"jobId": "1", "retcode": 0, "retmsg": "x"}),
        (HttpRefusal(210, "no data"), 210, {"retcode": 210, "retmsg": "no data"}),
    ],
)
def test_an_exception_becomes_an_answer(
    error: Exception, status: int, body: dict[str, object]
) -> None:
    app = Flask("raising")

    def view() -> object:
        raise error

    with MockServer() as mock:
        app.extensions.update(mock.app.extensions)
        app.add_url_rule(
            "/x", view_func=wrap_view(view, crash=lambda e: success(retcode=100, retmsg=str(e)))
        )
        answer = app.test_client().get("/x")

    assert (answer.status_code, answer.json) == (status, body)


def test_a_view_that_returns_nothing_answers_as_the_real_server() -> None:
    app = Flask("silent")
    with MockServer() as mock:
        app.extensions.update(mock.app.extensions)
        view = wrap_view(lambda: None, crash=lambda e: error_response(500, str(e)))
        app.add_url_rule("/x", "x", view)
        answer = app.test_client().get("/x")

    assert answer.json is not None
    assert answer.json["retcode"] == 100
    assert "did not return a valid response" in answer.json["retmsg"]
