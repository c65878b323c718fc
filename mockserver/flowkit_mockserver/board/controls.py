"""The pages by which a mock is controlled: its time, its faults, and the journal of what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from flowkit_mockserver.board.blueprint import argument, board, render
from flowkit_mockserver.board.control import ask_control, order
from flowkit_mockserver.board.reading import ROLES
from flowkit_mockserver.control.worlds.namespaces import PREFIX
from flowkit_mockserver.http.access import BOARD

__all__ = [
    "advance",
    "advance_to_next_event",
    "fail",
    "faults",
    "journal",
    "journal_live",
    "refuse",
    "reset",
    "set_pace",
    "set_time",
    "time",
]

#: What is said after a form was carried out, by the name that the address carries.
DONE = {
    "advanced": "The time was moved on.",
    "event": "The time was moved on to the next change of a status.",
    "nothing": "Nothing is going to change: the time stays where it is.",
    "mode": "The time passes so from now on.",
    "pace": "Jobs that are submitted from now on have this pace.",
    "fail": "The component will fail.",
    "refuse": "The requests will fail.",
    "reset": "Jobs, tables, models, tags and faults are forgotten.",
}
#: So many of the last requests are shown.
MOST_REQUESTS = 100


@board.get("/time")
def time() -> str:
    """The mock's time and pace, and forms to move it on and to start over."""
    status, names = ask_control("GET", ""), ask_control("GET", "/namespaces")
    boards = {name: f"{PREFIX}{name}{BOARD}/" for name in names}
    return render("time.html", status=status, namespaces=boards, done=_done())


@board.post("/time/advance")
def advance() -> Response:
    """Move the time on."""
    order("/advance", {"seconds": _number("seconds", float)})
    return _back("time", "advanced")


@board.post("/time/next")
def advance_to_next_event() -> Response:
    """Move the time on to the next change of a status."""
    return _back("time", "nothing" if order("/advance/next", {}) is None else "event")


@board.post("/time/mode")
def set_time() -> Response:
    """Say how time passes."""
    mode = request.form.get("mode", "")
    factor = {"factor": _number("factor", float)} if mode == "scaled" else {}
    order("/time", {"mode": mode, **factor})
    return _back("time", "mode")


@board.post("/time/pace")
def set_pace() -> Response:
    """Say how long tasks take."""
    order("/pace", {"pace": request.form.get("pace", "")})
    return _back("time", "pace")


@board.post("/time/reset")
def reset() -> Response:
    """Forget everything, if the box is ticked."""
    if not request.form.get("sure"):
        abort(400, "nothing was forgotten: tick the box beside the button")
    order("/reset", {})
    return _back("time", "reset")


@board.get("/faults")
def faults() -> str:
    """Forms that order failures."""
    return render("faults.html", status=ask_control("GET", ""), roles=ROLES, done=_done())


@board.post("/faults/fail")
def fail() -> Response:
    """Let a component fail."""
    order("/fail", _given(dict.fromkeys(("component", "message", "role", "party_id"), str)))
    return _back("faults", "fail")


@board.post("/faults/refuse")
def refuse() -> Response:
    """Let requests fail."""
    order("/refuse", _given({"path": str, "status": int, "retry_after": str}))
    return _back("faults", "refuse")


@board.get("/journal")
def journal() -> str:
    """The last requests that the mock answered."""
    return render("journal.html", **_journal())


@board.get("/journal/live")
def journal_live() -> str:
    """The same as they are now, without the rest of the page."""
    return render("journal_live.html", **_journal())


def _journal() -> dict[str, Any]:
    given = {name: argument(name, "").strip() for name in ("operation", "refused", "test")}
    query = {name: value for name, value in given.items() if value}
    entries = ask_control("GET", "/journal", query={**query, "last": MOST_REQUESTS})
    return {"entries": entries[::-1], "query": query, "most": MOST_REQUESTS}


def _back(page: str, done: str) -> Response:
    return redirect(url_for(f"board.{page}", done=done), 303)


def _done() -> str:
    return DONE.get(request.args.get("done", ""), "")


def _given(fields: Mapping[str, type]) -> dict[str, Any]:
    """Return the fields of a form that are filled in; `times` is null where it is not."""
    found: dict[str, Any] = {"times": None}
    for name, kind in {**fields, "times": int}.items():
        if text := request.form.get(name, "").strip():
            found[name] = text if kind is str else _number(name, kind)
    return found


def _number(name: str, kind: type) -> Any:
    text = request.form.get(name, "")
    try:
        return kind(text)
    except ValueError:
        abort(400, f"{name} must be a number, got {text!r}")
