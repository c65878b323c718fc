"""What is around every view."""

from __future__ import annotations

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
