"""What a client is built of: its arguments, completed from environment and configuration file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import urllib3

from flowkit.call.address import Address, read_port
from flowkit.call.attempts import Retry
from flowkit.call.certificates import Certificates, FilePath, Passphrase
from flowkit.call.limits import check_limits
from flowkit.call.model import OnError
from flowkit.call.proxies import Proxy, choose_proxy
from flowkit.call.transport import (
    CONNECTIONS,
    DEFAULT_TIMEOUT,
    MOST_CONNECTIONS,
    Timeout,
    urllib3_timeout,
)
from flowkit.clock import Clock, SystemClock
from flowkit.config import Config, read_config
from flowkit.errors import ArgumentError, shown
from flowkit.hooks.loading import Choice, plugin_factory
from flowkit.inputs.arguments import optional, seconds
from flowkit.servers import ServerLine, line_of

__all__ = [
    "API_VERSION",
    "AUTO",
    "PASSPHRASE",
    "ClientSettings",
    "check_options",
    "choose_clock",
    "client_settings",
]

#: The one version of the API that flowkit speaks, that of FATE Flow 1.x.
API_VERSION = "v1"
#: The server is asked for its line.
AUTO = "auto"

#: The passphrase of the client's private key; it stands in no file of ours.
PASSPHRASE = "FLOWKIT_CLIENT_KEY_PASSPHRASE"
#: The variables that hold the keys with which requests are signed, by argument.
KEYS = {"app_key": "FLOWKIT_APP_KEY", "secret_key": "FLOWKIT_SECRET_KEY"}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client is built of: its arguments, completed from environment and configuration file.

    Attributes:
        address: where the server is.
        version: API version, without slashes.
        server: line or version of the server, or ``"auto"``.
        line: the line that `server` names; None for ``"auto"``.
        on_error: what is done about an error.
        timeout: how long to wait for a connection and for an answer.
        retry: how failed attempts are repeated.
        certificates: whom to trust, and what the client shows of itself.
        proxy: the proxy on the way; None for none.
        connections: connections kept open.
        limits: the options ``answer_limit`` and ``download_limit``, where they are set.
        choices: the plugins that are enabled or disabled, the first outermost.
        strict: whether a plugin that cannot be loaded is always an error.
    """

    address: Address
    version: str
    server: str
    line: ServerLine | None
    on_error: OnError
    timeout: urllib3.Timeout
    retry: Retry
    certificates: Certificates
    proxy: Proxy | None
    connections: int
    limits: Mapping[str, int]
    choices: tuple[Choice, ...] = field(repr=False)
    strict: bool


def client_settings(
    ip: str | Address | None,
    port: int | str | None,
    version: str,
    app_key: str | None,
    secret_key: str | None,
    *,
    plugins: Iterable[object | str],
    on_error: OnError,
    timeout: Timeout | None,
    retry: Retry | None,
    server: str | None,
    ca_certificates: FilePath | None,
    verify: bool | None,
    client_certificate: FilePath | None,
    client_key: FilePath | None,
    client_key_passphrase: Passphrase | None,
    proxy: str | None,
    connections: int | None,
    profile: str | None,
    strict: bool,
) -> ClientSettings:
    """Return the settings of a client from the arguments of `flowkit.FlowClient`.

    Raises:
        ArgumentError: an argument, or the configuration file, cannot be used.
        PluginError: the plugin that signs requests cannot be loaded.
    """
    check_options({"on_error": on_error, "retry": retry})
    _check(
        (
            "server",
            server,
            isinstance(server, str | None),
            "a text: a line such as '1.11', or 'auto'",
        ),
        ("strict", strict, isinstance(strict, bool), "True or False"),
        (
            "verify",
            verify,
            isinstance(verify, bool | None),
            "True or False; a file of certificates to trust goes into ca_certificates",
        ),
        *(
            (name, path, path is None or isinstance(path, str | os.PathLike), "the path of a file")
            for name, path in (
                ("ca_certificates", ca_certificates),
                ("client_certificate", client_certificate),
                ("client_key", client_key),
            )
        ),
    )
    plugins = _plugins(plugins)
    config = read_config(profile)
    said = server or config.value("server", AUTO)
    address = _address(ip, port, config)
    waits = timeout if timeout is not None else config.value("timeout", DEFAULT_TIMEOUT)
    choices = config.choices(plugins)
    _check_credentials(choices)
    if app_key or secret_key:
        choices.append(_signing(app_key, secret_key))
    return ClientSettings(
        address,
        _api_version(version),
        said,
        None if said == AUTO else _line(said),
        on_error,
        urllib3_timeout(waits),
        retry or Retry(),
        Certificates(
            ca_certificates or config.value("ca_certificates", None),
            client_certificate or config.value("client_certificate", None),
            client_key or (None if client_certificate else config.value("client_key", None)),
            client_key_passphrase or os.environ.get(PASSPHRASE) or None,
            config.value("verify", True) if verify is None else verify,
            {
                name: setting.origin
                for name, given in (
                    ("ca_certificates", ca_certificates),
                    ("client_certificate", client_certificate),
                    ("client_key", client_key),
                )
                if given is None and (setting := config.setting(name)) is not None
            },
        ),
        _proxy(address, proxy, config),
        _connections(connections, config),
        _limits(config),
        tuple(choices),
        strict,
    )


