"""A Flask application that answers with the bytes of a file, served as the mock is.

``/v1/job/query`` reads the JSON that it is sent, as a route must that answers a question; ``/unread`` leaves
it where it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask, Response, request

from flowkit_mockserver.serving.gateway import BodyLimits, Gateway
from flowkit_mockserver.serving.listening import open_port
from flowkit_mockserver.serving.serving import serve_gateway

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
    limits = BodyLimits(json_bytes=1024, upload_bytes=1024)
    app = make_app(answer)
    # As the mock answers what takes no time: in no thread.
    gateway = Gateway(app.wsgi_app, limits, Path(), probes={"/v1/job/query", "/unread"})
    with open_port("127.0.0.1", 0) as listener:
        serve_gateway(gateway, listener, lambda url: print(url, flush=True))


if __name__ == "__main__":
    serve(Path(sys.argv[1]).read_bytes())
