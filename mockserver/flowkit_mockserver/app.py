"""The application: the endpoints of the API, and what stands around them."""

from __future__ import annotations

from flask import Flask, Response, request

from flowkit_faults import read_rules
from flowkit_mockserver.faults import apply_rules
from flowkit_mockserver.http.access import API, refuse_request
from flowkit_mockserver.http.envelope import error_response, success
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire import (
    control,
    data,
    job,
    model,
    outputs,
    permission,
    pipeline,
    table,
    tag,
    tracking,
    version,
)
from flowkit_mockserver.wire.dispatch import EXTENSION, NoSessions, wrap_view
from flowkit_mockserver.wire.spool import SpoolingRequest

__all__ = ["API", "create_app"]

#: The endpoint families that make up the API.
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
)

#: The parts of the real server that answer an unexpected exception with HTTP 500.
ANSWERING_500 = (f"{API}/component/", f"{API}/info/")


def create_app(settings: Settings | ServerState | None = None) -> Flask:
    """Return a mock of FATE Flow as a WSGI application.

    Args:
        settings: the choices to make, or a state that exists already; None for the defaults.
    """
    state = settings if isinstance(settings, ServerState) else ServerState(settings)
    app = Flask("flowkit_mockserver", static_folder=None)
    app.request_class = SpoolingRequest
    app.session_interface = NoSessions()
    app.extensions[EXTENSION] = state
    # The real server finds nothing at a path with a doubled slash, and redirects from nowhere.
    app.url_map.merge_slashes = False
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=API + (blueprint.url_prefix or ""))
    for rule in app.url_map.iter_rules():
        crash = _http_500 if rule.rule.startswith(ANSWERING_500) else _retcode_100
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "__wrapped__"):
            app.view_functions[rule.endpoint] = wrap_view(view, crash=crash)
    app.register_blueprint(control.blueprint)
    # Before anything else is looked at.
    app.before_request(lambda: refuse_request(state.settings, state.clock, request))
    if state.settings.fault_rules is not None:
        apply_rules(app, read_rules(state.settings.fault_rules), state.clock, API)
    return app


def _retcode_100(error: Exception) -> Response:
    if len(error.args) > 1 and not isinstance(error, OSError):
        return success(error.args[1], retcode=100, retmsg=str(error.args[0]))
    return success(retcode=100, retmsg=str(error))


def _http_500(error: Exception) -> Response:
    return error_response(500, str(error))
