"""Settings from a file: ``flowkit.toml``, or the table ``[tool.flowkit]`` of ``pyproject.toml``.

::

    url = "http://127.0.0.1:9380"
    plugins = ["logging", "cache"]

    [plugin.cache]                    # arguments for a plugin that is enabled by name
    ttl = 10

    [mock]                            # options of ``flowkit mock``
    port = 9380

    [profiles.cluster]                # chosen with FLOWKIT_PROFILE, or FlowClient(profile=…)
    url = "https://flow.example/fate"
    plugins = ["auth", "-cache"]

The file is the one that ``FLOWKIT_CONFIG`` names (empty: none), else the first in the current
directory or one above it, else ``~/.config/flowkit/flowkit.toml``. What the program or the
environment says counts before the file, and a profile before the rest of it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowkit.call.secrets import MASK, mask, mask_address
from flowkit.errors import ArgumentError, shown
from flowkit.hooks.loading import ENVIRONMENT, Choice, environment_plugins
from flowkit.inputs.spelling import nearest

__all__ = [
    "CONFIG",
    "PROFILE",
    "USER_FILE",
    "Config",
    "Setting",
    "find_config",
    "read_config",
]

CONFIG, PROFILE = "FLOWKIT_CONFIG", "FLOWKIT_PROFILE"
USER_FILE = "~/.config/flowkit/flowkit.toml"
#: The settings, and of which types their values are in the file.
KINDS: Mapping[str, tuple[type, ...]] = {
    "url": (str,),
    "server": (str,),
    "timeout": (int, float, list),
    "connections": (int,),
    "answer_limit": (int,),
    "download_limit": (int,),
    "proxy": (str,),
    "ca_certificates": (str,),
    "client_certificate": (str,),
    "client_key": (str,),
    "verify": (bool,),
    "plugins": (list,),
}
#: The variable of the environment that says the same.
VARIABLES = {name: f"FLOWKIT_{name.upper()}" for name in KINDS}
FILES = frozenset({"ca_certificates", "client_certificate", "client_key"})
SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
TABLES = ("plugin", "mock", "profiles")
#: Tables of a plugin whose values are never shown, whatever their names.
SECRET_PLACES = frozenset({"headers", "cookies", "database"})


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
        mock: options of the command ``flowkit mock``.
    """

    path: Path | None
    profile: str | None
    settings: Mapping[str, Setting]
    options: Mapping[str, Mapping[str, Setting]] = field(repr=False)  # may hold secrets
    mock: Mapping[str, Setting] = field(default_factory=dict, repr=False)

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
        """Return the value of a setting, `default` when neither environment nor file have it."""
        found = self.setting(name)
        return found.value if found else default

    def setting(self, name: str) -> Setting | None:
        """Return a setting from the environment, else from the file; None when neither has it.

        Raises:
            ArgumentError: the variable of the environment cannot be understood.
        """
        text = os.environ.get(VARIABLES[name])
        if not text:
            return self.settings.get(name)
        origin = f"the environment variable {VARIABLES[name]}"
        return Setting(_read_variable(name, text), origin)

    def arguments(self, plugin: str) -> dict[str, Any]:
        """Return the arguments that the file has for a plugin."""
        return {name: setting.value for name, setting in self.options.get(plugin, {}).items()}

    def effective(self) -> dict[str, Setting]:
        """Return every value that counts for a client that is given no arguments, by its full name.

        It is for showing: secrets are masked, by their names and by where they stand.
        """
        found = dict(self.settings)
        for name, variable in VARIABLES.items():
            if os.environ.get(variable):
                value: Any = os.environ[variable]
                if name == "plugins":
                    value = [choice.plugin for choice in self.choices()]
                else:
                    value = _read_variable(name, value)
                origin = f"the environment variable {variable}"
                if name in found and name == "plugins":
                    origin = f"{found[name].origin}, then {origin}"
                found[name] = Setting(value, origin)
        for name in {"url", "proxy"} & found.keys():  # these are shown, and may hold a password
            found[name] = Setting(mask_address(str(found[name].value)), found[name].origin)
        for plugin, arguments in self.options.items():
            for name, one in arguments.items():
                found[f"plugin.{plugin}.{name}"] = Setting(_shown(name, one.value), one.origin)
        for name, one in self.mock.items():
            found[f"mock.{name}"] = Setting(_shown(name, one.value), one.origin)
        return found


def _shown(name: str, value: Any) -> Any:
    """Return an argument of a plugin without the secrets in it."""
    if name.lower() in SECRET_PLACES and isinstance(value, dict):
        return dict.fromkeys(value, MASK)
    shown = mask({name: value})[name]
    return mask_address(shown) if isinstance(shown, str) and "://" in shown else shown


