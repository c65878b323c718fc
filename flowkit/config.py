"""Settings from a file: ``flowkit.toml``, or the table ``[tool.flowkit]`` of ``pyproject.toml``.

::

    url = "http://127.0.0.1:9380"
    plugins = ["logging", "cache"]

    [plugin.cache]                    # arguments for a plugin that is enabled by name
    ttl = 10

    [profiles.cluster]                # chosen with FLOWKIT_PROFILE, or FlowClient(profile=…)
    url = "https://flow.example/fate"
    plugins = ["auth", "-cache"]

The file is the one that ``FLOWKIT_CONFIG`` names (empty: none), else the first in the current
directory or one above it, else ``~/.config/flowkit/flowkit.toml``. What the program or the
environment says counts before the file, and a profile before the rest of it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import urllib3

from flowkit.call.address import Address
from flowkit.call.attempts import Retry
from flowkit.call.model import OnError
from flowkit.call.transport import DEFAULT_TIMEOUT, Timeout, urllib3_timeout
from flowkit.errors import ArgumentError
from flowkit.hooks.checks import nearest
from flowkit.hooks.loading import ENVIRONMENT, Choice, environment_plugins, plugin_factory

__all__ = [
    "CONFIG",
    "PROFILE",
    "ClientSettings",
    "Config",
    "Setting",
    "client_settings",
    "read_config",
]

CONFIG, PROFILE = "FLOWKIT_CONFIG", "FLOWKIT_PROFILE"
VARIABLES = {"url": "FLOWKIT_URL", "plugins": ENVIRONMENT}

KINDS: Mapping[str, tuple[type, ...]] = {
    "url": (str,),
    "server": (str,),
    "timeout": (int, float, list),
    "ca_certificates": (str,),
    "plugins": (list,),
}
TABLES = ("plugin", "profiles")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it was set."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one file, with one profile laid over them.

    Attributes:
        path: the file; None when there is none.
        profile: the profile's name; None for none.
        settings: the settings by name.
        options: arguments of plugins, by plugin and argument.
    """

    path: Path | None
    profile: str | None
    settings: Mapping[str, Setting]
    options: Mapping[str, Mapping[str, Setting]] = field(repr=False)  # may hold secrets

    def get(self, name: str) -> Setting | None:
        """Return a setting; None when the file does not have it."""
        return self.settings.get(name)

    def choices(self, plugins: Iterable[object | str] = ()) -> list[Choice]:
        """Return the plugins that file, environment and program enable or disable, in this order.

        Args:
            plugins: what the program says: objects, or names.
        """
        listed = self.settings.get("plugins")
        found = [(name, listed.origin) for name in listed.value] if listed else []
        origin = f"the environment variable {ENVIRONMENT}"
        found += [(name, origin) for name in environment_plugins()]
        named = [Choice(name, where, self.arguments(name), demanded=False) for name, where in found]
        return named + [
            Choice(plugin, options=self.arguments(plugin) if isinstance(plugin, str) else {})
            for plugin in plugins
        ]

    def value(self, name: str, default: Any) -> Any:
        """Return the value of a setting, `default` when the file does not have it."""
        found = self.settings.get(name)
        return found.value if found else default

    def arguments(self, plugin: str) -> dict[str, Any]:
        """Return the arguments that the file has for a plugin."""
        return {name: setting.value for name, setting in self.options.get(plugin, {}).items()}

    def effective(self) -> dict[str, Setting]:
        """Return every value that counts for a client that is given no arguments, by its full name."""
        found = dict(self.settings)
        for name, variable in VARIABLES.items():
            if os.environ.get(variable):
                value: Any = os.environ[variable]
                if name == "plugins":
                    value = [choice.plugin for choice in self.choices()]
                origin = f"the environment variable {variable}"
                if name in found and name == "plugins":
                    origin = f"{found[name].origin}, then {origin}"
                found[name] = Setting(value, origin)
        for plugin, arguments in self.options.items():
            found |= {f"plugin.{plugin}.{name}": one for name, one in arguments.items()}
        return found


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
        ca_certificates: file of certificates to trust in place of the system's.
        verify: False accepts any certificate.
        choices: the plugins that are enabled or disabled, the first outermost.
        strict: whether a plugin that cannot be loaded is always an error.
    """

    address: Address
    version: str
    server: str
    on_error: OnError
    timeout: urllib3.Timeout
    retry: Retry
    ca_certificates: str | None
    verify: bool
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
    ca_certificates: str | None,
    verify: bool,
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
        ca_certificates or config.value("ca_certificates", None),
        verify,
        tuple(choices),
        strict,
    )


def read_config(profile: str | None = None) -> Config:
    """Return the settings that count here; none at all when there is no file.

    Args:
        profile: the profile; without it, the one in ``FLOWKIT_PROFILE``.

    Raises:
        ArgumentError: the file cannot be read, or holds what is no setting, or has no such profile.
    """
    chosen = profile or os.environ.get(PROFILE) or None
    path = _find()
    if path is None:
        if chosen:
            raise ArgumentError(
                f"there is no profile {chosen!r}: no flowkit.toml was found", argument="profile"
            )
        return Config(None, None, {}, {})
    try:
        table = _table(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path} cannot be read: {error}", argument=CONFIG) from error
    settings, options = _read_table(table, str(path), ())
    profiles = table.get("profiles", {})
    if chosen:
        if chosen not in profiles:
            near = nearest(chosen, profiles)
            hint = f"; did you mean {near!r}?" if near else ""
            raise ArgumentError(f"{path} has no profile {chosen!r}{hint}", argument="profile")
        where = f"{path}, profile {chosen}"
        over, more = _read_table(profiles[chosen], where, TABLES[1:])
        settings |= over
        for plugin, arguments in more.items():
            options[plugin] = {**options.get(plugin, {}), **arguments}
    return Config(path, chosen, settings, options)


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


def _find() -> Path | None:
    """Return the file that counts."""
    named = os.environ.get(CONFIG)
    if named is not None:
        return Path(named).expanduser() if named else None
    return next((path for path in _places() if _applies(path)), None)


def _places() -> Iterator[Path]:
    here = Path.cwd()
    for folder in (here, *here.parents):
        yield folder / "flowkit.toml"
        yield folder / "pyproject.toml"
        if (folder / ".git").exists():  # a project ends here; what is above is not its own
            break
    yield Path("~/.config/flowkit/flowkit.toml").expanduser()


def _applies(path: Path) -> bool:
    """Return whether a file is there and meant for flowkit; a large project's is not parsed for it."""
    try:
        return path.is_file() and (
            path.name == "flowkit.toml" or b"[tool.flowkit" in path.read_bytes()
        )
    except OSError:
        return False


