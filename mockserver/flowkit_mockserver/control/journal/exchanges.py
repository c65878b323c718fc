"""Notes in the journal what the application answered, and why it refused."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request

from flowkit_mockserver.control.journal.entries import BODY_BYTES, Exchange
from flowkit_mockserver.control.journal.hints import Refused, hint_for
from flowkit_mockserver.http.access import API, CONTROL, FROM_BOARD
from flowkit_mockserver.http.envelope import Answer
from flowkit_mockserver.wire.dispatch import BEGUN, EXTENSION, RECEIVED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from flowkit_mockserver.state import ServerState

__all__ = ["HINT", "TEST", "TEST_KEY", "note_denial", "note_exchanges"]

#: The header of an answer that says why a request was refused.
HINT = "X-Flowkit-Hint"
#: The header of a request that names the test which makes it.
TEST = "X-Flowkit-Test"
#: Where WSGI has that header.
TEST_KEY = "HTTP_X_FLOWKIT_TEST"
_PREFIX = f"{API}/"
#: Bytes at the end of an answer among which its retcode is.
_END = 300
_LONGEST_NAME = 512
_LONGEST_TEXT = 4096


def note_exchanges(app: Flask) -> None:
    """Let an application note in the journal of its state what it answers."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    environ = request.environ
    path, status = environ["PATH_INFO"], response.status_code
    if environ.get(FROM_BOARD):
        return response
    if not path.startswith(_PREFIX) and status != 404:
        return response
    state = environ[EXTENSION]
    answer = _answer(response)
    hint = None
    if status != 200 or (answer is not None and b'"retcode":0,' not in answer[-_END:]):
        hint = _hint(state, response)
    body = environ.get(RECEIVED)
    test = environ.get(TEST_KEY)
    state.journal.note(
        Exchange(
            state.clock.now(),
            perf_counter() - environ[BEGUN],
            environ["REQUEST_METHOD"],
            path,
            environ.get("QUERY_STRING", ""),
            body if body and len(body) <= BODY_BYTES else None,
            _form() if body == b"" else None,
            test and test[:_LONGEST_NAME],
            status,
            answer,
            hint,
        )
    )
    return response


def note_denial(
    state: ServerState,
    environ: WSGIEnvironment,
    path: str,
    status: int,
    answer: bytes | None,
    seconds: float,
) -> None:
    """Note in the journal of a state what was refused before any application saw it; nothing of the control API.

    Args:
        state: the state.
        environ: the request; its body was not read.
        path: the path in the namespace that it was for.
        status: the HTTP status that it got.
        answer: the JSON answer.
        seconds: how long it took.
    """
    if path.startswith(CONTROL) or environ.get(FROM_BOARD):
        return
    test = environ.get(TEST_KEY, "")[:_LONGEST_NAME] or None
    query = environ.get("QUERY_STRING", "")[:_LONGEST_TEXT]
    method, path = environ["REQUEST_METHOD"], path[:_LONGEST_TEXT]
    moment = state.clock.now()
    state.journal.note(
        Exchange(moment, seconds, method, path, query, None, None, test, status, answer, None)
    )


def _answer(response: Response) -> bytes | None:
    """Return the body of an answer that is JSON and in memory."""
    if not isinstance(response, Answer):
        return None
    pieces: Any = response.response
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _form() -> dict[str, object]:
    """Return the fields of a form that was taken in."""
    files = {name: file.filename for name, file in request.files.items()}
    fields = {name: value[:_LONGEST_TEXT] for name, value in request.form.items()}
    return {**fields, **files}


def _hint(state: ServerState, response: Response) -> str | None:
    """Return why a request was refused, and say so in a header of the answer."""
    if response.direct_passthrough:
        return None
    hint = hint_for(
        Refused(
            method=request.method,
            path=request.path,
            content_type=request.content_type or "",
            status=response.status_code,
            text=_text(response),
            routes=_routes,
            jobs=lambda: [str(job_id) for job_id in reversed(state.jobs.store)],
        )
    )
    if hint is not None:
        response.headers[HINT] = hint.encode("ascii", "replace").decode().replace("\n", " ")
    return hint


def _text(response: Response) -> str:
    """Return what an answer says: the retmsg of an envelope, the whole of anything else."""
    document = response.get_json(silent=True) if response.is_json else None
    if isinstance(document, dict):
        # Why a job was not created stands by party in the data.
        data = f"\n{document['data']}" if document.get("data") else ""
        return f"{document.get('retmsg')}{data}"[:_LONGEST_TEXT]
    return response.get_data(as_text=True)[:_LONGEST_TEXT]


def _routes() -> list[str]:
    """Return the routes of the application, as method and path."""
    return sorted(
        f"{method} {rule.rule}"
        for rule in current_app.url_map.iter_rules()
        for method in (rule.methods or ())
        if method not in ("HEAD", "OPTIONS") and rule.rule.startswith(f"{API}/")
    )
