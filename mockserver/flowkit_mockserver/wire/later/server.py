"""server/…, info/…, version/…: what a server says of itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.dialects.facts import server_facts
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.online_serving import unavailable
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.version import set_version

__all__ = ["blueprints", "configuration_of"]

server = Blueprint("later_server", __name__, url_prefix="/server")
version = Blueprint("later_version", __name__, url_prefix="/version")
info = Blueprint("later_info", __name__, url_prefix="/info")

blueprints = (server, version, info)

version.post("/set")(set_version)

_API = "v1"
_HOST, _HTTP_PORT, _GRPC_PORT = "127.0.0.1", 9380, 9360
_ROLL_SITE = "127.0.0.1:9370"


def _module() -> str | None:
    config = request_json()
    return config.get("module") or None if isinstance(config, dict) else None


@version.post("/get")
def get_version() -> Response:
    """Tell the version of FATE or of one of its parts (POST version/get)."""
    return _version()


@info.post("/version")
def info_version() -> Response:
    """Tell the version of FATE or of one of its parts (POST info/version)."""
    return _version()


def _version() -> Response:
    module = _module() or "FATE"
    dialect = current_state().dialect
    found = dialect.versions.get(module)
    # Until 1.9 nothing is the version of what there is not.
    if found is None and dialect.reworked:
        raise refusal(dialect, "no such part", name=module)
    return success({"API": _API, module: found})


@server.post("/version/get")
def server_version() -> Response:
    """Tell the versions of FATE and its parts (POST server/version/get)."""
    dialect = current_state().dialect
    config, versions = request_json(), dialect.versions
    module = ((config or {}) if dialect.reworked else config).get("module")
    shown = {module: versions.get(module)} if module else dict(versions)
    return success({**shown, "API": _API})


@info.post("/common")
def common() -> Response:
    """Tell where the server is, and its version (POST info/common)."""
    state = current_state()
    party = state.settings.site_party
    return success(
        {
            "version": state.dialect.fate_version,
            "host": _HOST,
            "http_port": _HTTP_PORT,
            "grpc_port": _GRPC_PORT,
            "party_id": int(party) if party is not None and party.isdecimal() else party,
        }
    )


@info.post("/mysql")
def mysql() -> Response:
    """Say that there is no database server here (POST info/mysql)."""
    raise refusal(current_state().dialect, "no MySQL")


@info.post("/eggroll")
def eggroll() -> Response:
    """Say that there is no EggRoll here (POST info/eggroll)."""
    raise refusal(current_state().dialect, "no EggRoll")


def _roll_site_away() -> Refusal:
    state = current_state()
    return Refusal(unavailable(_ROLL_SITE, state.clock.now(), state.dialect))


@info.post("/party/<party>")
def party(party: str) -> Response:
    """Say that the party cannot be reached (POST info/party/PARTY)."""
    raise _roll_site_away()


@info.post("/party/<proxy>/<party>")
def party_by_proxy(proxy: str, party: str) -> Response:
    """Say that the party cannot be reached (POST info/party/PROXY/PARTY)."""
    raise _roll_site_away()


def configuration_of(state: ServerState) -> dict[str, Any]:
    """Return the configuration by section: made up, with the servers that were registered."""
    found: dict[str, Any] = server_facts(state.dialect.line, "configuration")
    board = urlsplit(state.settings.board_url)
    found["FATEBOARD"] = {"host": board.hostname, "port": board.port or 8080}
    return found | dict(state.store.collection("servers").items())


@server.post("/get")
@server.post("/service/get")
def configuration() -> Response:
    """Show the configuration by section (POST server/get, server/service/get)."""
    return success(configuration_of(current_state()))


@server.post("/fateflow/info")
def instances() -> Response:
    """Name the instances of FATE Flow (POST server/fateflow/info)."""
    state = current_state()
    name = f"flow-{_HOST}-{_HTTP_PORT}"
    entry = {
        "instance_id": name,
        "timestamp": int(state.clock.now() * 1000),
        "version": state.dialect.fate_version,
        "host": _HOST,
        "grpc_port": _GRPC_PORT,
        "http_port": _HTTP_PORT,
    }
    return success({name: entry})


@server.post("/config/job/default")
def job_defaults() -> Response:
    """Show the default settings of jobs (POST server/config/job/default)."""
    return success(server_facts(current_state().dialect.line, "job_defaults"))


@server.post("/reload")
def reload() -> Response:
    """Read the configuration once more (POST server/reload)."""
    dialect = current_state().dialect
    registry = "server_registry" if dialect.reworked else "service_registry"
    defaults = server_facts(dialect.line, "job_defaults")
    return success({"job_default_config": defaults, registry: None})


@server.post("/<name>/get")
@server.post("/service/<name>/get")
def get_server(name: str) -> Response:
    """Show one section of the configuration (POST server/NAME/get)."""
    found = configuration_of(current_state()).get(name.upper())
    if isinstance(found, dict) and name.upper() in current_state().store.collection("servers"):
        found = {key: value for key, value in found.items() if key != "protocol"}
    return success(found)
