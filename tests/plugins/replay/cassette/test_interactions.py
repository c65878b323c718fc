"""An interaction: one request and its outcome, which may be a failure or an answer in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import ConnectionFailed, Request, Response, TimedOut, TransportError
from flowkit_replay import Interaction
from flowkit_replay.cassette.interactions import describe_failure
from recorded import interaction

REQUEST = Request("POST", "http://h:9380", "/v1/job/query", "a=1", {"Accept": "*/*"}, b"{}")


def test_it_is_built_of_an_exchange_without_what_describes_one_wire_only() -> None:
    headers = {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip", "Server": "x"}
    one = Interaction.from_exchange(REQUEST, b"{}", Response(200, headers, b"abc"), b"abc")
    assert (one.method, one.uri) == ("POST", "http://h:9380/v1/job/query?a=1")
    assert (one.path, one.query, one.size) == ("/v1/job/query", "a=1", 3)
    assert one.headers == {"Server": ["x"], "Content-Length": ["3"]}


@pytest.mark.parametrize(
    "error",
    [TimedOut("late"), ConnectionFailed("no", sent=False), TransportError("odd", sent=True)],
)
def test_a_failure_comes_back_as_it_was(error: TransportError) -> None:
    one = Interaction.from_failure(REQUEST, b"{}", error)
    assert one.failed
    assert one.get_header("x-flowkit-failure") == describe_failure(error)
    with pytest.raises(type(error), match=str(error)) as caught:
        one.respond()
    assert caught.value.sent == error.sent


def test_the_answer_is_one_of_the_cassette() -> None:
    response = interaction(headers={"X-Part": ["a", "b"], "Content-Length": ["9"]}).respond()
    assert response.source == "cassette"
    assert response.headers.getlist("X-Part") == ["a", "b"]
    assert "Content-Length" not in response.headers


def test_bodies_beside_it_are_read_from_their_files(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"x" * 100_000)
    one = interaction(body=b"", body_file=file, request_body=b"", request_body_file=file)
    assert (one.size, one.decode(), one.read_request()) == (100_000, b"x" * 100_000, b"x" * 100_000)
    assert max(map(len, one.respond().stream(7_000))) == 7_000
