"""Finding plugins by name among what is installed, and loading them one by one.

Nothing is enabled by being installed, and nothing is imported that is not enabled: a plugin sees
credentials.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowkit.errors import PluginError
from flowkit.hooks.extras import install_hint
from flowkit.inputs.spelling import nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "ENTRY_POINTS",
    "ENVIRONMENT",
    "MOCK_SERVERS",
    "Choice",
    "PluginRecord",
    "available_plugins",
    "choose",
    "environment_plugins",
    "find_plugin",
    "load_plugin",
    "mock_server_class",
    "plugin_factory",
]

ENTRY_POINTS = "flowkit"
MOCK_SERVERS = "flowkit.mock"
ENVIRONMENT = "FLOWKIT_PLUGINS"


@dataclass(frozen=True, slots=True)
class Choice:
    """A plugin that is to be enabled.

    Attributes:
        plugin: the plugin, or the name under which one is installed.
        origin: where that was said.
        options: arguments for the plugin's constructor, when it is loaded by name.
        demanded: True when a client cannot do without: it was named in the program itself.
    """

    plugin: object | str
    origin: str = "the argument plugins"
    options: Mapping[str, Any] = field(default_factory=dict)
    demanded: bool = True


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """What became of a plugin that was to be enabled.

    Attributes:
        name: its name.
        origin: where it was enabled, or disabled.
        state: ``"enabled"``, ``"disabled"`` or ``"broken"``.
        distribution: name and version of what installed it; empty for one handed over as object.
        error: why it is broken, in a sentence.
        traceback: the same at length.
    """

    name: str
    origin: str
    state: str
    distribution: str = ""
    error: str = ""
    traceback: str = ""


def available_plugins() -> dict[str, EntryPoint]:
    """Return the entry points of the installed plugins by name, without importing any."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def environment_plugins() -> list[str]:
    """Return the names listed in ``FLOWKIT_PLUGINS``; one with a ``-`` in front is disabled."""
    return [name.strip() for name in os.environ.get(ENVIRONMENT, "").split(",") if name.strip()]


def choose(choices: Iterable[Choice]) -> tuple[list[Choice], list[PluginRecord]]:
    """Settle what is enabled, each once, and what a ``"-name"`` disables wherever it is enabled."""
    found = list(choices)
    disabled = {
        choice.plugin[1:]: choice.origin
        for choice in found
        if isinstance(choice.plugin, str) and choice.plugin.startswith("-")
    }
    given = {getattr(choice.plugin, "name", None) for choice in found}
    chosen: list[Choice] = []
    seen: set[str] = set()
    for choice in found:
        if isinstance(choice.plugin, str):
            name = choice.plugin
            if name.startswith("-") or name in disabled or name in seen or name in given:
                continue
            seen.add(name)
        chosen.append(choice)
    return chosen, [PluginRecord(name, origin, "disabled") for name, origin in disabled.items()]


def find_plugin(name: str) -> EntryPoint:
    """Return the entry point of an installed plugin.

    Raises:
        PluginError: there is none of that name.
    """
    installed = available_plugins()
    if name not in installed:
        near = nearest(name, installed, likeness=0.5)  # all are listed anyway
        hint = f"did you mean {near!r}? " if near else ""
        known = ", ".join(sorted(installed)) or "none"
        raise PluginError(f"no plugin is called {name!r}; {hint}installed are: {known}")
    return installed[name]


def load_plugin(name: str, options: Mapping[str, Any] | None = None) -> object:
    """Return a new plugin object by the name under which it is installed.

    An entry point may name a class or a function, which is called with `options`, or any other
    object, which is used as it is.

    Raises:
        PluginError: there is no such plugin, or it cannot be imported or built.
    """
    loaded = plugin_factory(name)
    try:
        return loaded(**(options or {})) if callable(loaded) else loaded
    except Exception as error:  # a plugin's own code may raise anything; it must not pass for ours
        given = f" with {', '.join(sorted(options))}" if options else ""
        raise PluginError(
            f"plugin {name!r} cannot be built{given}: {_reason(error)}{_hint(find_plugin(name), error)}"
        ) from error


def plugin_factory(name: str) -> Any:
    """Return what the entry point of that name stands for, a plugin class as a rule.

    Raises:
        PluginError: there is no such plugin, or it cannot be imported.
    """
    point = find_plugin(name)
    where = f"plugin {name!r} ({point.value}, from {distribution(point) or 'unknown'})"
    try:
        return point.load()
    except Exception as error:  # importing foreign code may raise anything
        hint = _hint(point, error)
        raise PluginError(f"{where} cannot be loaded: {_reason(error)}{hint}") from error


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _hint(point: EntryPoint, error: Exception) -> str:
    """Return how to install what a plugin of our own distribution lacks."""
    own = point.dist is not None and point.dist.name == "fate-flowkit"
    return install_hint(error) if own else ""


def mock_server_class() -> Any:
    """Return the class of the installed mock server; flowkit itself knows none by name.

    Raises:
        PluginError: none is installed.
        ImportError: it lacks something that it needs.
    """
    from importlib.metadata import entry_points

    for point in entry_points(group=MOCK_SERVERS):
        return point.load()
    raise PluginError("no mock server is installed: pip install 'fate-flowkit[mock]'")


def distribution(point: EntryPoint | None) -> str:
    """Return name and version of the distribution that an entry point belongs to."""
    return f"{point.dist.name} {point.dist.version}" if point and point.dist else ""


def broken_record(name: str, origin: str, error: PluginError) -> PluginRecord:
    """Return the record of a plugin that could not be loaded."""
    point = available_plugins().get(name)
    trace = "".join(traceback.format_exception(error))
    return PluginRecord(name, origin, "broken", distribution(point), str(error), trace)
