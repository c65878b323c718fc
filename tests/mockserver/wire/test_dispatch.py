"""What is around every view."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask

from flowkit_mockserver import MockServer
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import error_response, success
from flowkit_mockserver.wire.dispatch import wrap_view


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


def test_what_a_request_is_to_blame_for_is_logged_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with MockServer() as mock:
        http = mock.app.test_client()
        http.post("/v1/job/submit", json=["a\nb"])
        http.post("/v1/job/query", json={})

    (record,) = caplog.records
    assert record.getMessage().startswith("POST '/v1/job/submit': AttributeError: ")
    assert "\n" not in record.getMessage()
    assert not record.exc_info


@pytest.mark.parametrize("path", ["job/submit", "component/validate", "data/upload", "job/log"])
def test_nested_json_is_a_refusal_everywhere(path: str) -> None:
    method = "GET" if path == "job/log" else "POST"
    with MockServer() as mock:
        answer = mock.app.test_client().open(
            f"/v1/{path}", method=method, data=b"[" * 50_000, content_type="application/json"
        )

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["retcode"] == 100


def test_a_name_that_no_database_takes_is_refused_and_does_no_harm(tmp_path: Path) -> None:
    with MockServer(data=tmp_path) as mock:
        http = mock.app.test_client()
        query = "%7B%22namespace%22:%22%5Cud800%22,%22table_name%22:%22t%22%7D"

        refused = http.post(f"/v1/data/upload?{query}", data={"file": (io.BytesIO(b"1"), "a")})
        tag = http.post("/v1/model/tag/create", json={"tag_name": "\ud800"})

        assert refused.json is not None
        assert "surrogates not allowed" in refused.json["retmsg"]
        assert tag.json is not None
        assert "surrogates not allowed" in tag.json["retmsg"]
        assert http.post("/v1/version/get", json={}).status_code == 200
