"""The pool: how many connections are kept, and what happens to one more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from flowkit import ArgumentError, FlowClient, FlowError
from flowkit.call import pools


class Counting(BaseHTTPRequestHandler):
    """Answers once all threads have asked, and counts the connections made."""

    protocol_version = "HTTP/1.1"
    made: set[Any]
    together: threading.Barrier

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.made.add(self.client_address)
        self.together.wait(30)
        body = b'{"retcode": 0, "retmsg": "success"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@pytest.fixture
def handler() -> type[Counting]:
    return type("Handler", (Counting,), {"made": set(), "together": threading.Barrier(1)})


@pytest.fixture
def port(handler: type[Counting]) -> Iterator[int]:
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_forty_threads_wait_for_no_connection_and_nothing_is_logged(
    port: int, handler: type[Counting], caplog: pytest.LogCaptureFixture
) -> None:
    handler.together = threading.Barrier(40)
    with FlowClient("127.0.0.1", port) as flow, ThreadPoolExecutor(40) as pool:
        with caplog.at_level(logging.INFO, "urllib3"):
            answers = list(pool.map(lambda _: flow.queue.clean().ok, range(40)))
        transport: Any = flow.hooks.get("transport")
        assert transport._pool.pool.qsize() == 16
    assert all(answers)
    assert len(handler.made) == 40
    assert not caplog.records


@pytest.mark.parametrize("connections", [1, 3])
def test_as_many_connections_are_kept_as_was_said(
    port: int, handler: type[Counting], connections: int
) -> None:
    handler.together = threading.Barrier(4)
    with (
        FlowClient("127.0.0.1", port, connections=connections) as flow,
        ThreadPoolExecutor(4) as pool,
    ):
        list(pool.map(lambda _: flow.queue.clean(), range(4)))
        transport: Any = flow.hooks.get("transport")
        assert transport._pool.pool.qsize() == connections


def test_one_thread_uses_one_connection(port: int, handler: type[Counting]) -> None:
    with FlowClient("127.0.0.1", port) as flow:
        for _ in range(5):
            flow.queue.clean()
    assert len(handler.made) == 1


def test_a_client_that_is_closed_says_so(port: int) -> None:
    flow = FlowClient("127.0.0.1", port)
    flow.close()
    with pytest.raises(FlowError, match=r"queue\.clean: the client is closed; make a new one"):
        flow.queue.clean()


def test_a_socks_proxy_without_its_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pools, "find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match="pip install PySocks"):
        FlowClient("flow.example", proxy="socks5://ann:hunter22@proxy.example")


def test_a_library_in_the_place_of_urllib3_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Streams:
        """What urllib3-future keeps connections in."""

    monkeypatch.setattr(urllib3.HTTPConnectionPool, "QueueCls", Streams)
    with pytest.raises(FlowError, match=r"is not urllib3: urllib3-future, which niquests requires"):
        FlowClient("127.0.0.1", 9380)
