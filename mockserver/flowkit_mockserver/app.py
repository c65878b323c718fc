"""The application: the endpoints of the API, and what stands around them."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from flask import Flask, Response, request

from flowkit_faults import read_rules
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.faults import apply_rules
from flowkit_mockserver.http.authentication import CREDENTIALS, examine
from flowkit_mockserver.http.envelope import error_response, refusal_response, success
from flowkit_mockserver.settings import Demand, Settings
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

#: What stands before every path of the API.
API = "/v1"

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
    if state.settings.fault_rules is not None:
        apply_rules(app, read_rules(state.settings.fault_rules), state.clock, API)
    if state.settings.require_auth is not None:
        app.before_request(partial(_refuse, state, state.settings.require_auth))
    return app


def _refuse(state: ServerState, demand: Demand) -> Response | None:
    """Answer a request that does not show the credentials that are demanded."""
    if not request.path.startswith(f"{API}/"):
        return None
    target = quote(request.path, safe="/-._~")
    if query := request.query_string.decode():
        target = f"{target}?{query}"
    # An upload's body is not signed: its configuration stands in the query.
    form = {} if request.path == f"{API}/data/upload" else request.form.to_dict()
    body = request.get_data() if request.is_json else b""
    headers = {name: request.headers.get(name, "") for name in CREDENTIALS}
    try:
        examine(demand, headers, target, body, form, state.clock.now())
    except (Refusal, HttpRefusal) as refusal:
        return refusal_response(refusal)
    return None


def _retcode_100(error: Exception) -> Response:
    if len(error.args) > 1 and not isinstance(error, OSError):
        return success(error.args[1], retcode=100, retmsg=str(error.args[0]))
    return success(retcode=100, retmsg=str(error))


def _http_500(error: Exception) -> Response:
    return error_response(500, str(error))