def check_options(options: Mapping[str, object]) -> None:
    """Check those of the settings that a client takes at any time, limits among them.

    Raises:
        ArgumentError: one cannot be used.
    """
    on_error, retry = options.get("on_error", "raise"), options.get("retry")
    _check(
        ("on_error", on_error, on_error in get_args(OnError), "'raise' or 'reply'"),
        ("retry", retry, isinstance(retry, Retry | None), "a flowkit.Retry"),
    )
    optional(seconds, "deadline", options.get("deadline"))
    check_limits(options)


def _check(*arguments: tuple[str, object, bool, str]) -> None:
    """Check arguments, each given as name, value, whether it can be used, and what it should be."""
    for name, value, fits, wanted in arguments:
        if not fits:
            raise ArgumentError(
                f"{name} must be {wanted}, got {shown(value)}", argument=name, value=value
            )


def _signing(app_key: str | None, secret_key: str | None) -> Choice:
    """Return the plugin that signs with keys that the program gives.

    Raises:
        ArgumentError: one of them is missing, in the environment too.
    """
    keys = {"app_key": app_key, "secret_key": secret_key}
    for name, variable in KEYS.items():
        keys[name] = keys[name] or os.environ.get(variable)
    _require_both(keys)
    signing = plugin_factory("auth")(keys["app_key"], keys["secret_key"])
    return Choice(signing, "the arguments app_key and secret_key")


def _check_credentials(choices: Iterable[Choice]) -> None:
    """Check that the plugin ``auth``, if it is enabled by name, has both of its keys, or neither.

    Such a one would be left out, with a warning, and requests would go out unsigned.
    """
    named = [choice for choice in choices if choice.plugin in ("auth", "-auth")]
    if named and named[-1].plugin == "auth":
        given = named[-1].options
        keys = {name: given.get(name) or os.environ.get(KEYS[name]) for name in KEYS}
        if any(keys.values()):
            _require_both(keys, f", which {named[-1].origin} enables the plugin auth with")


def _require_both(keys: Mapping[str, object], origin: str = "") -> None:
    """Refuse one key without the other."""
    for name, other in (("app_key", "secret_key"), ("secret_key", "app_key")):
        if not keys[name]:
            raise ArgumentError(
                f"{name} is missing beside {other}{origin}; give both, as arguments or as"
                f" {KEYS['app_key']} and {KEYS['secret_key']}, or neither",
                argument=name,
            )


def _plugins(given: object) -> list[object | str]:
    """Return the plugins that the program names.

    Raises:
        ArgumentError: they are no list of names and objects.
    """
    listed = isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping)
    plugins = list(given) if isinstance(given, Iterable) and listed else []
    if not listed or any(one is None for one in plugins):
        raise ArgumentError(
            f'plugins must be a list of names and plugin objects, such as ["logging"], got {shown(given)}',
            argument="plugins",
            value=given,
        )
    return plugins


