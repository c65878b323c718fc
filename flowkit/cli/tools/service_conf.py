"""What a server's own configuration, service_conf.yaml, says of its address and keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from flowkit.errors import ArgumentError
from flowkit.inputs.documents import read_whole_file

__all__ = ["ServiceConf", "read_service_conf"]


@dataclass(frozen=True, slots=True)
class ServiceConf:
    """Address and keys of a server.

    Attributes:
        host: its host.
        port: its HTTP port.
        app_key: key id, when the server demands one.
        secret_key: the secret that belongs to it.
    """

    host: str
    port: int
    app_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)


def read_service_conf(path: Path) -> ServiceConf:
    """Read a service_conf.yaml; a ``local.service_conf.yaml`` beside it counts before it.

    Raises:
        ArgumentError: a file cannot be read, or names no address.
    """
    conf = _load(path)
    local = path.with_name(f"local.{path.name}")
    if local.is_file():
        conf |= _load(local)
    flow = _table(conf, "fateflow")
    try:
        host, port = str(flow["host"]), int(flow["http_port"])
    except (KeyError, TypeError, ValueError) as error:
        text = f"{str(path)!r} has no fateflow.host and fateflow.http_port"
        raise ArgumentError(text, argument="server_conf_path") from error
    client = _table(_table(conf, "authentication"), "client")
    keys = client if client.get("switch") else flow
    app_key, secret_key = keys.get("http_app_key"), keys.get("http_secret_key")
    if app_key and secret_key:
        return ServiceConf(host, port, str(app_key), str(secret_key))
    return ServiceConf(host, port)


def _load(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        text = "reading service_conf.yaml needs PyYAML: pip install 'fate-flowkit[cli]'"
        raise click.ClickException(text) from error
    try:
        conf = yaml.safe_load(read_whole_file(path).decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        text = f"server_conf_path {str(path)!r} cannot be read: {error}"
        raise ArgumentError(text, argument="server_conf_path") from error
    if not isinstance(conf, dict):
        text = f"server_conf_path {str(path)!r} is no service_conf.yaml"
        raise ArgumentError(text, argument="server_conf_path")
    return conf


def _table(conf: dict[str, Any], name: str) -> dict[str, Any]:
    found = conf.get(name)
    return found if isinstance(found, dict) else {}
