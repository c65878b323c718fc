"""Requests as matchers see them: recorded or live, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit import Request
from flowkit_replay import ComparedRequest, Scrubber
from flowkit_replay.matching.requests import LONG, split_uri
from recorded import interaction


def test_a_live_and_a_recorded_request_look_alike() -> None:
    headers = {"Content-Type": "application/json", "APP_KEY": "k-4711-secret"}
    body = b'{"password": "hunter22"}'
    live = ComparedRequest.from_live(
        Request("POST", "http://H:9380", "/v1/a", "b=1", headers, body), Scrubber()
    )
    one = interaction(uri="http://H:9380/v1/a?b=1", request_headers=headers, request_body=body)
    recorded = ComparedRequest.from_recorded(one, Scrubber())
    for request in (live, recorded):
        assert request.uri == "http://H:9380/v1/a?b=1"
        assert (request.scheme, request.host, request.port) == ("http", "h", 9380)
        assert (request.method, request.path, request.query) == ("POST", "/v1/a", "b=1")
        assert request.content_type == "application/json"
        assert request.headers["APP_KEY"] == "<scrubbed>"
        assert request.body == b'{"password": "<scrubbed>"}'


@pytest.mark.parametrize(
    ("origin", "host", "port"),
    [
        ("http://flow.example", "flow.example", 80),
        ("https://flow.example", "flow.example", 443),
        ("http://[::1]:9380", "::1", 9380),
        ("http://flow.example:none", "flow.example", 0),
    ],
)
def test_the_port_may_be_left_to_the_scheme(origin: str, host: str, port: int) -> None:
    request = ComparedRequest("GET", origin, "/", {})
    assert (request.host, request.port) == (host, port)


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("http://h:1/a/b?c=/d", ("http://h:1", "/a/b?c=/d")),
        ("http://h:1", ("http://h:1", "/")),
        ("http://h:1?a=1/2", ("http://h:1", "/?a=1/2")),
    ],
)
def test_an_address_is_split_into_origin_and_target(uri: str, parts: tuple[str, str]) -> None:
    assert split_uri(uri) == parts


class Long:
    length = LONG + 1

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"password": "hunter22"}'


def test_a_long_body_is_had_in_pieces(tmp_path: Path) -> None:
    live = ComparedRequest.from_live(Request("POST", "http://h", "/", body=Long()), Scrubber())
    file = tmp_path / "body"
    file.write_bytes(b'{"password": "hunter22"}')
    one = interaction(request_body=b"", request_body_file=file)
    for request in (live, ComparedRequest.from_recorded(one, Scrubber())):
        assert request.streamed
        for _ in range(2):
            assert b"".join(request.read_pieces()) == b'{"password": "<scrubbed>"}'
