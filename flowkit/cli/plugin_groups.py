"""The operation groups that enabled plugins add, asked for without making a client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import getattr_static
from typing import TYPE_CHECKING, Any

from flowkit.errors import PluginError
from flowkit.hooks.loading import Choice, choose, plugin_factory

if TYPE_CHECKING:
    from flowkit.groups.base import Group

__all__ = ["plugin_groups"]

HOOK = "flowkit_operation_groups"


def plugin_groups(choices: Iterable[Choice]) -> Mapping[str, type[Group]]:
    """Return the groups by the name of the client's attribute; a plugin's may replace a built-in one.

    No client is made, and no plugin that adds no group: what a plugin does with a client, such as
    recording or serving, must not happen for a help text.

    Raises:
        FlowError: a plugin cannot be used.
    """
    chosen, _ = choose(choices)
    asked = [choice for choice in chosen if _may_add(choice)]
    if not asked:
        return {}
    from flowkit.hooks.runner import Hooks  # rarely needed

    hooks = Hooks()
    hooks.enable(asked)
    return {name: kind for found in hooks.groups() for name, kind in found.items()}


def _may_add(choice: Choice) -> bool:
    """Return whether a plugin implements the hook, or cannot be known to before it is made."""
    try:
        plugin: Any = choice.plugin
        kind = plugin_factory(plugin) if isinstance(plugin, str) else plugin
    except PluginError:
        return True  # enabling it says what is wrong, or leaves it out with a warning
    if isinstance(choice.plugin, str) and not isinstance(kind, type):
        return True  # a function that makes the plugin
    for name in dir(kind):
        # Statically: to ask a property might fetch a token.
        options = getattr(getattr_static(kind, name, None), "flowkit_impl", None)
        if options and (options.get("specname") or name) == HOOK:
            return True
    return False
