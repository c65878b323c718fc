"""Bodies that come and go in pieces: recorded as they pass, however long, and replayed in pieces."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import CassetteError, FlowClient, Request, Response, TimedOut
from flowkit.files.uploads import MultipartBody
from flowkit_replay import Replay
from flowkit_replay.cassette import files

MIB = 1024 * 1024


def download(flow: FlowClient) -> Response:
    return flow.open("job.log", {}, flow.request("job.log", download=True))[1]


def answering(*pieces: bytes, error: Exception | None = None, length: bool = False) -> Server:
    """Return a server whose answer comes in pieces, and perhaps breaks off."""

    def body() -> Iterator[bytes]:
        yield from pieces
        if error is not None:
            raise error

    headers = {"Content-Length": str(sum(map(len, pieces)))} if length else {}
    return Server(lambda request: Response(200, headers, body()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


def test_a_download_that_is_closed_early_replays_as_far_as_it_was_read(path: Path) -> None:
    with FlowClient(plugins=[Replay(path), answering(b"one", b"two", b"three")]) as flow:
        pieces = download(flow).stream()
        assert [next(pieces), next(pieces)] == [b"one", b"two"]
        pieces.close()  # type: ignore[attr-defined]
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        pieces = download(flow).stream()
        assert next(pieces) == b"onetwo"
        with pytest.raises(CassetteError, match="not read to its end when it was recorded"):
            next(pieces)


def test_one_that_had_arrived_whole_before_it_was_closed_is_whole(path: Path) -> None:
    with FlowClient(plugins=[Replay(path), answering(b"one", b"two", length=True)]) as flow:
        response = download(flow)
        pieces = response.stream()
        assert [next(pieces), next(pieces)] == [b"one", b"two"]
        response.close()
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        assert download(flow).read() == b"onetwo"


def test_a_download_that_breaks_off_replays_what_came_and_the_same_exception(path: Path) -> None:
    plugins = [Replay(path), answering(b"one", error=TimedOut("too slow"))]
    for chosen in (plugins, None):
        with FlowClient(plugins=chosen or [Replay(path, mode="none")]) as flow:
            pieces = download(flow).stream()
            assert next(pieces) == b"one"
            with pytest.raises(TimedOut, match="too slow"):
                next(pieces)


def test_headers_that_come_twice_replay_twice(path: Path) -> None:
    def answer(request: Request) -> Response:
        response = envelope({})
        response.headers.add("X-Part", "a")
        response.headers.add("X-Part", "b, c")
        return response

    for mode in ("once", "none"):
        with FlowClient(plugins=[Replay(path, mode), Server(answer)]) as flow:  # type: ignore[arg-type]
            response = flow.open("tag.list", {}, flow.request("tag.list"))[1]
            assert response.headers.getlist("X-Part") == ["a", "b, c"]


def uploaded(flow: FlowClient, file: Path, boundary: str) -> None:
    body = MultipartBody(file, {"password": "hunter22!"}, boundary=boundary)
    headers = {"Content-Type": body.content_type}
    request = flow.request("data.upload", body=body, headers=headers, query="%7B%22a%22%3A1%7D")
    flow.send("data.upload", {}, request)


def test_a_long_upload_is_recorded_and_compared_without_being_held_in_memory(
    path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "long.csv"
    with file.open("wb") as stream:
        for n in range(24):
            stream.write(f"{n},".encode() + b"0.25,1,-3\n" * (MIB // 10))
    server = Server(lambda request: envelope({"bytes": sum(map(len, request.chunks()))}))

    tracemalloc.start()
    with FlowClient(plugins=[Replay(path, large=MIB), server]) as flow:
        uploaded(flow, file, "a" * 32)
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        uploaded(flow, file, "b" * 32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * MIB
    assert path.stat().st_size < 4096

    (one,) = files.read(path)
    assert b"hunter22!" not in one.read_request()
    with file.open("r+b") as stream:
        stream.seek(5 * MIB)
        stream.write(b"9")
    with (
        FlowClient(plugins=[Replay(path, mode="none")]) as flow,
        pytest.raises(CassetteError, match="differs in the body"),
    ):
        uploaded(flow, file, "b" * 32)


def test_a_long_download_is_recorded_and_replayed_without_being_held_in_memory(path: Path) -> None:
    pieces = [bytes([n]) * MIB for n in range(24)]
    tracemalloc.start()
    for mode in ("once", "none"):
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        replay = Replay(path, mode, large=MIB)  # type: ignore[arg-type]
        with FlowClient(plugins=[replay, answering(*pieces)]) as flow:
            assert sum(map(len, download(flow).stream())) == 24 * MIB
        assert tracemalloc.get_traced_memory()[1] - before < 12 * MIB
    tracemalloc.stop()
