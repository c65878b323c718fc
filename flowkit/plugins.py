"""Plugins of one client: finding them by name, and a typed way to call their hooks.

Nothing is enabled by being installed. A plugin is named where a client is made, in the environment
variable ``FLOWKIT_PLUGINS`` (names separated by commas), or handed over as an object.
"""

from __future__ import annotations

import difflib
import inspect
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

from flowkit import hookspecs
from flowkit.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from flowkit.call import Call, Request, Response
    from flowkit.client import FlowClient
    from flowkit.groups.base import Group

__all__ = ["ENTRY_POINTS", "Hooks", "available_plugins", "load_plugin", "plugin_factory"]

ENTRY_POINTS = "flowkit"
ENVIRONMENT = "FLOWKIT_PLUGINS"


class Hooks:
    """The hooks of one client: one method each, typed, so that nothing else touches pluggy.

    Args:
        plugins: plugin objects, or names of installed plugins; a later one runs inside an earlier
            one for wrappers, and after it for plain implementations.
    """

    def __init__(self, plugins: Iterable[object | str] = ()) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)
        self._strangers: dict[int, str] = {}
        # pluggy calls what was registered last first; registering backwards keeps the caller's order.
        for plugin in reversed(list(plugins)):
            self.register(plugin)

    def register(self, plugin: object | str, name: str | None = None) -> object:
        """Add a plugin, by object or by name, and return the object.

        Raises:
            PluginError: there is no plugin of that name, it cannot be loaded, or it implements a
                hook that does not exist.
        """
        instance = load_plugin(plugin) if isinstance(plugin, str) else plugin
        title = (
            name or getattr(instance, "name", None) or (plugin if isinstance(plugin, str) else None)
        )
        title = title if isinstance(title, str) else type(instance).__name__
        self._check(instance, title)
        if self.manager.has_plugin(title):
            title = f"{title}-{id(instance):x}"
        try:
            self.manager.register(instance, name=title)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {title!r}: {error}") from error
        return instance

    def unregister(self, plugin: object) -> None:
        """Take a plugin out again."""
        self.manager.unregister(plugin)
        self._strangers.pop(id(plugin), None)

    def names(self) -> list[str]:
        """Return the names of the registered plugins, in the order in which they run."""
        return [name for name, plugin in reversed(self.manager.list_name_plugin()) if plugin]

    def get(self, name: str) -> object | None:
        """Return the plugin registered under `name`, or None."""
        plugin: object | None = self.manager.get_plugin(name)
        return plugin

    def identity(self) -> tuple[str, ...]:
        """Return who asks, and who answers: what sets this client's answers apart from another's.

        A plugin that signs requests, or answers them in the network's place, says in its attribute
        ``identity`` for whom, without giving a secret away; an empty text makes no difference. One
        that says nothing counts as different from every other.
        """
        hook = self.manager.hook
        answering = [one for one in hook.flowkit_send.get_hookimpls() if not one.wrapper]
        found = (
            self._identity(one.plugin) for one in (*hook.flowkit_sign.get_hookimpls(), *answering)
        )
        return tuple(filter(None, found))

    def _identity(self, plugin: object) -> str:
        identity = getattr(plugin, "identity", None)
        if isinstance(identity, str):
            return identity
        return self._strangers.setdefault(id(plugin), uuid.uuid4().hex)

    def groups(self) -> Iterator[Mapping[str, type[Group]]]:
        """Run ``flowkit_operation_groups``: the built-in groups first."""
        yield from reversed(self.manager.hook.flowkit_operation_groups())

    def client_opened(self, client: FlowClient) -> None:
        """Run ``flowkit_client_opened``."""
        self.manager.hook.flowkit_client_opened(client=client)

    def client_closed(self, client: FlowClient) -> None:
        """Run ``flowkit_client_closed``."""
        self.manager.hook.flowkit_client_closed(client=client)

    def call(self, call: Call) -> Response:
        """Run ``flowkit_call`` and return its answer."""
        response: Response | None = self.manager.hook.flowkit_call(call=call)
        if response is None:
            raise PluginError(f"{call.operation.name}: no plugin answered flowkit_call")
        return response

    def send(self, call: Call, request: Request) -> Response:
        """Run ``flowkit_send`` and return its answer."""
        response: Response | None = self.manager.hook.flowkit_send(call=call, request=request)
        if response is None:
            raise PluginError(f"{call.operation.name}: no plugin answered flowkit_send")
        return response

    def sign(self, call: Call, request: Request) -> None:
        """Run ``flowkit_sign``."""
        self.manager.hook.flowkit_sign(call=call, request=request)

    def transferred(self, call: Call, done: int, total: int | None) -> None:
        """Run ``flowkit_transferred``."""
        self.manager.hook.flowkit_transferred(call=call, done=done, total=total)

    def job_changed(self, client: FlowClient, job: Mapping[str, Any]) -> None:
        """Run ``flowkit_job_changed``."""
        self.manager.hook.flowkit_job_changed(client=client, job=job)

    def _check(self, plugin: object, title: str) -> None:
        """Refuse a misspelled hook now, instead of never running it."""
        known = [name for name in vars(hookspecs) if name.startswith("flowkit_")]
        for name, _ in inspect.getmembers(type(plugin) if not inspect.ismodule(plugin) else plugin):
            if name.startswith("flowkit_") and name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                raise PluginError(
                    f"plugin {title!r} implements {name}, which is not a hook; did you mean {near[0]}?"
                )


def available_plugins() -> dict[str, EntryPoint]:
    """Return the entry points of the installed plugins by name, without importing any."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def environment_plugins() -> list[str]:
    """Return the names listed in ``FLOWKIT_PLUGINS``."""
    return [name.strip() for name in os.environ.get(ENVIRONMENT, "").split(",") if name.strip()]


def load_plugin(name: str) -> object:
    """Return a new plugin object by the name under which it is installed.

    An entry point may name a class or a function, which is called without arguments, or any other
    object, which is used as it is.

    Raises:
        PluginError: there is no such plugin, or it cannot be imported or built.
    """
    loaded = plugin_factory(name)
    try:
        return loaded() if callable(loaded) else loaded
    except Exception as error:  # a plugin's own code may raise anything; it must not pass for ours
        raise PluginError(
            f"plugin {name!r} cannot be built: {type(error).__name__}: {error}"
        ) from error


def plugin_factory(name: str) -> Any:
    """Return what the entry point of that name stands for, a plugin class as a rule.

    Raises:
        PluginError: there is no such plugin, or it cannot be imported.
    """
    installed = available_plugins()
    point = installed.get(name)
    if point is None:
        near = difflib.get_close_matches(name, installed, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = ", ".join(sorted(installed)) or "none"
        raise PluginError(f"no plugin is called {name!r}; {hint}installed are: {known}")
    where = f"plugin {name!r} ({point.value}, from {point.dist.name if point.dist else 'unknown'})"
    try:
        return point.load()
    except Exception as error:  # importing foreign code may raise anything
        raise PluginError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
