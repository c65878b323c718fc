"""What is around every view: it takes the body in, settles the jobs, takes the lock and turns exceptions into answers.

Werkzeug reads a multipart body; here is said where a file's content goes: straight to the disk, into the server's own
directory, where it may stay. Werkzeug's own temporary file has no name, so an upload of gigabytes would be copied once
more before a job could read it by its path.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial, wraps
from pathlib import Path
from time import monotonic, perf_counter
from typing import IO, Any, TypeVar, cast

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from flowkit import OPERATIONS, Effect
from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.exceptions import show_text
from flowkit_mockserver.dialects.routes import Route, find_route
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.access import API, FROM_BOARD, refuse_request
from flowkit_mockserver.http.envelope import (
    ANY_CONTENT_TYPE,
    error_response,
    refusal_response,
    request_json,
)
from flowkit_mockserver.http.monitor import ROUTE
from flowkit_mockserver.http.rule_answers import answer_by_rule
from flowkit_mockserver.http.sites import SITE_PAGES, refuse_unsigned
from flowkit_mockserver.kinds.lookup import stands_alone
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Interrupted

__all__ = [
    "ANY_CONTENT_TYPE",
    "ARRIVED",
    "BEGUN",
    "EXTENSION",
    "RECEIVED",
    "NoSessions",
    "begin_request",
    "check_arguments",
    "current_state",
    "unlocked",
    "wrap_view",
]

#: Where a Flask application keeps its `ServerState`, and the environment of a request the one that it is for.
EXTENSION = "flowkit-mock"
#: Where the environment of a request has the moment at which it came, as `perf_counter` shows it.
BEGUN = "flowkit.begun"
#: Where the environment of a request has the body once it was taken in; empty for a form.
RECEIVED = "flowkit.received"

#: In a WSGI environment, when all of the request was here, in seconds of `time.monotonic`.
ARRIVED = "flowkit.arrived"

#: Method and path of what only looks at the state.
_QUESTIONS = frozenset(
    (operation.method, operation.path)
    for operation in OPERATIONS
    if operation.effect is Effect.READ
)

View = Callable[..., Any]
V = TypeVar("V", bound=View)

#: The return code of an exception, and that of missing arguments.
EXCEPTION = 100
ARGUMENT_ERROR = 101

log = logging.getLogger(__name__)

_LOGGED_CHARACTERS = 500

NO_RESPONSE = (
    "The view function did not return a valid response. The function either returned None or ended"
    " without a return statement."
)


def current_state() -> ServerState:
    """Return the state that the request at hand is for: that of its namespace, or of the server."""
    return cast(ServerState, request.environ.get(EXTENSION) or current_app.extensions[EXTENSION])


def begin_request() -> BaseResponse | None:
    """Note when and for which state the request at hand came; return the answer if it is refused for what it is."""
    environ = request.environ
    environ[BEGUN] = perf_counter()
    state = environ.setdefault(EXTENSION, current_app.extensions[EXTENSION])
    refused = refuse_request(state.settings, state.clock, request) or _refuse_other_server(state)
    if refused is not None:
        return refused
    try:
        if state.sharing is not None and environ["PATH_INFO"].startswith(f"{API}/"):
            # What others have ordered counts from here on.
            state.sharing.look(environ.setdefault(ARRIVED, monotonic()))
        if state.faults.rules:
            counting = nullcontext() if state.sharing is None else state.lock
            return answer_by_rule(state.faults.rules, state.clock, environ, counting)
    except Interrupted as error:
        return error_response(503, str(error))
    if state.dialect.reads_bodies_first and environ["PATH_INFO"].startswith(f"{API}/"):
        _read_body(state.settings.max_json_bytes)
    return None


def _read_body(limit: int) -> None:
    """Read the body before anything is looked for.

    Raises:
        BadRequest: its content type is JSON and it is not, be the path known or not.
    """
    request.max_content_length = limit
    with suppress(Refusal):
        request_json()


def _refuse_other_server(state: ServerState) -> BaseResponse | None:
    """Return the answer to a request of another server that is not signed; a signature of clients goes before."""
    settings = state.settings
    demand = settings.require_auth
    if settings.site_party is None or (demand is not None and demand.scheme == "hmac"):
        return None
    if request.environ.get(FROM_BOARD):
        return None
    pages = current_app.extensions[SITE_PAGES]
    line = state.dialect.line.name

    def verify(party: str, body: object, signature: str | None) -> None:
        state.ask(lambda: state.site_keys.verify(party, body, signature))

    return refuse_unsigned(request, pages, line, settings.max_json_bytes, verify)


class SpooledFile(io.BufferedRandom):
    """A file on its way in. It vanishes when it is closed, unless someone took it.

    Args:
        path: an empty file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "w+b"))
        self._path: Path | None = path

    def take(self) -> Path:
        """Return where the content is; removing it is up to the caller from now on.

        Raises:
            ValueError: it was taken before.
        """
        if self._path is None:
            raise ValueError("the file has been taken already")
        self.flush()
        path, self._path = self._path, None
        return path

    def close(self) -> None:
        """Close, and remove what nobody took."""
        super().close()
        path, self._path = self._path, None
        if path is not None:
            path.unlink(missing_ok=True)


