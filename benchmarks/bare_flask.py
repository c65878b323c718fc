"""A Flask application that answers with the bytes of a file, served as the mock is.

``/v1/job/query`` reads the JSON that it is sent, as a route must that answers a question; ``/unread`` leaves
it where it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from flowkit_mockserver.serving.listening import open_port
from flowkit_mockserver.serving.serving import THREADS

__all__ = ["make_app", "serve"]


def make_app(answer: bytes) -> Flask:
    """Return the application."""
    app = Flask(__name__)

    @app.post("/v1/job/query")
    def query() -> Response:
        assert request.get_json()
        return Response(answer, content_type="application/json")

    @app.post("/unread")
    def unread() -> Response:
        return Response(answer, content_type="application/json")

    return app


def serve(answer: bytes) -> None:
    """Serve on a free port, whose address is printed."""
    with open_port("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    server = Server(
        "benchmarks.bare_flask",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
    )
    print(f"http://127.0.0.1:{port}", flush=True)
    server.serve(target_loader=lambda: make_app(answer), wrap_loader=False)


if __name__ == "__main__":
    serve(Path(sys.argv[1]).read_bytes())
