"""The application: the endpoints of the API, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Request, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from flowkit_mockserver.board.mount import mount_board
from flowkit_mockserver.control import views as control
from flowkit_mockserver.control.journal.exchanges import note_exchanges
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES, Namespaces
from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.exceptions import server_text, show_exception
from flowkit_mockserver.dialects.routes import rule_on
from flowkit_mockserver.http.access import API
from flowkit_mockserver.http.envelope import error_response, success
from flowkit_mockserver.http.monitor import Monitor
from flowkit_mockserver.http.rule_answers import damage_answer
from flowkit_mockserver.http.sites import SITE_PAGES
from flowkit_mockserver.parties.view import PartyState, own_view
from flowkit_mockserver.polling import answer_polls
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire import (
    data,
    job,
    model,
    outputs,
    partners,
    permission,
    pipeline,
    table,
    tag,
    tracking,
    version,
)
from flowkit_mockserver.wire.dispatch import (
    ANY_CONTENT_TYPE,
    EXTENSION,
    NoSessions,
    SpoolingRequest,
    begin_request,
    wrap_view,
)
from flowkit_mockserver.wire.service import probes

__all__ = ["API", "create_app"]

#: The endpoint families that make up the API of the first lines, and much of that of the later ones.
_BLUEPRINTS = (
    data.blueprint,
    table.blueprint,
    job.blueprint,
    pipeline.blueprint,
    tracking.blueprint,
    outputs.blueprint,
    model.blueprint,
    tag.blueprint,
    permission.blueprint,
    *version.blueprints,
    *partners.blueprints,
)

#: The parts of the real server that answer an unexpected exception with HTTP 500.
ANSWERING_500 = (f"{API}/component/", f"{API}/info/")


def create_app(
    settings: Settings | ServerState | PartyState | None = None,
    monitor: Monitor | None = None,
    namespaces: Namespaces | None = None,
) -> Flask:
    """Return a mock of FATE Flow as a WSGI application.

    Args:
        settings: the choices to make, or a state that exists already, or that of one party; None for the defaults.
        monitor: the notes of whoever serves it, which ``/readyz`` and ``/metrics`` show.
        namespaces: those of another server on the same state; None for its own.
    """
    made = settings if isinstance(settings, ServerState | PartyState) else ServerState(settings)
    state = own_view(made)
    dialect = state.dialect
    app = _Api(dialect)
    app.extensions[EXTENSION] = state
    app.extensions[probes.MONITOR] = monitor or Monitor()
    namespaces = app.extensions[NAMESPACES] = namespaces or Namespaces(state.world)
    answered = mount_board(answer_polls(app.wsgi_app, state), state.settings, state.clock)
    if isinstance(state, PartyState):
        answered = state.show_own(answered, EXTENSION)
    app.wsgi_app = namespaces.around(answered)  # type: ignore[method-assign]
    app.extensions[SITE_PAGES] = app.pages
    app.config[ANY_CONTENT_TYPE] = dialect.any_content_type
    # The first lines find nothing at a path with a doubled slash, and redirect from nowhere.
    app.url_map.merge_slashes = dialect.reworked
    app.url_map.strict_slashes = not dialect.own_project
    # Where both have a view for a route, the one that is registered first answers.
    for blueprint in (*_later_blueprints(), *_BLUEPRINTS) if dialect.own_project else _BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=API + (blueprint.url_prefix or ""))
    app.register_blueprint(control.blueprint)
    app.register_blueprint(probes.blueprint)
    app.add_url_rule("/openapi.json", "openapi", _openapi)
    if dialect.json_errors:
        app.register_error_handler(HTTPException, _show)
    app.before_request(begin_request)
    note_exchanges(app)
    # Run before the last one: it is noted what of an answer goes out.
    app.after_request(lambda response: damage_answer(response, request.environ))
    return app


def _openapi() -> Response:
    # Whoever asks for the document pays for it.
    from flowkit_mockserver.wire.service.openapi import openapi

    return openapi()


def _later_blueprints() -> Iterable[Blueprint]:
    # A server of the first lines starts without them.
    from flowkit_mockserver.wire.later import BLUEPRINTS

    return BLUEPRINTS


class _Api(Flask):
    """The application of one dialect: a route that its line does not have, or has elsewhere, is not added as it is.

    Args:
        dialect: the dialect of the server.

    Attributes:
        pages: what the paths of its routes begin with, below ``/v1``.
    """

    request_class = SpoolingRequest
    session_interface = NoSessions()

    def __init__(self, dialect: Dialect) -> None:
        super().__init__("flowkit_mockserver", static_folder=None)
        if isinstance(self.json, DefaultJSONProvider):
            # Bodies of the test client keep their order, as those of any other client do.
            self.json.sort_keys = False
        self._dialect = dialect
        self._taken: set[tuple[str, str]] = set()
        self.pages: set[str] = set()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of this application, none of which is asynchronous, without asking each time."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the rules to a request.

        Flask itself looks at the host twice here, and once more for the context of the application; no rule asks
        for a host, and which hosts are answered is decided in `refuse_request`.
        """
        if request is None:
            return None
        environ = request.environ
        return self.url_map.bind(
            environ.get("HTTP_HOST") or environ["SERVER_NAME"],
            script_name=environ.get("SCRIPT_NAME"),
            url_scheme=environ["wsgi.url_scheme"],
            default_method=environ["REQUEST_METHOD"],
            path_info=request.path,
            query_args=environ.get("QUERY_STRING", ""),
        )

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add the routes of a rule, each method for itself."""
        if not rule.startswith(f"{API}/") or view_func is None:
            super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)
            return
        path = rule.removeprefix(API)
        crash = _crash(self._dialect, rule)
        for method in sorted(options.pop("methods", ("GET",))):
            here = rule_on(self._dialect.line, method, path, self._dialect.flow_version)
            if here is None or (method, here) in self._taken:
                continue
            self._taken.add((method, here))
            self.pages.add(here.split("/")[1])
            view = wrap_view(view_func, crash=crash, route=(method, path))
            name = f"{endpoint}:{method} {here}".replace(".", ":")
            super().add_url_rule(API + here, name, view, methods=(method,), **options)


def _crash(dialect: Dialect, rule: str) -> Callable[[Exception], Response]:
    """Return how an unexpected exception of a view shows."""
    if dialect.exceptions_as_repr:
        return _show
    if dialect.own_project:
        return _parts
    return _http_500 if rule.startswith(ANSWERING_500) else _retcode_100


def _show(error: Exception) -> Response:
    return success(retcode=100, retmsg=show_exception(error))


def _retcode_100(error: Exception) -> Response:
    if len(error.args) > 1 and not isinstance(error, OSError):
        return success(error.args[1], retcode=100, retmsg=str(error.args[0]))
    return success(retcode=100, retmsg=server_text(error))


def _parts(error: Exception) -> Response:
    """Show an exception of two parts, such as an `OSError`, as message and data."""
    if isinstance(error, OSError) and len(error.args) > 1:
        return success(error.args[1], retcode=100, retmsg=str(error.args[0]))
    return _retcode_100(error)


def _http_500(error: Exception) -> Response:
    return error_response(500, str(error))
