"""A Flask application with one route that answers with the bytes of a file, served as the mock is."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from flowkit_mockserver.listening import open_port
from flowkit_mockserver.serving import THREADS

__all__ = ["make_app", "serve"]


def make_app(answer: bytes) -> Flask:
    """Return the application."""
    app = Flask(__name__)

    @app.post("/v1/job/query")
    def query() -> Response:
        return Response(answer, content_type="application/json")

    return app


def serve(answer: bytes) -> None:
    """Serve on a free port, whose address is printed."""
    import os

    with open_port("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    server = Server(
        "benchmarks.bare_flask",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=min(THREADS, 2 * (os.cpu_count() or 1) + 1),
        log_level=LogLevels.warning,
    )
    print(f"http://127.0.0.1:{port}", flush=True)
    server.serve(target_loader=lambda: make_app(answer), wrap_loader=False)


if __name__ == "__main__":
    serve(Path(sys.argv[1]).read_bytes())
