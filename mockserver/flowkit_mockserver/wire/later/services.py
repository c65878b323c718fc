"""service/…, server/NAME/register and forward/…: where other servers are, and what they offer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.online_serving import unavailable
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.column_values import allowed, compared, not_null, number, text
from flowkit_mockserver.wire.later.server import configuration_of

__all__ = ["blueprints"]

server = Blueprint("later_servers", __name__, url_prefix="/server")
service = Blueprint("later_service", __name__, url_prefix="/service")
forward = Blueprint("later_forward", __name__, url_prefix="/forward")

blueprints = (server, service, forward)

_SERVERS = "t_server_registry_info"
_SERVICES = "t_service_registry_info"
_PROXY = "127.0.0.1:9370"
_NEEDED = ("service_name", "uri")
_FIELDS = {
    "server_name",
    *_NEEDED,
    "method",
    "server_info",
    "params",
    "data",
    "headers",
    "protocol",
}


@server.post("/<name>/register")
@server.post("/service/<name>/register")
def register(name: str) -> Response:
    """Add a server to the configuration (POST server/NAME/register)."""
    given = request_json()
    state = current_state()
    if state.dialect.reworked:
        where = {"host": given.get("host"), "port": given.get("port")}
        number(where["port"])
        not_null(_SERVERS, f_host=where["host"], f_port=where["port"])
    elif not isinstance(given, dict):
        raise TypeError("register() argument after ** must be a mapping, not NoneType")
    entry = {**given, "protocol": given.get("protocol", "http")}
    state.store.collection("servers")[name.upper()] = entry
    return success()


@service.post("/registry")
def register_service() -> Response:
    """Keep where a service is, or a server (POST service/registry)."""
    config = request_json()
    if not current_state().dialect.reworked:
        return success({"update_server": _save_sections(config)})
    if "server_name" not in config:
        return success(_save_servers(config))
    for name in config:
        if name not in _FIELDS:
            raise TypeError(f"save_service_info() got an unexpected keyword argument '{name}'")
    missing = [name for name in _NEEDED if name not in config]
    if missing:
        words = " and ".join(map(repr, missing))
        plural = "s" if len(missing) > 1 else ""
        raise TypeError(
            f"save_service_info() missing {len(missing)} required positional argument{plural}: {words}"
        )
    state = current_state()
    given = config.get("server_info")
    where = given or _find_server(config["server_name"])
    row = {
        "f_server_name": config["server_name"],
        "f_service_name": config["service_name"],
        "f_url": f"{_protocol(config, given, where)}://{where.get('host')}:{where.get('port')}{config['uri']}",
        "f_method": config.get("method", "POST"),
    }
    key = "/".join(str(compared(row[name])) for name in ("f_server_name", "f_service_name"))
    not_null(_SERVICES, **row)
    moment = int(state.clock.now() * 1000)
    dates = {
        "f_create_date": state.dialect.format_date(moment),
        "f_create_time": moment,
        "f_update_date": state.dialect.format_date(moment),
        "f_update_time": moment,
    }
    documents = {f"f_{name}": config.get(name) or {} for name in ("params", "data", "headers")}
    row = {name: text(value) for name, value in row.items()}
    state.store.collection("services")[key] = {**row, **documents, **dates}
    return success({})


def _find_server(name: Any) -> dict[str, Any]:
    """Return where a registered server is; without a name the first there is.

    Raises:
        Refusal: it is not registered.
    """
    servers = current_state().store.collection("servers")
    found = servers.get(name.upper()) if name else next(iter(servers.values()), None)
    if not found:
        raise Refusal(f"Exception({f'no found server {name}'!r})")
    known: dict[str, Any] = found
    return known


def _protocol(config: dict[str, Any], given: Any, where: dict[str, Any]) -> Any:
    return where.get("protocol", config.get("protocol", "http") if given else "http")


def _save_servers(config: Any) -> dict[str, Any]:
    for _, where in config.items():
        if "host" in where and "port" in where:
            # The real server tries to connect first; the mock opens no connections, and nobody is there.
            text = f"connection refused: host {where['host']}, port {where['port']}"
            raise Refusal(f"ConnectionRefusedError({text!r})")
        where.pop("api", {})
        not_null(_SERVERS, f_host=where.get("host"), f_port=where.get("port"))
    return {}


#: The sections of the configuration that can be put in place of others until 1.9, and what each consists of.
_SECTIONS = {"fatemanager": ["host", "port", "federatedId"], "studio": ["host", "port"]}


def _save_sections(config: Any) -> dict[str, Any]:
    for name, where in config.items():
        if name not in _SECTIONS:
            raise Refusal(f"service {name} cannot be registered")
        if set(where) != set(_SECTIONS[name]):
            text = f"the registration service {name} configuration item is {_SECTIONS[name]}"
            raise Refusal(text)
        # The real server tries to connect first; the mock opens no connections, and nobody is there.
        raise Refusal(f"connection refused: host {where['host']}, port {where['port']}")
    return {}


@service.post("/query")
def query_service() -> Response:
    """Tell where a service is (POST service/query)."""
    config = request_json()
    state = current_state()
    if not state.dialect.reworked:
        name = config.get("service_name")
        if not isinstance(name, str):
            raise TypeError("getattr(): attribute name must be string")
        sections = configuration_of(state)
        return success({"service_info": sections.get(name) or sections.get(name.upper())})
    wanted = {
        f"f_{name}": allowed(config[name])
        for name in ("service_name", "server_name")
        if config.get(name) is not None
    }
    found = [
        row
        for row in state.store.collection("services").values()
        if wanted and all(row[name] in values for name, values in wanted.items())
    ]
    return success({"service_info": found})


@forward.post("/<role>")
def forward_to(role: str) -> Response:
    """Say that the proxy that requests are forwarded by cannot be reached (POST forward/ROLE)."""
    config: Any = request_json() or request.form.to_dict()
    header, body = config.get("header"), config.get("body")
    if header and body:
        for name, _ in header.items():
            name.replace("_", "-")
    elif role != "marketplace":
        raise TypeError("Object of type EnvironHeaders is not JSON serializable")
    raise Refusal(unavailable(_PROXY, current_state().clock.now()))


@forward.post("/<role>/do")
def forward_here(role: str) -> Response:
    """Say that nothing is known to forward to (POST forward/ROLE/do)."""
    dialect = current_state().dialect
    answer = refusal(dialect, "no role to forward to", role=role, section=role.upper())
    # The code is not the HTTP status here.
    raise Refusal(answer.retmsg, answer.code) if isinstance(answer, HttpRefusal) else answer
