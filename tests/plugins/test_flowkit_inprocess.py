"""A WSGI application answers in place of a server."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from flowkit import FlowClient, hookimpl
from flowkit_inprocess import InProcess

Start = Callable[..., Any]
ENVELOPE = b'{"data":{"exist":1},"retcode":0,"retmsg":"success"}'


class Application:
    """Answers with an envelope, and remembers what it was asked."""

    def __init__(self, body: bytes = ENVELOPE) -> None:
        self.environ: dict[str, Any] = {}
        self.received = b""
        self.body = body

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        self.environ = environ
        self.received = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [self.body]


def client(app: Any, **options: Any) -> FlowClient:
    return FlowClient("http://server.example:8080/gate", plugins=[InProcess(app)], **options)


def test_a_request_arrives_as_over_the_network() -> None:
    app = Application()
    with client(app) as flow:
        reply = flow.table.info("shop", "train")

    assert reply["data"] == {"exist": 1}
    assert app.environ["REQUEST_METHOD"] == "POST"
    assert app.environ["PATH_INFO"] == "/gate/v1/table/table_info"
    assert app.environ["CONTENT_TYPE"].startswith("application/json")
    assert app.environ["HTTP_HOST"] == "server.example:8080"
    assert app.environ["CONTENT_LENGTH"] == str(len(app.received))
    assert b'"shop"' in app.received


def test_what_signs_requests_takes_part() -> None:
    class Signing:
        @hookimpl
        def flowkit_sign(self, request: Any) -> None:
            request.headers["X-Signed"] = "yes"

    app = Application()
    with FlowClient(plugins=[Signing(), InProcess(app)]) as flow:
        flow.table.info("shop", "train")

    assert app.environ["HTTP_X_SIGNED"] == "yes"


def test_an_upload_is_streamed_and_its_progress_told(tmp_path: Any) -> None:
    path = tmp_path / "big.csv"
    path.write_bytes(b"1,a\n" * 100_000)
    seen: list[tuple[int, int]] = []

    class Watching:
        @hookimpl
        def flowkit_transferred(self, done: int, total: int) -> None:
            seen.append((done, total))

    reads: list[int] = []

    def app(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        body: io.RawIOBase = environ["wsgi.input"]
        while piece := body.read(10_000):
            reads.append(len(piece))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"retcode":0,"retmsg":"success","data":{},"jobId":"1"}']

    conf = {
        "file": str(path),
        "head": 0,
        "partition": 1,
        "work_mode": 0,
        "namespace": "n",
        "table_name": "t",
    }
    with FlowClient(plugins=[Watching(), InProcess(app)]) as flow:
        flow.data.upload(conf)

    assert max(reads) <= 10_000
    assert sum(reads) == seen[-1][0] == seen[-1][1] > 400_000
    assert len(seen) > 1


def test_the_application_is_told_when_its_answer_has_been_read() -> None:
    closed: list[bool] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield ENVELOPE

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Start) -> Body:
        start_response("200 OK", [])
        return Body()

    with client(app) as flow:
        flow.table.info("shop", "train")

    assert closed == [True]


def test_an_application_may_start_its_answer_late() -> None:
    def app(environ: dict[str, Any], start_response: Start) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        yield ENVELOPE

    with client(app) as flow:
        assert flow.table.info("shop", "train")["retcode"] == 0


def test_by_name_it_brings_a_mock_server_of_its_own() -> None:
    pytest.importorskip("flask")
    with FlowClient(plugins=[InProcess()]) as flow:
        assert flow.table.info("shop", "train")["data"]["exist"] == 0