def _api_version(version: str) -> str:
    """Return the API version; there is but one that flowkit speaks."""
    given = str(version).strip("/")
    if given != API_VERSION:
        raise ArgumentError(
            f"version must be {API_VERSION!r}, the API of FATE Flow 1.x, got {shown(version)}; the API v2 "
            "of FATE Flow 2.x is another one, which its own client speaks",
            argument="version",
            value=version,
        )
    return given


def _line(server: str) -> ServerLine:
    """Return the line that a setting names."""
    try:
        return line_of(server)
    except ValueError as error:
        raise ArgumentError(
            f"server must be {AUTO!r}, a line or a version: {error}",
            argument="server",
            value=server,
        ) from error


def _address(ip: str | Address | None, port: int | str | None, config: Config) -> Address:
    """Return the server's address: from arguments, environment, configuration file, or the default.

    ``FLOWKIT_REDIRECT`` overrules them all, so that a program can be pointed at another server,
    to record it for one, without being changed.
    """
    redirect = os.environ.get("FLOWKIT_REDIRECT")
    if redirect:
        return _address_of("FLOWKIT_REDIRECT", redirect)
    if isinstance(ip, Address):
        if port is not None and read_port(port) != ip.port:
            raise ArgumentError(
                f"port is {port!r}, but ip has another one: {ip}; give one of them",
                argument="port",
                value=port,
            )
        return ip
    if ip is not None:
        return Address.parse(ip, port)
    url = os.environ.get("FLOWKIT_URL")
    if url:
        return _with_port(_address_of("FLOWKIT_URL", url), port)
    if (setting := config.get("url")) is not None:
        try:
            address = Address.parse(setting.value, None, setting.origin, argument="url")
        except ArgumentError as error:
            text = f"{error} (set by {setting.origin})"
            raise ArgumentError(text, argument="url", value=error.value) from error
        return _with_port(address, port)
    return Address.parse("127.0.0.1", port, None if port is not None else "the default")


def _address_of(variable: str, url: str) -> Address:
    """Return the address that a variable of the environment names."""
    return Address.parse(url, None, f"the environment variable {variable}", argument=variable)


def _with_port(address: Address, port: int | str | None) -> Address:
    """Return an address that the program did not give, at the port that it did give."""
    if port is None:
        return address
    origin = f"the argument port, and {address.origin_of}"
    return replace(address, port=read_port(port), origin_of=origin)


def _proxy(address: Address, given: str | None, config: Config) -> Proxy | None:
    """Return the proxy on the way to `address`: what the program says, our settings, the usual."""
    if given is not None:
        return choose_proxy(address, given)
    if (setting := config.setting("proxy")) is not None:
        return choose_proxy(address, setting.value, setting.origin)
    return choose_proxy(address)


def _limits(config: Config) -> Mapping[str, int]:
    """Return the limits of answers that are set."""
    names = ("answer_limit", "download_limit")
    limits = {name: config.value(name, None) for name in names if config.setting(name)}
    check_limits(limits)
    return limits


def _connections(given: int | None, config: Config) -> int:
    """Return how many connections are kept open."""
    number = given if given is not None else config.value("connections", CONNECTIONS)
    if (
        isinstance(number, bool)
        or not isinstance(number, int)
        or not 1 <= number <= MOST_CONNECTIONS
    ):
        raise ArgumentError(
            f"connections must be a number from 1 to {MOST_CONNECTIONS}, got {shown(number)}",
            argument="connections",
            value=number,
        )
    return number


def choose_clock(clock: Clock | None) -> Clock:
    """Return `clock`, or the system's where it is None.

    Raises:
        ArgumentError: it is no clock.
    """
    if clock is not None and not isinstance(clock, Clock):
        raise ArgumentError(
            f"clock must have the methods now, monotonic and sleep, got {shown(clock)}",
            argument="clock",
            value=clock,
        )
    return clock or SystemClock()
