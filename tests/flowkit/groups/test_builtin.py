"""The built-in groups come in by the hook that any plugin uses."""

from __future__ import annotations

import flowkit.groups
from flowkit import OPERATIONS, Group
from flowkit.groups.builtin import BuiltinGroups


def test_they_are_the_groups_of_the_table_in_its_order() -> None:
    found = BuiltinGroups().flowkit_operation_groups()
    named = list(dict.fromkeys(operation.group for operation in OPERATIONS))
    assert sorted(found) == sorted(named)
    assert all(issubclass(kind, Group) for kind in found.values())


def test_the_package_exports_each_class() -> None:
    for kind in BuiltinGroups().flowkit_operation_groups().values():
        assert getattr(flowkit.groups, kind.__name__) is kind
