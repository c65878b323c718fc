"""Servers on a socket that answer as a line of FATE Flow does, as far as a client has to tell them apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

__all__ = ["Answers", "hidden", "listening", "second_generation", "telling"]

#: From method, path and body to status and answer; a text is a page.
Answers = Callable[[str, str, bytes], tuple[int, Any]]


@contextmanager
def listening(answers: Answers) -> Iterator[tuple[int, list[str]]]:
    """Answer on a port of 127.0.0.1; give the port, and the paths that are asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(f"{self.command} {self.path}")
            status, content = answers(self.command, self.path, body)
            page = isinstance(content, str)
            sent = content.encode() if page else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = answer

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def telling(version: str, key: str = "FATE") -> Answers:
    """Return the answers of a server that says its version."""

    def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
        data = {key: version} if path == "/v1/version/get" else []
        return 200, {"retcode": 0, "retmsg": "success", "data": data}

    return answer


def hidden(*paths: str, json_errors: bool = False) -> Answers:
    """Return the answers of a server without ``version/get``, that has these paths below ``/v1``."""

    def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path.removeprefix("/v1/") in paths:
            return 200, {"retcode": 101, "retmsg": "required argument are missing: job_id; "}
        if json_errors:
            return 200, {"retcode": 100, "retmsg": "<NotFound '404: Not Found'>"}
        return 404, "<title>404 Not Found</title>"

    return answer


def second_generation(version: str = "2.2.0") -> Answers:
    """Return the answers of FATE Flow 2.x."""

    def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/v2/server/fateflow":
            one = {"flow_1": {"host": "127.0.0.1", "version": version}}
            return 200, {"code": 0, "message": "success", "data": one}
        return 200, {"code": 6000, "message": "<NotFound '404: Not Found'>"}

    return answer
