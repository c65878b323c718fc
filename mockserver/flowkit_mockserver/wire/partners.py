"""What servers of the first lines ask each other: their part of a model, and to forward a request.

The mock does the parts of its parties by itself and needs none of it; whoever plays a partner asks for it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response

from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models import online_serving
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprints"]

model = Blueprint("partner_model", __name__, url_prefix="/model")
forward = Blueprint("forward", __name__, url_prefix="/forward")

blueprints = (model, forward)

#: The port of the manager of federations, as the configuration of the server says.
_MANAGER_PORT = 8001
#: Where the configuration says that the way to other parties begins.
_ROLLSITE = "127.0.0.1:9370"
_NO_ROLLSITE = "Please check rollSite and fateflow network connectivityrpc request error: "
_METHODS = re.compile(r"(get|options|head|post|put|patch|delete)", re.IGNORECASE)


@model.post("/load/do")
def load() -> Response:
    """Load this party's part of a model into its servings (POST model/load/do)."""
    config = request_json()
    if isinstance(config, str):
        raise Refusal("'str' object does not support item assignment")
    with server_texts():
        party = Party.of(config["local"]["role"], config["local"]["party_id"])
        parameters = config["job_parameters"]
        model_id, version = parameters["model_id"], parameters["model_version"]
        code, text = online_serving.load_at(current_state().models, party, model_id, version)
    return success(retcode=code, retmsg=text)


@model.post("/deploy/do")
def deploy() -> Response:
    """Deploy this party's part of a model (POST model/deploy/do)."""
    from flowkit_mockserver.models.deployment import deploy_at

    config = request_json()
    with server_texts():
        config.get("model_id")
        role, party_id = config.get("local").get("role"), config.get("local").get("party_id")
        child = str(config.get("child_model_version"))
        code, text = deploy_at(current_state().models, config, role, party_id, child)
    return success(retcode=code, retmsg=text)


@model.post("/migrate/do")
def migrate() -> Response:
    """Migrate this party's part of a model (POST model/migrate/do)."""
    from flowkit_mockserver.models.migration import migrate_at

    config = request_json()
    try:
        with server_texts():
            _ = config["model_id"]
            local = config["local"]
            party, version = (
                Party.of(local["role"], local["party_id"]),
                config["unify_model_version"],
            )
            said, data = migrate_at(
                current_state().models, config, party, local["migrate_party_id"], version
            )
    except Refusal as refusal:
        return success({}, retcode=refusal.retcode, retmsg=refusal.retmsg)
    return success(data, retmsg=said)


@forward.post("/<role>")
def to_party(role: str) -> Response:
    """Ask the server of a party to forward a request (POST forward/ROLE).

    Party 0 is the server itself; no other can be reached.
    """
    config = request_json() or {}
    with server_texts():
        header: Any = config.get("header")
        party = int(header.get("dest_party_id"))
    if party != 0:
        state = current_state()
        raise Refusal(
            _NO_ROLLSITE + online_serving.unavailable(_ROLLSITE, state.clock.now(), state.dialect)
        )
    return _forward(role, config)


@forward.post("/<role>/do")
def to_service(role: str) -> Response:
    """Forward a request to a service beside the server, of which none is there (POST forward/ROLE/do)."""
    return _forward(role, request_json() or {})


def _forward(role: str, config: Any) -> Response:
    """Say that the service is not there: a mock sends nothing to other servers.

    Raises:
        Refusal: always.
    """
    state = current_state()
    board = urlsplit(state.settings.board_url)
    services: dict[str, tuple[Any, Any]] = {
        "fateboard": (board.hostname, board.port),
        "fatemanager": ("127.0.0.1", _MANAGER_PORT),
    }
    with server_texts():
        header = config.get("header", {})
        host, port = services.get(role, ("127.0.0.1", None))
        endpoint, method = header.get("endpoint"), header.get("method", "post")
        known = _METHODS.fullmatch(method.lower())
    if known is None:
        raise Refusal("'NoneType' object is not callable")
    if port is None or not isinstance(endpoint, str):
        raise Refusal(f"Failed to parse: http://{host}:{port}{endpoint}")
    raise Refusal(
        f"HTTPConnectionPool(host='{host}', port={port}): Max retries exceeded with url: {endpoint}"
        " (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object>: Failed to establish a new"
        " connection: [Errno 111] Connection refused',))"
    )
