"""Servers that send what is no HTTP, too much, too little, or next to nothing for ever."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import socket
import struct
import tempfile
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flowkit import FlowClient, FlowError, Retry
from tests.hostile.client.watching import Memory
from tests.hostile.finding import Finding

__all__ = ["attack"]

MOST_MEMORY = 120 * 1024**2
GRACE = 0.5  # seconds over the time allowed
PAUSE = 0.02
LONGEST_RUN = 20.0  # seconds after which a server gives up
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FILE = b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment\r\nContent-Type: application/x-tar\r\n"
ENVELOPE = b'{"retcode": 0, "retmsg": "success", "data": []}'
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
FAILED = [{"f_status": "failed", "f_progress": 1, "f_is_initiator": True}]
TASK = [
    {"f_party_status": "failed", "f_component_name": "lr_0", "f_role": "guest", "f_party_id": 1}
]

Pieces = Iterator[bytes]
Kind = Callable[[bytes, random.Random], Pieces]


def drip(text: bytes) -> Pieces:
    """Yield bytes one at a time, slowly."""
    for byte in text:
        yield bytes([byte])
        time.sleep(PAUSE)


def flood(piece: bytes) -> Pieces:
    """Yield the same for ever."""
    while True:
        yield piece


def never() -> Pieces:
    """Yield nothing, and keep the connection."""
    time.sleep(LONGEST_RUN)
    yield b""


def trickle(piece: bytes) -> Pieces:
    """Yield the same for ever, slowly."""
    while True:
        yield piece
        time.sleep(PAUSE)


def _then(*parts: bytes | Pieces) -> Pieces:
    for part in parts:
        yield from [part] if isinstance(part, bytes) else part


def _length(start: bytes, chance: random.Random) -> Pieces:
    length = chance.choice(
        (b"-1", b"-9223372036854775809", b"9" * 30, b"9" * 6000, b"abc", b"1, 2", b"3, 3", b"", b"0x10",
         b"1e3", b"+5", b"\xb2", b" 7", b"2147483648", b"0", b"4\r\nContent-Length: 9")
    )  # fmt: skip
    yield start + b"Content-Length: " + length + b"\r\n\r\n" + ENVELOPE


def _chunk(start: bytes, chance: random.Random) -> Pieces:
    size = chance.choice(
        (b"-1", b"-ffff", b"zz", b"", b"7fffffffffffffff", b"f" * 40, b"f" * 60_000, b"5;" + b"x" * 90_000,
         b"0x5", b" 5", b"5 5", b"\xff", b"1_0", b"1e", b"5\n5")
    )  # fmt: skip
    yield start + CHUNKED + size + b"\r\n" + ENVELOPE + b"\r\n0\r\n\r\n"


def _status(start: bytes, chance: random.Random) -> Pieces:
    line = chance.choice(
        (b"HTTP/1.1 abc OK", b"HTTP/1.1 99 x", b"HTTP/1.1 1000 x", b"HTTP/9.9 200 OK", b"HTTP/1.1",
         b"", b"ICY 200 OK", b"\x16\x03\x01\x02\x00", b"SSH-2.0-OpenSSH_9", b"HTTP/1.1 -200 OK",
         b"HTTP/1.1 200 " + b"x" * 70_000, b"PRI * HTTP/2.0", b"\x00" * 50, ENVELOPE)
    )  # fmt: skip
    yield line + b"\r\n\r\n" + ENVELOPE


def _headers(start: bytes, chance: random.Random) -> Pieces:
    more = chance.choice(
        (b"X: y\r\n" * 200, b"X: " + b"y" * 70_000 + b"\r\n", b"no colon\r\n", b": empty\r\n", b"\xff\xfe: x\r\n",
         b" folded\r\n", b"Retry-After: " + b"9" * 5000 + b"\r\n", b"Set-Cookie: a\r\n" * 90,
         b"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n", b"Transfer-Encoding: x\r\n",
         b"Content-Encoding: zstd, br\r\n", b"Location: http://[::1\r\n", b"Connection: \r\n\t\r\n")
    )  # fmt: skip
    yield start + more + b"Content-Length: %d\r\n\r\n" % len(ENVELOPE) + ENVELOPE


def _encoded(start: bytes, chance: random.Random) -> Pieces:
    name, body = chance.choice(
        (
            (b"gzip", b"no gzip at all"),
            (b"gzip", gzip.compress(ENVELOPE)[:-9]),
            (b"gzip", gzip.compress(ENVELOPE)[:-1] + b"x"),
            (b"deflate", b"\x00\xff" * 50),
            (b"gzip", b""),
            (b"zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 50),
            (b"gzip, gzip", gzip.compress(b"x" * 100)),
            (b"x-gzip", gzip.compress(ENVELOPE)),
        )
    )
    yield start + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (name, len(body)) + body


def _bomb(start: bytes, chance: random.Random) -> Pieces:
    packer = zlib.compressobj(9, wbits=31)
    yield start + b"Content-Encoding: gzip\r\n\r\n"
    while True:
        yield packer.compress(bytes(4 * 1024**2))


KINDS: dict[str, Kind] = {
    "length": _length,
    "chunk size": _chunk,
    "status line": _status,
    "headers": _headers,
    "encoding": _encoded,
    "bomb": _bomb,
    "silence": lambda start, chance: never(),
    "closed at once": lambda start, chance: iter(()),
    "reset": lambda start, chance: iter([b"RESET"]),
    "half a head": lambda start, chance: _then(start[:25], never()),
    "half a body": lambda start, chance: iter([start + b"Content-Length: 900\r\n\r\n" + ENVELOPE]),
    "body that stops": lambda start, chance: _then(
        start + b"Content-Length: 900\r\n\r\n{", never()
    ),
    "dripping head": lambda start, chance: drip(start * 50),
    "dripping body": lambda start, chance: _then(
        start + b"Content-Length: 99999\r\n\r\n", trickle(b" ")
    ),
    "dripping chunks": lambda start, chance: _then(start + CHUNKED, trickle(b"1\r\n \r\n")),
    "dripping trailers": lambda start, chance: _then(
        start + CHUNKED + b"2f\r\n" + ENVELOPE + b"\r\n0\r\n", trickle(b"X: y\r\n")
    ),
    "endless trailers": lambda start, chance: _then(
        start + CHUNKED + b"2f\r\n" + ENVELOPE + b"\r\n0\r\n", flood(b"X: y\r\n" * 1000)
    ),
    "dripping interim answers": lambda start, chance: trickle(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless interim answers": lambda start, chance: flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
    "early hints": lambda start, chance: flood(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    "endless status line": lambda start, chance: flood(b"HTTP/1.1 200 " + b"x" * 65536),
    "endless headers": lambda start, chance: _then(start, flood(b"X: y\r\n" * 1000)),
    "endless body": lambda start, chance: _then(start + b"\r\n", flood(b" " * 65536)),
    "endless chunks": lambda start, chance: _then(
        start + CHUNKED, flood(b"10000\r\n" + b" " * 65536 + b"\r\n")
    ),
    "tiny chunks": lambda start, chance: _then(start + CHUNKED, flood(b"1\r\n \r\n" * 5000)),
    "endless size of a chunk": lambda start, chance: _then(start + CHUNKED, flood(b"0" * 65536)),
    "two answers": lambda start, chance: iter(
        [(start + b"Content-Length: %d\r\n\r\n" % len(ENVELOPE) + ENVELOPE) * 2]
    ),
    "retry": lambda start, chance: iter(
        [b"HTTP/1.1 503 x\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n"]
    ),
    "retry at once": lambda start, chance: iter(
        [b"HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"]
    ),
    "redirect": lambda start, chance: iter([b"HTTP/1.1 302 x\r\nLocation: /v1/x\r\n\r\n"]),
    "no body allowed": lambda start, chance: iter([b"HTTP/1.1 204 x\r\n\r\n" + ENVELOPE]),
}


def attack(seed: int, count: int) -> Finding:
    """Have `count` hostile servers answer calls, downloads, uploads and waits."""
    found = Finding("hostile servers", count)
    outcomes: dict[str, int] = {}
    names = list(KINDS)
    longest, most = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "upload")
        file.write_bytes(b"id,y\n" * 500_000)
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            kind = names[number % len(names)]
            limit = chance.choice((0.3, 0.5))
            use, run = _use(chance, limit, Path(folder), file)
            what = f"{seed}/{number} {kind}, {use}"
            download = use in ("download", "zip", "failed job")
            with _served(KINDS[kind], chance, download, use) as port, Memory() as memory:
                began = time.monotonic()
                try:
                    run(port)
                    outcome = "reply"
                except FlowError as error:
                    outcome = type(error).__name__
                except Exception as error:  # every escape is what is looked for
                    outcome = type(error).__name__
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    found.faults.append(f"{what}: {error!r:.80} at {where.name}:{where.lineno}")
                took = time.monotonic() - began
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            longest, most = max(longest, took - limit), max(most, memory.most)
            if took > limit + GRACE:
                found.faults.append(f"{what}: {outcome} after {took:.2f} s, not {limit} s")
            if memory.most > MOST_MEMORY:
                found.faults.append(f"{what}: {outcome} with {memory.most >> 20} MB")
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {longest:+.2f} s, {most >> 20} MB; {told}"
    return found


def _use(
    chance: random.Random, limit: float, folder: Path, file: Path
) -> tuple[str, Callable[[int], Any]]:
    """Return what a client does, and a function that does it with the server on a port."""
    timed: dict[str, Any] = chance.choice(
        ({"deadline": limit}, {"timeout": limit, "retry": Retry(attempts=1)})
    )
    bounded = {"deadline": limit}
    into = str(folder / "out")
    uses: dict[str, Callable[[FlowClient], Any]] = {
        "call": lambda flow: flow.with_options(**timed).job.query(7),
        "write": lambda flow: flow.with_options(**timed).tag.create("x"),
        "upload": lambda flow: flow.with_options(**bounded).data.upload(
            {"file": str(file), "table_name": "t", "namespace": "n", "partition": 1, "head": 1},
            verbose=0,
        ),
        "download": lambda flow: flow.with_options(**bounded).job.log(7, into),
        "zip": lambda flow: flow.with_options(**bounded).model.export_model(
            {"model_id": "m", "model_version": "8", "output_path": into}
        ),
        "wait": lambda flow: flow.job.wait(7, timeout=limit),
        "failed job": lambda flow: flow.job.wait(7, timeout=limit),
    }
    name = chance.choice(list(uses))

    def run(port: int) -> Any:
        with FlowClient("127.0.0.1", port) as flow:
            return uses[name](flow)

    return name, run


@contextlib.contextmanager
def _served(kind: Kind, chance: random.Random, download: bool, use: str) -> Iterator[int]:
    """Serve on a port of this machine for the length of a block."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    stopped = threading.Event()
    threads = []

    def accept() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(
                target=_answer, args=(connection, kind, chance, download, use, stopped), daemon=True
            )
            thread.start()
            threads.append(thread)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stopped.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()


def _answer(
    connection: socket.socket,
    kind: Kind,
    chance: random.Random,
    download: bool,
    use: str,
    stopped: threading.Event,
) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(LONGEST_RUN)
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            path = head.split(b" ", 2)[1]
            if use == "failed job" and (rows := _rows(path)) is not None:
                body = json.dumps({"retcode": 0, "retmsg": "success", "data": rows}).encode()
                connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                continue
            for piece in kind(FILE if download else OK, chance):
                if stopped.is_set():
                    return
                if piece == b"RESET":
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    return
                connection.sendall(piece)
            if chance.random() < 0.5:
                return


def _rows(path: bytes) -> list[dict[str, Any]] | None:
    """Return what is answered about a failed job; None where the hostile answer comes."""
    if path.endswith(b"/job/query"):
        return FAILED
    return TASK if path.endswith(b"/task/query") else None
