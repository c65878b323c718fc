"""The operation groups of FATE Flow, brought in by the hook that any plugin's groups use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowkit.call.markers import hookimpl
from flowkit.groups.loading import BUILTIN, load_group

if TYPE_CHECKING:
    from flowkit.groups.base import Group

__all__ = ["BuiltinGroups"]


class BuiltinGroups:
    """Brings FATE Flow's own groups in, by the hook that any plugin's groups use."""

    name = "groups"

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Return the groups by the name of the client's attribute."""
        return {attribute: load_group(attribute) for attribute in BUILTIN}
