"""The operation groups of FATE Flow: one class each, one module each, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowkit.hooks.specs import hookimpl

if TYPE_CHECKING:
    from flowkit.groups.base import Group
    from flowkit.groups.checkpoint import Checkpoint
    from flowkit.groups.component import Component
    from flowkit.groups.data import Data
    from flowkit.groups.job import Job
    from flowkit.groups.model import Model
    from flowkit.groups.privilege import Privilege
    from flowkit.groups.queue import Queue
    from flowkit.groups.remote_version import RemoteVersion
    from flowkit.groups.table import Table
    from flowkit.groups.tag import Tag
    from flowkit.groups.task import Task
    from flowkit.groups.test import Test

__all__ = [
    "BuiltinGroups",
    "Checkpoint",
    "Component",
    "Data",
    "Group",
    "Job",
    "Model",
    "Privilege",
    "Queue",
    "RemoteVersion",
    "Table",
    "Tag",
    "Task",
    "Test",
]

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
    "remote_version": "RemoteVersion",
    "test": "Test",
}
MODULES = {**{name: module for module, name in BUILTIN.items()}, "Group": "base"}


def __getattr__(name: str) -> Any:
    """Load a group's module when its class is first asked for: `import flowkit` stays cheap."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)


class BuiltinGroups:
    """Brings FATE Flow's own groups in, by the hook that any plugin's groups use."""

    name = "groups"

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Return the groups by the name of the client's attribute."""
        return {attribute: __getattr__(name) for attribute, name in BUILTIN.items()}