def read_config(profile: str | None = None) -> Config:
    """Return the settings that count here; none at all when there is no file.

    Args:
        profile: the profile; without it, the one in ``FLOWKIT_PROFILE``.

    Raises:
        ArgumentError: the file cannot be read, or holds what is no setting, or has no such profile.
    """
    chosen = profile or os.environ.get(PROFILE) or None
    path = find_config()
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
    except RecursionError as error:
        raise ArgumentError(f"{path} is nested too deeply", argument=CONFIG) from error
    settings, options = _read_table(table, str(path), (), path.parent)
    mock = _read_mock(table, str(path))
    profiles = table.get("profiles", {})
    if chosen:
        if chosen not in profiles:
            near = nearest(chosen, profiles)
            hint = f"; did you mean {near!r}?" if near else ""
            raise ArgumentError(f"{path} has no profile {chosen!r}{hint}", argument="profile")
        where = f"{path}, profile {chosen}"
        if not isinstance(profiles[chosen], dict):
            kind = type(profiles[chosen]).__name__
            raise ArgumentError(f"{where} must be a table, got {kind}", argument="profile")
        over, more = _read_table(profiles[chosen], where, ("profiles",), path.parent)
        settings |= over
        mock |= _read_mock(profiles[chosen], where)
        for plugin, arguments in more.items():
            options[plugin] = {**options.get(plugin, {}), **arguments}
    return Config(path, chosen, settings, options, mock)


def _read_mock(table: Mapping[str, Any], where: str) -> dict[str, Setting]:
    """Return the options of the mock server in a table; the command knows what they may be."""
    return {name: Setting(value, where) for name, value in table.get("mock", {}).items()}


def _read_variable(name: str, text: str) -> Any:
    """Return the value that a variable of the environment has for a setting.

    Raises:
        ArgumentError: the text has no such value.
    """
    kinds = KINDS[name]
    try:
        if kinds == (bool,):
            return SWITCHES[text.strip().lower()]
        if kinds == (int,):
            return int(text)
        if name == "timeout":
            numbers = tuple(float(part) for part in re.split(r"[,\s]+", text.strip()))
            return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])
    except (KeyError, ValueError, IndexError) as error:
        wanted = {"timeout": "seconds, or two with a comma between", "verify": "true or false"}
        raise ArgumentError(
            f"{VARIABLES[name]} must be {wanted.get(name, 'a number')}, got {shown(text)}",
            argument=VARIABLES[name],
            value=text,
        ) from error
    return text


def find_config() -> Path | None:
    """Return the file that counts here, whether or not it is there; None when there is none."""
    named = os.environ.get(CONFIG)
    if named is not None:
        return _expand(named, f"the environment variable {CONFIG}") if named else None
    return next((path for path in _places() if _applies(path)), None)


def _expand(path: str, origin: str) -> Path:
    """Return a path with the home directory in place of ``~``."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:  # nobody has that name, or no home
        raise ArgumentError(f"{origin}: {path!r}: {error}", argument=origin, value=path) from error


def _places() -> Iterator[Path]:
    for folder in _folders():
        yield folder / "flowkit.toml"
        yield folder / "pyproject.toml"
        if (folder / ".git").exists():  # a project ends here; what is above is not its own
            break
    with contextlib.suppress(RuntimeError):  # there is no home directory
        yield Path(USER_FILE).expanduser()


def _folders() -> tuple[Path, ...]:
    """Return the current directory and those above it; none when it has been deleted."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return ()
    return here, *here.parents


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
    # Most programs have no such file.
    import tomllib

    from flowkit.inputs.documents import read_whole_file

    table = tomllib.loads(read_whole_file(path).decode())
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("flowkit", {})
    return table


def _read_table(
    table: Mapping[str, Any], where: str, refused: tuple[str, ...], folder: Path
) -> tuple[dict[str, Setting], dict[str, dict[str, Setting]]]:
    """Return the settings and the plugins' arguments of a table."""
    settings: dict[str, Setting] = {}
    options: dict[str, dict[str, Setting]] = {}
    value: Any
    for name, value in table.items():
        if name in TABLES and name not in refused and isinstance(value, dict):
            continue
        if name in TABLES and name not in refused:
            raise ArgumentError(f"{where}: {name} must be a table, got {type(value).__name__}")
        kinds: tuple[type, ...] | None = KINDS.get(name)
        if kinds is None:
            near = nearest(name, (*KINDS, *TABLES))
            raise ArgumentError(f"{where}: {shown(name)} is not a setting; did you mean {near!r}?")
        fits: bool = isinstance(value, kinds) and (kinds == (bool,) or not isinstance(value, bool))
        if not fits:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            what = shown(value) if isinstance(value, int | float) else type(value).__name__
            raise ArgumentError(f"{where}: {name} must be {wanted}, got {what}")
        if name == "plugins" and not all(isinstance(one, str) for one in value):
            raise ArgumentError(f"{where}: plugins must be names, in a list")
        found: Any = tuple(value) if isinstance(value, list) and name == "timeout" else value
        if name in FILES:  # as the file sees them, wherever the program runs
            found = str(folder / _expand(value, f"{where}: {name}"))
        settings[name] = Setting(found, where)
    for plugin, arguments in table.get("plugin", {}).items():
        if not isinstance(arguments, dict):
            kind = type(arguments).__name__  # what was meant for a table may be a secret
            raise ArgumentError(f"{where}: plugin.{plugin} must be a table, got {kind}")
        options[plugin] = {name: Setting(value, where) for name, value in arguments.items()}
    return settings, options
