"""The pages by which a mock is controlled: its time, and its faults.

Their forms speak with the control API, in this process; that API has its own rules about who may ask, and it is told
who does. A form is carried out only if the browser says that it stands on a page of this server.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from flowkit_mockserver.board.blueprint import board, render
from flowkit_mockserver.board.reading import ROLES
from flowkit_mockserver.board.source import current_source
from flowkit_mockserver.http.access import CONTROL, sent_by_own_page
from flowkit_mockserver.wire.dispatch import EXTENSION as STATE

__all__ = ["advance", "fail", "faults", "refuse", "reset", "time"]

#: What is said after a form was carried out, by the name that the address carries.
DONE = {
    "advanced": "The time was moved on.",
    "fail": "The component will fail.",
    "refuse": "The requests will fail.",
    "reset": "Jobs, tables, models, tags and faults are forgotten.",
}
_PASSED_ON = (STATE, "REMOTE_ADDR", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")


@board.get("/time")
def time() -> str:
    """The mock's time and pace, and forms to move it on and to start over."""
    status = _control("GET", "")
    return render("time.html", status=status, done=_done())


@board.post("/time/advance")
def advance() -> Response:
    """Move the time on."""
    seconds = _number("seconds", float)
    _change("/advance", {"seconds": seconds})
    return redirect(url_for("board.time", done="advanced"), 303)


@board.post("/time/reset")
def reset() -> Response:
    """Forget everything, if the box is ticked."""
    if not request.form.get("sure"):
        abort(400, "nothing was forgotten: tick the box beside the button")
    _change("/reset", {})
    return redirect(url_for("board.time", done="reset"), 303)


@board.get("/faults")
def faults() -> str:
    """Forms that order failures."""
    return render("faults.html", status=_control("GET", ""), roles=ROLES, done=_done())


@board.post("/faults/fail")
def fail() -> Response:
    """Let a component fail."""
    _change("/fail", _given(dict.fromkeys(("component", "message", "role", "party_id"), str)))
    return redirect(url_for("board.faults", done="fail"), 303)


@board.post("/faults/refuse")
def refuse() -> Response:
    """Let requests fail."""
    _change("/refuse", _given({"path": str, "status": int, "retry_after": str}))
    return redirect(url_for("board.faults", done="refuse"), 303)


def _done() -> str:
    return DONE.get(request.args.get("done", ""), "")


def _given(fields: Mapping[str, type]) -> dict[str, Any]:
    """Return the fields of a form that are filled in, `times` among them."""
    found: dict[str, Any] = {}
    for name, kind in {**fields, "times": int}.items():
        if request.form.get(name, "").strip():
            found[name] = request.form[name].strip() if kind is str else _number(name, kind)
    if "times" not in found:
        found["times"] = None
    return found


def _number(name: str, kind: type) -> Any:
    text = request.form.get(name, "")
    try:
        return kind(text)
    except ValueError:
        abort(400, f"{name} must be a number, got {text!r}")


def _change(path: str, body: Mapping[str, Any]) -> None:
    """Carry a form out, if it stands on a page of ours."""
    if not sent_by_own_page(request.environ):
        abort(403, "this form must be sent by a page of the board")
    _control("POST", path, body)


def _control(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the data of an answer of the control API; what it refuses is refused here."""
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
        "QUERY_STRING": "",
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
    return answer.get("data") or {}