class SpoolingRequest(Request):
    """A request whose files are `SpooledFile`s, all of which are closed at its end, those of a body cut short too."""

    _spooled: Sequence[SpooledFile] = ()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        file = SpooledFile(current_state().store.new_file())
        self._spooled = (*self._spooled, file)
        return cast(IO[bytes], file)

    def close(self) -> None:
        """Close the files and leave the route to the server; Flask calls this when a request has been answered."""
        super().close()
        self.environ[ROUTE] = self.url_rule
        for file in self._spooled:
            file.close()


class NoSessions(SessionInterface):
    """The API knows no sessions, so none is looked for in each request."""

    _none = SecureCookieSession()

    def open_session(self, app: Flask, request: Any) -> SessionMixin:
        """Return a session that holds nothing."""
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """There is nothing to save."""


def unlocked(view: V) -> V:
    """Mark a view that takes `state.lock` itself, because it works long without needing it."""
    view.unlocked = True  # type: ignore[attr-defined]
    return view


def wrap_view(
    view: View, *, crash: Callable[[Exception], Response], route: tuple[str, str] | None = None
) -> View:
    """Return the view as the application calls it.

    Args:
        view: returns a response, or raises `Refusal` or `HttpRefusal`; a key that the request
            lacks is a `KeyError`.
        crash: turns any other exception into an answer, as this part of the real server does.
        route: method and path below ``/v1``, which say what arguments are needed; None needs none.
    """
    free = getattr(view, "unlocked", False)
    looks = route is not None and (route[0], route[1].strip("/")) in _QUESTIONS
    known = None if route is None else find_route(*route)
    about = None if route is None else _ABOUT.get(route[1])

    @wraps(view)
    def answer(**arguments: Any) -> Any:
        state = current_state()
        arrived = None if state.sharing is None else request.environ.get(ARRIVED)
        ordered = state.faults.requests and not request.environ.get(FROM_BOARD)
        if ordered and (failure := _ordered_failure(state)) is not None:
            return failure
        _receive(state)
        try:
            if known is not None and known.needs:
                check_arguments(state.dialect, known)
            if free:
                result = view(**arguments)
            else:
                call = partial(view, **arguments)
                result = state.ask(call, about, arrived) if looks else state.change(call, about)
            if result is None:
                raise Refusal(NO_RESPONSE)
            return result
        except Refusal as refusal:
            if state.dialect.exceptions_as_repr and refusal.retcode == EXCEPTION:
                refusal.retmsg = show_text(refusal.retmsg, refusal.__cause__)
            return refusal_response(refusal)
        except HttpRefusal as refusal:
            return refusal_response(refusal)
        except HTTPException:
            raise
        except Interrupted as error:
            return error_response(503, str(error))
        # The boundary of the server: the real one answers any exception, and so must this one.
        except Exception as error:
            _log(error)
            return crash(error)

    return answer


def _job_asked_about() -> str | None:
    """Return the job that the body names, None when it names none."""
    body = request_json()
    job_id = body.get("job_id") if isinstance(body, dict) else None
    return job_id if isinstance(job_id, str) and job_id else None


def _job_built_upon() -> str | None:
    """Return that a submission is about no job, unless it may take up what another is going to leave in the server."""
    body = request_json()
    dsl = body.get("dsl", body.get("job_dsl")) if isinstance(body, dict) else None
    components = dsl.get("components") if isinstance(dsl, dict) else None
    if not isinstance(components, dict) or b"model_version" in request.environ[RECEIVED]:
        return None
    modules = [one.get("module") for one in components.values() if isinstance(one, dict)]
    return "" if all(map(stands_alone, modules)) else None


#: By path, what tells the only job that matters to a request, so that it computes for no other; see `Progress.settle`.
_ABOUT: Mapping[str, Callable[[], str | None]] = {
    "/job/query": _job_asked_about,
    "/job/task/query": _job_asked_about,
    "/job/submit": _job_built_upon,
}


def check_arguments(dialect: Dialect, route: Route) -> None:
    """Check that a request has the arguments that its route needs, where the line checks them first.

    Raises:
        Refusal: some are missing; the text names them.
    """
    if not dialect.own_project or not route.checks(dialect.line):
        return
    given = request_json() or request.form.to_dict()
    # A number has no members at all, and fails by itself.
    missing = [name for name in route.needs if name not in given]
    if missing:
        raise Refusal(f"required argument are missing: {','.join(missing)}; ", ARGUMENT_ERROR)


def _log(error: Exception) -> None:
    """Log in one line what the real server answers any mistake with; the way to it is for debugging only."""
    text = " ".join(str(error).split())[:_LOGGED_CHARACTERS]
    kind = type(error).__name__
    trace = log.isEnabledFor(logging.DEBUG)
    log.warning("%s %r: %s: %s", request.method, request.path, kind, text, exc_info=trace)


def _receive(state: ServerState) -> None:
    """Take the body in before the lock; one that is too large is refused."""
    settings = state.settings
    if request.environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
        request.max_content_length = settings.max_upload_bytes
        _ = request.files
        request.environ[RECEIVED] = b""
    else:
        request.max_content_length = settings.max_json_bytes
        request.environ[RECEIVED] = request.get_data()


def _ordered_failure(state: ServerState) -> Response | None:
    """Return the failure that was ordered in place of this answer, if any."""
    with state.lock:
        fault = state.faults.take_request(request.path.removeprefix("/v1/"))
    if fault is None:
        return None
    response = error_response(fault.status, "injected failure")
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
    return response
