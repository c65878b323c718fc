"""What a client is built of: its arguments, completed from environment and configuration file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

import urllib3

from flowkit.call.address import Address
from flowkit.call.attempts import Retry
from flowkit.call.certificates import Certificates, FilePath, Passphrase
from flowkit.call.limits import check_limits
from flowkit.call.model import OnError
from flowkit.call.proxies import Proxy, choose_proxy
from flowkit.call.transport import CONNECTIONS, DEFAULT_TIMEOUT, Timeout, urllib3_timeout
from flowkit.config import Config, read_config
from flowkit.errors import ArgumentError
from flowkit.hooks.loading import Choice, plugin_factory

__all__ = ["PASSPHRASE", "ClientSettings", "client_settings"]

#: The passphrase of the client's private key; it stands in no file of ours.
PASSPHRASE = "FLOWKIT_CLIENT_KEY_PASSPHRASE"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client is built of: its arguments, completed from environment and configuration file.

    Attributes:
        address: where the server is.
        version: API version, without slashes.
        server: line of the server.
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
    if on_error not in get_args(OnError):
        raise ArgumentError(
            f"on_error must be 'raise' or 'reply', got {on_error!r}",
            argument="on_error",
            value=on_error,
        )
    _check(
        (
            "version",
            version,
            isinstance(version, str) and bool(version.strip("/ ")),
            "a text, as 'v1'",
        ),
        ("retry", retry, isinstance(retry, Retry | None), "a flowkit.Retry"),
        ("server", server, isinstance(server, str | None), "a text, '1.6' or '1.11'"),
        ("strict", strict, isinstance(strict, bool), "True or False"),
        (
            "verify",
            verify,
            isinstance(verify, bool | None),
            "True or False; a file of certificates to trust goes into ca_certificates",
        ),
    )
    plugins = _plugins(plugins)
    config = read_config(profile)
    address = _address(ip, port, config)
    waits = timeout if timeout is not None else config.value("timeout", DEFAULT_TIMEOUT)
    choices = config.choices(plugins)
    if app_key and secret_key:
        signing = plugin_factory("auth")(app_key, secret_key)
        choices.append(Choice(signing, "the arguments app_key and secret_key"))
    return ClientSettings(
        address,
        str(version).strip("/"),
        server or config.value("server", "1.6"),
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


def _check(*arguments: tuple[str, object, bool, str]) -> None:
    """Check arguments, each given as name, value, whether it can be used, and what it should be."""
    for name, value, fits, wanted in arguments:
        if not fits:
            raise ArgumentError(
                f"{name} must be {wanted}, got {value!r}", argument=name, value=value
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
            f'plugins must be a list of names and plugin objects, such as ["logging"], got {given!r}',
            argument="plugins",
            value=given,
        )
    return plugins


def _address(ip: str | Address | None, port: int | str | None, config: Config) -> Address:
    """Return the server's address: from arguments, environment, configuration file, or the default.

    ``FLOWKIT_REDIRECT`` overrules them all, so that a program can be pointed at another server,
    to record it for one, without being changed.
    """
    redirect = os.environ.get("FLOWKIT_REDIRECT")
    if redirect:
        return Address.parse(redirect, None, "the environment variable FLOWKIT_REDIRECT")
    if isinstance(ip, Address):
        return ip
    if ip is not None:
        return Address.parse(ip, port)
    url = os.environ.get("FLOWKIT_URL")
    if url:
        return Address.parse(url, port, "the environment variable FLOWKIT_URL")
    if (setting := config.get("url")) is not None:
        return Address.parse(setting.value, port, setting.origin)
    return Address.parse("127.0.0.1", port, None if port is not None else "the default")


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
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ArgumentError(
            f"connections must be a number from 1, got {number!r}",
            argument="connections",
            value=number,
        )
    return number
