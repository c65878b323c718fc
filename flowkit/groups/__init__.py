"""The operation groups of FATE Flow: one class each, loaded when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowkit.groups.loading import BUILTIN, load_group

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
    from flowkit.groups.site.key import Key
    from flowkit.groups.site.provider import Provider
    from flowkit.groups.site.resource import Resource
    from flowkit.groups.site.service import Service
    from flowkit.groups.site.template import Template
    from flowkit.groups.table import Table
    from flowkit.groups.tag import Tag
    from flowkit.groups.task import Task
    from flowkit.groups.test import Test

__all__ = [
    "Checkpoint",
    "Component",
    "Data",
    "Group",
    "Job",
    "Key",
    "Model",
    "Privilege",
    "Provider",
    "Queue",
    "RemoteVersion",
    "Resource",
    "Service",
    "Table",
    "Tag",
    "Task",
    "Template",
    "Test",
]

ATTRIBUTES = {name: attribute for attribute, name in BUILTIN.items()}


def __getattr__(name: str) -> Any:
    """Load a group's module when its class is first needed: `import flowkit` stays cheap."""
    if name == "Group":
        return import_module("flowkit.groups.base").Group
    if name not in ATTRIBUTES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load_group(ATTRIBUTES[name])
