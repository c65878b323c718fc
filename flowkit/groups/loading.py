"""Where the operation groups of FATE Flow are, without importing any."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["BUILTIN", "load_group"]

#: The client's attribute, which names the module too, and the class within it.
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
