"""The application as a whole: what surrounds every view."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer, create_app


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
