"""The order of plugins: as they were enabled, except where one says ``before`` or ``after`` which it runs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import pluggy

from flowkit.errors import PluginError
from flowkit.hooks.table import HOOKS

__all__ = ["arrange", "check_order", "has_constraints", "order_constraints"]


def order_constraints(plugin: object, attribute: str) -> tuple[str, ...]:
    """Return the names in a plugin's attribute ``before`` or ``after``: one name, or several.

    Raises:
        PluginError: it is neither a text nor some texts.
    """
    value = getattr(plugin, attribute, ())
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, Iterable):
        found = tuple(names)
        if all(isinstance(name, str) for name in found):
            return found
    raise PluginError(
        f"{type(plugin).__name__}.{attribute} must be the names of plugins, got {value!r}"
    )


def arrange(plugins: Mapping[str, object]) -> Sequence[str]:
    """Return the names of `plugins`, outermost first, moved as little as their constraints demand.

    Args:
        plugins: the plugins by name, in the order in which they were enabled.

    Raises:
        PluginError: the constraints of some plugins go round in a circle.
    """
    earlier: dict[str, set[str]] = {name: set() for name in plugins}
    for name, plugin in plugins.items():
        earlier[name].update(
            other for other in order_constraints(plugin, "after") if other in plugins
        )
        for other in order_constraints(plugin, "before"):
            if other in plugins:
                earlier[other].add(name)
    sorter = TopologicalSorter(earlier)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise PluginError(f"plugins want to run before each other: {circle}") from error
    place = {name: number for number, name in enumerate(plugins)}
    ready: list[tuple[int, str]] = []
    order: list[str] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (place[name], name))
        _, name = heapq.heappop(ready)
        order.append(name)
        sorter.done(name)
    return order


def has_constraints(plugin: object) -> bool:
    """Return whether a plugin says where it wants to run."""
    return bool(order_constraints(plugin, "before") or order_constraints(plugin, "after"))


def check_order(manager: pluggy.PluginManager) -> None:
    """Check that ``tryfirst`` and ``trylast`` have not overruled a constraint.

    Raises:
        PluginError: they have; no order fulfils both.
    """
    for hook in HOOKS:
        found = getattr(manager.hook, hook).get_hookimpls()[::-1]
        for number, one in enumerate(found):
            for other in found[number + 1 :]:
                if one.wrapper == other.wrapper and (
                    other.plugin_name in order_constraints(one.plugin, "after")
                    or one.plugin_name in order_constraints(other.plugin, "before")
                ):
                    raise PluginError(
                        f"{hook}: {other.plugin_name!r} should run before {one.plugin_name!r}, but "
                        "tryfirst or trylast put it behind; take one of them away"
                    )