@functools.lru_cache(maxsize=8)
def _table(path: Path, modified: int) -> Mapping[str, Any]:
    """Return what a file says; parsed once, until it is `modified`."""
    import tomllib  # most programs have no such file

    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("flowkit", {})
    return table


def _read_table(
    table: Mapping[str, Any], where: str, refused: tuple[str, ...]
) -> tuple[dict[str, Setting], dict[str, dict[str, Setting]]]:
    """Return the settings and the plugins' arguments of a table."""
    settings: dict[str, Setting] = {}
    options: dict[str, dict[str, Setting]] = {}
    value: Any
    for name, value in table.items():
        if name in TABLES and name not in refused and isinstance(value, dict):
            continue
        kinds: tuple[type, ...] | None = KINDS.get(name)
        if kinds is None:
            near = nearest(name, (*KINDS, *TABLES))
            raise ArgumentError(f"{where}: {name!r} is not a setting; did you mean {near!r}?")
        fits: bool = isinstance(value, kinds) and not isinstance(value, bool)
        if not fits:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ArgumentError(f"{where}: {name} must be {wanted}, got {value!r}")
        if name == "plugins" and not all(isinstance(one, str) for one in value):
            raise ArgumentError(f"{where}: plugins must be names, got {value!r}")
        pair = name == "timeout" and isinstance(value, list)
        settings[name] = Setting(tuple(value) if pair else value, where)
    for plugin, arguments in table.get("plugin", {}).items():
        if not isinstance(arguments, dict):
            raise ArgumentError(f"{where}: plugin.{plugin} must be a table, got {arguments!r}")
        options[plugin] = {name: Setting(value, where) for name, value in arguments.items()}
    return settings, options
