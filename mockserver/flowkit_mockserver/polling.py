"""The question that clients repeat while they wait for a job, ``POST job/query``, answered before Flask is reached.

Flask takes most of the time of such an answer. Whatever is unusual about a request is left to it, and nothing has
changed for it then: credentials, ordered failures, a refusal, a body that is long, or no plain object, an answer
without rows, a job that is not up to date.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from flowkit_mockserver.control.journal.entries import Exchange
from flowkit_mockserver.control.journal.exchanges import TEST_KEY
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.access import API, FROM_BOARD, refuse_head
from flowkit_mockserver.http.envelope import JSON, decode_json
from flowkit_mockserver.parties.view import PartyState
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import EXTENSION
from flowkit_mockserver.wire.job import rows_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["answer_polls"]

#: The longest body that is looked at, and the longest name of a test.
_LONGEST, _LONGEST_NAME = 1024, 512
_PATH = f"{API}/job/query"
_ABSENT = ("HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING")

WSGIApp = Callable[..., Iterable[bytes]]


def answer_polls(app: WSGIApp, state: ServerState | PartyState) -> WSGIApp:
    """Return a WSGI application that answers polls itself, and leaves everything else to `app`.

    Args:
        app: the application.
        state: the state of the server, where a request is for no other.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == _PATH:
            body = _answer(environ, environ.get(EXTENSION, state))
            if body is not None:
                headers = [("Content-Type", JSON), ("Content-Length", str(len(body)))]
                start_response("200 OK", headers)
                return [body]
        return app(environ, start_response)

    return answer


def _answer(environ: WSGIEnvironment, state: ServerState) -> bytes | None:
    """Return the answer to a request, or None, and the request as it was."""
    begun = perf_counter()
    if not _is_plain(environ, state):
        return None
    content = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(content)
    try:
        filters = decode_json(content)
        if type(filters) is not dict or not all(
            type(one) in (str, int) for one in filters.values()
        ):
            return None
    except (Refusal, ValueError):
        return None
    job_id = filters.get("job_id")
    with state.lock:
        if state.unsettled(job_id if isinstance(job_id, str) and job_id else None):
            return None
        rows = state.jobs.queries.rows_text(filters)
    if not rows:
        return None
    body = rows_body(rows)
    if not environ.get(FROM_BOARD):
        seconds = perf_counter() - begun
        test = environ.get(TEST_KEY, "")[:_LONGEST_NAME] or None
        exchange = Exchange(
            state.clock.now(), seconds, "POST", _PATH, "", content, None, test, 200, body, None
        )
        state.journal.note(exchange)
    return body


def _is_plain(environ: WSGIEnvironment, state: ServerState) -> bool:
    """Return whether a request is one that nothing speaks against."""
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == JSON
        and length.isdecimal()
        and 0 < int(length) <= _LONGEST
        and not environ.get("QUERY_STRING")
        and not any(name in environ for name in _ABSENT)
        and state.sharing is None
        and not state.faults.requests
        and not state.faults.rules
        and state.settings.require_auth is None
        and refuse_head(state.settings, state.clock, environ) is None
    )
