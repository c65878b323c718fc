"""Answering a request of the control API: what it holds is checked, then the verb's method is called."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any, cast

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest

from flowkit.errors import PluginError
from flowkit_mockserver.control.access import refuse_control
from flowkit_mockserver.control.controls.controls import Controls
from flowkit_mockserver.control.fields import check_fields, from_text
from flowkit_mockserver.control.snapshots.snapshot import Snapshot
from flowkit_mockserver.control.verbs import Verb
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES, Namespaces
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import (
    JSON,
    error_response,
    refusal_response,
    request_json,
    success,
)
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Dropped, Interrupted, NotStored
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["answer"]

#: Characters of a refusal, which may show what was sent.
_LONGEST_TEXT = 4000


class _Requested(Controls):
    """The controls of the world that a request is for."""

    @property
    def state(self) -> ServerState:
        """The services behind it, of all parties."""
        return current_state().world

    @staticmethod
    def report_unmatched(lines: list[str]) -> None:
        """Say nothing more: the answer does."""

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        return cast(Namespaces, current_app.extensions[NAMESPACES])


def answer(verb: Verb, **named: str) -> Response:
    """Answer a request for a verb: who may ask, what it may hold, and how refusals look."""
    state = current_state().world
    if (refused := refuse_control(state.settings, request.environ)) is not None:
        return refused
    request.max_content_length = state.settings.max_control_bytes
    try:
        given = _given(verb) | named
        if verb.method != "PUT":
            check_fields(verb.fields, given)
        # To start over must be possible whatever became of the state.
        if verb.settles:
            state.settle()
        try:
            return _shown(getattr(_Requested(), verb.name)(**given))
        finally:
            # A world that has dropped itself has nothing to keep.
            with suppress(Dropped) if verb.name == "drop" else nullcontext(), state.lock:
                state.commit()
    except Refusal as refusal:
        return error_response(400, refusal.retmsg)
    except BadRequest:
        return error_response(400, "the body is not JSON")
    except (PluginError, ValueError) as error:
        return error_response(400, f"{error!s:.{_LONGEST_TEXT}}")
    except AssertionError as error:
        return error_response(409, f"{error!s:.{_LONGEST_TEXT}}")
    except HttpRefusal as refusal:
        return refusal_response(refusal)
    except NotStored as error:
        return error_response(507, str(error))
    except Interrupted as error:
        return error_response(503, str(error))


def _given(verb: Verb) -> dict[str, Any]:
    """Return what a request holds: the members of its body, or of its query."""
    if verb.method == "PUT":
        return {
            field.name: Snapshot.from_bytes(request.get_data(), "the body") for field in verb.fields
        }
    if verb.method != "POST":
        schemas = {field.name: field.schema for field in verb.fields}
        return {name: from_text(schemas.get(name, {}), text) for name, text in request.args.items()}
    given = request_json()
    if not isinstance(given, dict):
        raise Refusal("send a JSON object with content type application/json")
    return given


def _shown(value: Any) -> Response:
    if isinstance(value, Snapshot):
        response = Response(value.to_bytes(), content_type=JSON)
        response.headers["Content-Disposition"] = "attachment; filename=snapshot.json"
        return response
    return success(_to_json(value))


def _to_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    return value.to_document() if hasattr(value, "to_document") else value
