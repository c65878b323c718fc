"""Hints: what a terse refusal means."""

from __future__ import annotations

import pytest

from flowkit_mockserver.control.journal.hints import Refused, hint_for

ROUTES = ["GET /v1/job/log", "POST /v1/job/query", "POST /v1/job/submit"]
PAGE = "<!doctype html>\n<html>"


def refused(
    text: str,
    *,
    path: str = "/v1/job/submit",
    method: str = "POST",
    status: int = 200,
    content_type: str = "application/json",
    jobs: tuple[str, ...] = (),
) -> Refused:
    return Refused(
        method, path, content_type, status, text, routes=lambda: ROUTES, jobs=lambda: list(jobs)
    )


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (
            refused("'NoneType' object has no attribute 'get'", content_type="text/plain"),
            "the body was not read, because its content type is text/plain: send application/json",
        ),
        (
            refused("'NoneType' object has no attribute 'get'"),
            "the body was empty, null, or no JSON object; send one with content type application/json",
        ),
        (refused("'job_id'"), "the argument job_id is missing"),
        (
            refused("can not found job", jobs=("9", "8", "7", "6")),
            "no job has that job_id; there are 4, the newest are: 9, 8, 7",
        ),
        (refused("can not found job"), "this server, or namespace, has no jobs yet"),
        (
            refused(PAGE, status=405, method="GET"),
            "/v1/job/submit takes POST, not GET",
        ),
        (
            refused(PAGE, status=404, path="/v1/job/sumbit"),
            "there is no POST /v1/job/sumbit; did you mean POST /v1/job/submit?",
        ),
        (
            refused(PAGE, status=404, path="/job/query"),
            "there is no POST /job/query; did you mean POST /v1/job/query?",
        ),
        (refused(PAGE, status=404, path="/x"), "there is no POST /x"),
        (refused(PAGE, status=400), "the body is not JSON, though its content type says so"),
        (
            refused("no data"),
            "this party has no such data of the component; another component or party may have some",
        ),
        (refused("required parameters are missing: model_id"), None),
    ],
)
def test_a_refusal_is_explained(asked: Refused, hint: str | None) -> None:
    assert hint_for(asked) == hint
