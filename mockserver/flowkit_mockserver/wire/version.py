"""version/…, service/…, info/…, component/…: what a server says of itself, and checks of single components."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response

from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.online_serving import SERVINGS
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprints", "set_version"]

version = Blueprint("version", __name__, url_prefix="/version")
service = Blueprint("service", __name__, url_prefix="/service")
info = Blueprint("info", __name__, url_prefix="/info")
component = Blueprint("component", __name__, url_prefix="/component")

blueprints = (version, service, info, component)

#: The services that may register, and what each has to say of itself.
_REGISTERING = {"fatemanager": ["host", "port", "federatedId"], "studio": ["host", "port"]}
_HTTP_PORT, _GRPC_PORT, _BOARD_PORT = 9380, 9360, 8080


# The real server mounts the same views below both names.
@version.post("/get")
@service.post("/get")
def get() -> Response:
    """Tell the version of FATE or of one of its parts (POST version/get)."""
    config = request_json()
    versions = current_state().dialect.versions
    module = config.get("module")
    asked = config.get("module", "FATE")
    return success({"null" if module is None else module: versions.get(asked)})


@version.post("/set")
def set_version() -> Response:
    """Take the id of a federation for the manager of a site (POST version/set)."""
    federation = request_json().get("federatedId")
    services = current_state().store.collection("services")
    services["fatemanager"] = {**services.get("fatemanager", {}), "federatedId": federation}
    return success({"federatedId": federation})


@version.post("/registry")
@service.post("/registry")
def registry() -> Response:
    """Let a service say where it is (POST service/registry)."""
    config = request_json()
    registered = current_state().store.collection("services")
    updated: dict[str, Any] = {}
    for name, own in config.items():
        if name not in _REGISTERING:
            continue
        if set(own) != set(_REGISTERING[name]):
            raise Refusal(
                f"the registration service {name} configuration item is {_REGISTERING[name]}"
            )
        # The real server tries to connect to the service first; the mock opens no connections.
        registered[name] = updated[name] = {**registered.get(name, {}), **own}
    return success({"update_server": updated})


@version.post("/query")
@service.post("/query")
def query() -> Response:
    """Tell where a service is (POST service/query)."""
    config = request_json()
    state = current_state()
    name = config.get("service_name")
    found = state.store.collection("services").get(str(name)) or _default_services(state).get(name)
    return success({"service_info": found})


def _default_services(state: ServerState) -> dict[str | None, Any]:
    host, port = _board(state)
    return {
        "fateflow": {"host": "127.0.0.1", "http_port": _HTTP_PORT, "grpc_port": _GRPC_PORT},
        "fateboard": {"host": host, "port": port},
        "servings": {"hosts": list(SERVINGS)},
    }


def _board(state: ServerState) -> tuple[str | None, int]:
    address = urlsplit(state.settings.board_url)
    return address.hostname, address.port or _BOARD_PORT


@info.post("/fateboard")
def fateboard() -> Response:
    """Tell where the board is (POST info/fateboard)."""
    host, port = _board(current_state())
    if not host:
        raise HttpRefusal(404, "fateboard is not configured")
    return success({"host": host, "port": port})


@component.post("/validate")
def validate() -> Response:
    """Check the parameters of one component (POST component/validate)."""
    from flowkit_mockserver.dsl.parameters import validate_component

    validate_component(request_json(), current_state().dialect)
    return success()
