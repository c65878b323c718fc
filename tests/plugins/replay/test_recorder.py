"""The recorder: interactions of what happens, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowkit import Request, Response, TimedOut
from flowkit_replay import Interaction, Scrubber
from flowkit_replay.recorder import Recorder

REQUEST = Request(
    "POST", "http://h:9380", "/v1/a", "", {"APP_KEY": "k-4711-secret"}, b'{"note": "k-4711-secret"}'
)


def recorder(tmp_path: Path, large: int | None = None) -> Recorder:
    return Recorder(tmp_path / "one.yaml", Scrubber(), large)


def test_an_answer_and_a_failure_are_recorded_without_secrets(tmp_path: Path) -> None:
    answer = Response(200, {"Server": "x"}, b'{"echo": "k-4711-secret"}')
    for one in (
        recorder(tmp_path).record_response(REQUEST, answer),
        recorder(tmp_path).record_failure(REQUEST, TimedOut("k-4711-secret is late")),
    ):
        assert one.request_headers == {"APP_KEY": "<scrubbed>"}
        assert one.request_body == b'{"note": "<scrubbed>"}'
        assert b"4711" not in one.body


def test_a_stream_is_recorded_while_it_passes(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"one k-4711-", b"secret two")

    kept: list[Interaction] = []
    response = recorder(tmp_path).record_stream(REQUEST, Response(200, {}, pieces()), kept.append)
    assert kept == []
    assert response.read() == b"one k-4711-secret two"
    assert [one.body for one in kept] == [b"one <scrubbed> two"]


def test_a_long_answer_lies_in_a_file(tmp_path: Path) -> None:
    kept: list[Interaction] = []
    source = Response(200, {}, iter([b"x" * 600, b"y" * 600]))
    recorder(tmp_path, large=1000).record_stream(REQUEST, source, kept.append).read()
    (one,) = kept
    assert one.body_file is not None
    assert (one.body_file.read_bytes(), one.body) == (b"x" * 600 + b"y" * 600, b"")
    assert one.headers["Content-Length"] == ["1200"]
