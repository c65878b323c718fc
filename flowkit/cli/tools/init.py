"""``flowkit init``: where the server is, kept in flowkit's own configuration file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from flowkit.call.address import DEFAULT_PORT, Address
from flowkit.cli.options import SpelledOption
from flowkit.cli.output import write_json
from flowkit.cli.tools.service_conf import read_service_conf
from flowkit.config import CONFIG, USER_FILE, find_config
from flowkit.errors import ArgumentError, FlowError
from flowkit.files.downloads import replace_whole

__all__ = ["init"]


@click.command()
@click.option(
    "--server-conf-path",
    "--server_conf_path",
    "-c",
    type=click.Path(),
    metavar="PATH",
    help="The server's service_conf.yaml, from which address and keys are taken.",
    cls=SpelledOption,
)
@click.option("--ip", help="Server's host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Server's port; 9380 by default.")
@click.option(
    "--app-key", "--app_key", help="Key id of the server's authentication.", cls=SpelledOption
)
@click.option(
    "--secret-key", "--secret_key", help="The secret that belongs to it.", cls=SpelledOption
)
@click.option("--reset", is_flag=True, help="Forget address and keys.")
def init(
    server_conf_path: str | None,
    ip: str | None,
    port: int | None,
    app_key: str | None,
    secret_key: str | None,
    reset: bool,
) -> None:
    """Keep address and keys in flowkit's configuration file.

    The file is the one that FLOWKIT_CONFIG names, else ~/.config/flowkit/flowkit.toml. What else it
    holds stays as it is; only its owner can read it. A service_conf.yaml counts before --ip and
    --port; it is read now, not again later. Other users see options in the list of processes: give
    keys by that file, or by FLOWKIT_APP_KEY and FLOWKIT_SECRET_KEY, where they must not.
    """
    file = Path(os.environ.get(CONFIG) or USER_FILE).expanduser()
    document = _read(file)
    if reset:
        _forget(document)
        _write(file, document)
        write_json({"retcode": 0, "retmsg": f"address and keys are forgotten: {file}"})
        return
    if server_conf_path is not None:
        found = read_service_conf(Path(server_conf_path))
        ip, port = found.host, found.port
        app_key, secret_key = app_key or found.app_key, secret_key or found.secret_key
    known = document.get("url")
    if ip is None and known is None:
        raise ArgumentError("--ip is missing, and -c: where is the server?", argument="ip")
    if ip is not None or port is not None:
        before = Address.parse(ip, port) if ip is not None else Address.parse(str(known), None)
        number = port or (before.port if ip is None else DEFAULT_PORT)
        address = Address(before.scheme, before.host, before.port if ip and "://" in ip else number)
        document["url"] = address.origin + before.base
    if (app_key is None) != (secret_key is None):
        missing = "app_key" if app_key is None else "secret_key"
        raise ArgumentError(f"{missing} is missing: the two keys belong together", argument=missing)
    if app_key is not None and secret_key is not None:
        _keep_keys(document, app_key, secret_key)
    _write(file, document)
    write_json({"retcode": 0, "retmsg": f"kept in {file}", "url": str(document["url"])})
    _warn_of_others(file)


def _read(file: Path) -> Any:
    """Return the file as a document that keeps its comments and order; empty without a file."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise ArgumentError(f"{file} cannot be read: {error}", argument=CONFIG) from error


def _keep_keys(document: Any, app_key: str, secret_key: str) -> None:
    """Enable the plugin ``auth`` with these keys."""
    listed = document.get("plugins", [])
    if "auth" not in listed:
        document["plugins"] = [*listed, "auth"]
    document.setdefault("plugin", {}).setdefault("auth", {}).update(
        {"app_key": app_key, "secret_key": secret_key}
    )


def _forget(document: Any) -> None:
    """Take out what `init` puts in."""
    document.pop("url", None)
    if "auth" in document.get("plugins", []):
        document["plugins"] = [name for name in document["plugins"] if name != "auth"]
    auth = document.get("plugin", {}).get("auth", {})
    for name in ("app_key", "secret_key"):
        auth.pop(name, None)


def _write(file: Path, document: Any) -> None:
    """Write the file whole or not at all; it may hold a secret, so it is its owner's alone."""
    try:
        with replace_whole(file) as staging:
            staging.touch(mode=0o600)
            staging.write_text(document.as_string(), encoding="utf-8")
    except OSError as error:
        raise FlowError(f"{str(file)!r} cannot be written: {error.strerror}") from error


def _warn_of_others(file: Path) -> None:
    """Say so when something else counts before the file here."""
    counts = find_config()
    if counts is not None and counts.resolve() != file.resolve():
        click.echo(f"Note: in this directory {counts} counts in its place.", err=True)
    for variable in ("FLOWKIT_URL", "FLOWKIT_REDIRECT"):
        if os.environ.get(variable):
            click.echo(f"Note: {variable} is set and counts before the file.", err=True)
