"""Speaking with the control API of a mock, in this process.

That API has its own rules about who may ask, and it is told who does. A form is carried out only if the browser says
that it stands on a page of this server.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from werkzeug.test import run_wsgi_app

from flowkit_mockserver.board.source import current_source
from flowkit_mockserver.http.access import CONTROL, sent_by_own_page
from flowkit_mockserver.wire.dispatch import EXTENSION as STATE

__all__ = ["ask_control", "order"]

#: What the control API is told of the request that a browser sent: who and where, and for which namespace.
_PASSED_ON = (STATE, "REMOTE_ADDR", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")


def order(path: str, body: Mapping[str, Any]) -> Any:
    """Carry out what a form orders, if it stands on a page of ours; return the data of the answer."""
    if not sent_by_own_page(request.environ):
        abort(403, "this form must be sent by a page of the board")
    return ask_control("POST", path, body)


def ask_control(
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> Any:
    """Return the data of an answer of the control API; what it refuses is refused here.

    Args:
        method: the HTTP method.
        path: the path below that of the API.
        body: a JSON body; None for none.
        query: what follows the question mark.
    """
    app = current_source().control
    if app is None:
        abort(404, "only the board of a mock has this page")
    sent = b"" if body is None else json.dumps(body).encode()
    environ: dict[str, Any] = {
        name: request.environ[name] for name in _PASSED_ON if name in request.environ
    }
    environ |= {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": CONTROL + path,
        "QUERY_STRING": urlencode(query or {}),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json" if body is not None else "",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": request.environ["wsgi.errors"],
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    pieces, status, _ = run_wsgi_app(app, environ, buffered=True)
    answer = json.loads(b"".join(pieces))
    if not status.startswith("200"):
        abort(int(status[:3]), str(answer.get("retmsg", "")))
    return answer.get("data")
