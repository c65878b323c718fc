"""Registering the plugins of one client: checked, in the order that they want, each with a record."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import pluggy

from flowkit.call.markers import PROJECT
from flowkit.errors import PluginError
from flowkit.forks import renew_in_children
from flowkit.hooks import specs as hookspecs
from flowkit.hooks.checks import check_plugin
from flowkit.hooks.loading import (
    Choice,
    PluginRecord,
    available_plugins,
    broken_record,
    choose,
    distribution,
    load_plugin,
)
from flowkit.hooks.order import arrange, check_order, has_constraints

__all__ = ["LOG", "Registry"]

LOG = logging.getLogger("flowkit.plugins")


class _Manager(pluggy.PluginManager):
    """pluggy's manager, which before 1.7 asks properties for hooks, too: that might fetch a token.

    What Python itself names (``__init__`` …) is never a hook; to look at it is most of what a registration costs.
    """

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        if name.startswith("__") or isinstance(getattr(type(plugin), name, None), property):
            return None
        return super().parse_hookimpl_opts(plugin, name)

    def parse_hookspec_opts(
        self, module_or_class: ModuleType | type, name: str
    ) -> pluggy.HookspecOpts | None:
        """Return the options of a hook; what is named otherwise is none."""
        if not name.startswith(f"{PROJECT}_"):
            return None
        return super().parse_hookspec_opts(module_or_class, name)


class Registry:
    """The plugins of one client.

    Args:
        plugins: plugin objects, or names of installed plugins; the first runs outermost.
        strict: True raises for a plugin that cannot be loaded, wherever it was named.

    Attributes:
        manager: pluggy's manager; another one once plugins have been rearranged.
        records: what became of every plugin that was enabled or disabled.
    """

    manager: pluggy.PluginManager

    def __init__(self, plugins: Iterable[object | str] = (), *, strict: bool = False) -> None:
        self.records: list[PluginRecord] = []
        self._strict = strict
        self.renew_after_fork()
        renew_in_children(self)
        self._plugins: dict[str, object] = {}  # outermost first, as they were enabled
        self._constrained = False
        self._unnamed_identities: dict[int, str] = {}
        self._arrange()
        self.enable(Choice(plugin) for plugin in plugins)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.RLock()

    def enable(self, choices: Iterable[Choice]) -> None:
        """Register what was chosen, the first outermost.

        A plugin that cannot be loaded becomes a record, and a warning in the log; one that the
        program itself demands raises.

        Raises:
            PluginError: a demanded plugin cannot be loaded, or any if `strict`; a name is not
                that of a plugin; a plugin does not fit the hooks.
        """
        chosen, disabled = choose(choices)
        self.records += disabled
        for choice in reversed(chosen):
            plugin = choice.plugin
            try:
                self.register(plugin, origin=choice.origin, options=choice.options)
            except PluginError as error:
                lenient = isinstance(plugin, str) and not (choice.demanded or self._strict)
                if not lenient or plugin not in available_plugins():
                    if not choice.demanded:
                        error.add_note(f"the plugin was enabled by {choice.origin}")
                    raise
                self.records.append(broken_record(str(plugin), choice.origin, error))
                LOG.warning("%s (enabled by %s); going on without it", error, choice.origin)

    def register(
        self,
        plugin: object | str,
        name: str | None = None,
        *,
        origin: str = "the program",
        options: Mapping[str, Any] | None = None,
    ) -> object:
        """Add a plugin outermost, by object or by name, and return the object.

        Raises:
            PluginError: there is no plugin of that name, it cannot be loaded, it does not fit the
                hooks, or it cannot have the place that it wants.
        """
        instance = load_plugin(plugin, options) if isinstance(plugin, str) else plugin
        title = name or getattr(instance, "name", None)
        if not isinstance(title, str) or not title:
            title = plugin if isinstance(plugin, str) else type(instance).__name__
        check_plugin(instance, title)
        source = distribution(available_plugins().get(plugin)) if isinstance(plugin, str) else ""
        with self._lock:
            if any(instance is known for known in self._plugins.values()):
                raise PluginError(f"plugin {title!r} is registered already; make a second object")
            if twins := [key for key, known in self._plugins.items() if instance == known]:
                raise PluginError(
                    f"plugin {title!r} equals {twins[0]!r}, which is registered; pluggy tells plugins apart by ==:"
                    " let two of a class differ (for a dataclass: @dataclass(eq=False))"
                )
            if title in self._plugins:
                title = f"{title}-{id(instance):x}"
            before, self._plugins = self._plugins, {title: instance, **self._plugins}
            try:
                self._place(title, instance)
            except PluginError:
                self._plugins = before
                raise
            self.records.append(PluginRecord(title, origin, "enabled", source))
        return instance

    def unregister(self, plugin: object) -> None:
        """Take a plugin out again."""
        with self._lock:
            name = self.manager.get_name(plugin)
            self.manager.unregister(plugin)
            self._plugins = {key: one for key, one in self._plugins.items() if one is not plugin}
            self._unnamed_identities.pop(id(plugin), None)
            self.records = [record for record in self.records if record.name != name]
            self._index()

    def names(self) -> list[str]:
        """Return the names of the registered plugins, in the order in which they run."""
        return [name for name, plugin in reversed(self.manager.list_name_plugin()) if plugin]

    def get(self, name: str) -> object | None:
        """Return the plugin registered under `name`, or None."""
        return self._plugins.get(name)

    def implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """Return who implements a hook, in the order in which they run: wrappers first."""
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        return caller.get_hookimpls()[::-1]

    def runner(self, hook: str) -> Callable[..., Any]:
        """Return what runs a hook: its only implementation where there is one, pluggy otherwise.

        That holds until a plugin comes or goes.
        """
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        found = caller.get_hookimpls()
        if len(found) == 1 and caller.spec is not None:
            only = found[0]
            plain = not only.wrapper and not only.hookwrapper and caller.spec.opts["firstresult"]
            if plain and set(only.argnames) == set(caller.spec.argnames):
                return only.function
        return caller

    def distributions(self) -> dict[str, str]:
        """Return name and version of the distributions that the plugins were loaded from."""
        return {record.name: record.distribution for record in self.records if record.distribution}

    def identity(self) -> tuple[str, ...]:
        """Return who asks, and who answers: what sets this client's answers apart from another's.

        A plugin that signs requests, or answers them in the network's place, says in its attribute
        ``identity`` for whom, without giving a secret away; an empty text makes no difference. One
        that says nothing counts as different from every other.
        """
        found = [self._identity(plugin) for plugin in self._identified]
        return tuple([identity for identity in found if identity])

    def may_substitute(self) -> bool:
        """Return whether a plugin may answer ``flowkit_send`` in the network's place."""
        return self._substitutes

    def _identity(self, plugin: object) -> str:
        identity = getattr(plugin, "identity", None)
        if isinstance(identity, str):
            return identity
        return self._unnamed_identities.setdefault(id(plugin), secrets.token_hex(16))

    def _place(self, name: str, plugin: object) -> None:
        """Register a plugin where it belongs; arrange all of them anew only if one has constraints."""
        self._constrained = self._constrained or has_constraints(plugin)
        if self._constrained:
            self._arrange()
        else:
            self.manager.register(plugin, name=name)
            self._index()

    def _arrange(self) -> None:
        """Register every plugin with a new manager; calls under way keep the one they have."""
        manager = _Manager(PROJECT)
        manager.add_hookspecs(hookspecs)
        for name in reversed(arrange(self._plugins)):  # pluggy calls the last registered first
            manager.register(self._plugins[name], name=name)
        check_order(manager)
        self.manager = manager
        self._index()

    def _index(self) -> None:
        """Keep at hand what every call needs."""
        answering = [one for one in self.implementations("flowkit_send") if not one.wrapper]
        self._substitutes = len(answering) > 1  # the transport is one
        found = (one.plugin for one in (*self.implementations("flowkit_sign"), *answering))
        # Most say in their class that they make no difference, and need not be looked at again.
        self._identified = list(
            {id(one): one for one in found if getattr(type(one), "identity", None) != ""}.values()
        )
