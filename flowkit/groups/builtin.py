"""The operation groups of FATE Flow, brought in by the hook that any plugin's groups use."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowkit.call.markers import hookimpl

if TYPE_CHECKING:
    from flowkit.groups.base import Group

__all__ = ["BUILTIN", "BuiltinGroups", "load_group"]

# The client's attribute, which names the module too, and the class within it.
BUILTIN = {
    "job": "Job",
    "component": "Component",
    "data": "Data",
    "task": "Task",
    "model": "Model",
    "tag": "Tag",
    "table": "Table",
    "queue": "Queue",
    "privilege": "Privilege",
    "checkpoint": "Checkpoint",
    "provider": "Provider",
    "resource": "Resource",
    "service": "Service",
    "key": "Key",
    "template": "Template",
    "remote_version": "RemoteVersion",
    "test": "Test",
}
SITE = frozenset({"key", "provider", "resource", "service", "template"})


def load_group(attribute: str) -> Any:
    """Return the class of a group, importing its module when it is first needed."""
    package = "flowkit.groups.site" if attribute in SITE else "flowkit.groups"
    return getattr(import_module(f"{package}.{attribute}"), BUILTIN[attribute])


class BuiltinGroups:
    """Brings FATE Flow's own groups in, by the hook that any plugin's groups use."""

    name = "groups"

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Return the groups by the name of the client's attribute."""
        return {attribute: load_group(attribute) for attribute in BUILTIN}
