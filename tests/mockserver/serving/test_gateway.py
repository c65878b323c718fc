"""Bodies are taken in before a thread is, within limits; answers are sent at the pace of their client."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowkit_mockserver.serving.gateway import IN_MEMORY, BodyLimits, Gateway
from flowkit_mockserver.serving.privilege import Privilege
from flowkit_mockserver.state import ServerState

LIMITS = BodyLimits(json_bytes=4 * IN_MEMORY, upload_bytes=8 * IN_MEMORY)
JSON = [(b"content-type", b"application/json")]


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "http_version": "1.1",
        "raw_path": b"/v1/job/%C3%A9",
        "query_string": b"a=b",
        "server": ("127.0.0.1", 9380),
        "client": ("127.0.0.1", 4711),
        "headers": list(headers),
    }


def exchange(
    gateway: Gateway, request: dict[str, Any], pieces: Iterable[bytes | None]
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send a body in pieces; None is a client that leaves, and after the last one there is silence."""
    sent: list[dict[str, Any]] = []
    waiting = list(pieces)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        piece = waiting.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {
            "type": "http.request",
            "body": piece.removesuffix(b"|"),
            "more_body": piece[-1:] == b"|",
        }

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(gateway(request, receive, send))  # type: ignore[arg-type]
    if not sent:
        return 0, {}, b""
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), body


def echo(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("210 <none>", [("Content-Type", "text/plain")])
    return [body[:20], str(len(body)).encode()]


def test_a_request_reaches_the_application_as_it_came(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    def app(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return [b"x"]

    exchange(
        Gateway(app, LIMITS, tmp_path),
        scope(*JSON, (b"app_key", b"k"), (b"x", b"1"), (b"x", b"2")),
        [b"{}"],
    )

    assert seen["PATH_INFO"] == "/v1/job/é".encode().decode("latin-1")
    assert seen["QUERY_STRING"] == "a=b"
    assert seen["CONTENT_TYPE"] == "application/json"
    assert seen["HTTP_APP_KEY"] == "k"
    assert seen["HTTP_X"] == "1,2"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"


def test_nothing_of_the_environment_becomes_a_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_APP_KEY", "secret")
    seen: dict[str, Any] = {}

    def app(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return []

    exchange(Gateway(app, LIMITS, tmp_path), scope(), [b""])

    assert "HTTP_APP_KEY" not in seen
    assert not set(os.environ) & set(seen)


def test_a_body_is_whole_when_the_application_sees_it(tmp_path: Path) -> None:
    gateway = Gateway(echo, LIMITS, tmp_path)

    assert exchange(gateway, scope(*JSON), [b"{|", b'"a":|', b"1}"])[::2] == (210, b'{"a":1}7')


def test_a_large_body_goes_to_the_disk_and_leaves_nothing_there(tmp_path: Path) -> None:
    gateway = Gateway(echo, LIMITS, tmp_path)
    pieces = [b"x" * (IN_MEMORY // 2) + b"|"] * 5 + [b"y"]

    _, _, body = exchange(gateway, scope(*JSON), pieces)

    assert body == b"x" * 20 + str(5 * (IN_MEMORY // 2) + 1).encode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "pieces", "status"),
    [
        ([(b"content-length", b"999999999")], [b""], 413),
        ([], [b"x" * IN_MEMORY + b"|"] * 5, 413),
        ([], [b"{|"], 408),
        ([], [None], 0),
        ([(b"content-length", b"99999999999999999999999")], [b""], 413),
    ],
)
def test_a_body_has_limits_of_size_and_time(
    tmp_path: Path, headers: Any, pieces: list[bytes | None], status: int
) -> None:
    limits = BodyLimits(LIMITS.json_bytes, LIMITS.upload_bytes, silence=0.02)

    denied: list[tuple[str, int, bytes]] = []

    def note(environ: Any, status: int, answer: bytes, seconds: float) -> None:
        assert seconds >= 0
        denied.append((environ["PATH_INFO"], status, answer))

    gateway = Gateway(echo, limits, tmp_path, denied=note)

    code, fields, body = exchange(gateway, scope(*JSON, *headers), pieces)

    assert code == status
    path = "/v1/job/é".encode().decode("latin-1")
    assert denied == ([(path, status, body)] if code else [])
    if code:
        assert fields[b"connection"] == b"close"
        assert json.loads(body)["retcode"] == status


def test_a_body_that_drips_is_given_up(tmp_path: Path) -> None:
    limits = BodyLimits(LIMITS.json_bytes, LIMITS.upload_bytes, json_time=-1)

    assert exchange(Gateway(echo, limits, tmp_path), scope(*JSON), [b"{|", b"}"])[0] == 408


def test_a_large_body_is_not_stored_for_a_client_that_is_refused(tmp_path: Path) -> None:
    def refusal(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("401 Unauthorized", [])
        return [b"no"]

    gateway = Gateway(echo, LIMITS, tmp_path, refuse_head=lambda environ: refusal)
    pieces = [b"x" * IN_MEMORY + b"|"] * 3

    assert exchange(gateway, scope(*JSON), pieces)[::2] == (401, b"no")


def test_an_answer_in_pieces_is_sent_and_closed(tmp_path: Path) -> None:
    closed: list[bool] = []

    def app(environ: Any, start_response: Callable[..., Any]) -> Iterator[bytes]:
        try:
            start_response("200 OK", [("Content-Length", "3")])
            yield from (b"a", b"b", b"c")
        finally:
            closed.append(True)

    status, headers, body = exchange(Gateway(app, LIMITS, tmp_path), scope(), [b""])

    assert (status, headers[b"content-length"], body) == (200, b"3", b"abc")
    assert closed == [True]


def test_a_quick_question_is_answered_at_once_and_its_privilege_given_back(tmp_path: Path) -> None:
    class Quick(Privilege):
        def take(self, path: str, body: bytes) -> Callable[[], None]:
            return lambda: done.append(f"{path} {body!r}")

    done: list[str] = []
    state = ServerState()
    gateway = Gateway(echo, LIMITS, tmp_path, privilege=Quick(state))

    assert exchange(gateway, scope(*JSON), [b"{}"])[0] == 210
    assert done == ["/v1/job/é".encode().decode("latin-1") + " b'{}'"]
    state.close()
