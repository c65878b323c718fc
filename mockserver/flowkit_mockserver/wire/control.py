"""The mock's own API below ``/_flowkit``: look at it, move time, order failures, start over.

It answers this machine only, and only what a script sends: a web page in a browser here cannot
reach it, because it wants a JSON content type and a `Host` that is this machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.access import host_name, is_loopback, sent_by_other_site
from flowkit_mockserver.http.envelope import error_response, request_json, success
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Interrupted, NotStored
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("control", __name__, url_prefix="/_flowkit")

Action = Callable[[ServerState, dict[str, Any]], dict[str, Any] | None]

#: By action, the fields that a body may have, and those that it must have.
_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "status": (frozenset(), frozenset()),
    "advance": (frozenset({"seconds"}), frozenset({"seconds"})),
    "fail": (
        frozenset({"component", "message", "role", "party_id", "times"}),
        frozenset({"component", "message"}),
    ),
    "refuse": (frozenset({"path", "status", "times", "retry_after"}), frozenset()),
    "reset": (frozenset(), frozenset()),
}


def _control(action: Action) -> Callable[[], Response]:
    """Return a view around an action: who may ask, what a body may hold, and how refusals look."""
    allowed, required = _FIELDS[action.__name__]

    @wraps(action)
    def view() -> Response:
        if not (is_loopback(request.remote_addr) and is_loopback(host_name(request.environ))):
            return error_response(403, "the control API answers this machine only")
        if sent_by_other_site(request.environ):
            return error_response(403, "a page of another site sent this request")
        state = current_state()
        request.max_content_length = state.settings.max_json_bytes
        try:
            config = request_json() if request.method == "POST" else {}
            if not isinstance(config, dict):
                raise Refusal("send a JSON object with content type application/json")
            if missing := sorted(required - config.keys()):
                raise Refusal(f"{', '.join(missing)} is missing")
            if unknown := sorted(config.keys() - allowed):
                raise Refusal(f"{', '.join(unknown)} is unknown; known: {sorted(allowed)}")
            # To start over must be possible whatever became of the state.
            if action.__name__ != "reset":
                state.settle()
            with state.lock:
                try:
                    answer = action(state, config)
                finally:
                    state.commit()
            if action.__name__ == "advance":
                state.settle()
            return success(answer)
        except Refusal as refusal:
            return error_response(400, refusal.retmsg)
        except BadRequest:
            return error_response(400, "the body is not JSON")
        except ValueError as error:
            return error_response(400, str(error))
        except NotStored as error:
            return error_response(507, str(error))
        except Interrupted as error:
            return error_response(503, str(error))

    return view


@blueprint.get("")
@_control
def status(state: ServerState, config: dict[str, Any]) -> dict[str, Any]:
    """Say how things are (GET /_flowkit)."""
    return {
        "now": state.clock.now(),
        "pace": state.settings.pace,
        "seed": state.settings.seed,
        "data": str(state.settings.data) if state.settings.data else None,
        "database": state.store.name if state.sharing is not None else None,
        "allow_paths": [str(path) for path in state.settings.allow_paths],
        "jobs": len(state.store.collection("jobs")),
        "tables": len(state.tables),
        "models": len(state.store.collection("models")),
    }


@blueprint.post("/advance")
@_control
def advance(state: ServerState, config: dict[str, Any]) -> dict[str, Any]:
    """Move time on by `seconds` (POST /_flowkit/advance)."""
    seconds = config["seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refusal(f"seconds must be a number, got {seconds!r}")
    # A whole number that no float can hold is more than any year, too.
    state.clock.advance(min(seconds, 10**15))
    return {"now": state.clock.now()}


@blueprint.post("/fail")
@_control
def fail(state: ServerState, config: dict[str, Any]) -> None:
    """Let a component fail, on one role or party or the first (POST /_flowkit/fail)."""
    state.faults.fail_component(**config)


@blueprint.post("/refuse")
@_control
def refuse(state: ServerState, config: dict[str, Any]) -> None:
    """Let requests fail with an HTTP status (POST /_flowkit/refuse)."""
    state.faults.fail_requests(**config)


@blueprint.post("/reset")
@_control
def reset(state: ServerState, config: dict[str, Any]) -> None:
    """Forget everything (POST /_flowkit/reset)."""
    state.reset()
