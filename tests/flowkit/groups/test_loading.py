"""Where the operation groups are: known by name, imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import flowkit.groups
from flowkit import OPERATIONS
from flowkit.groups.loading import BUILTIN, load_group


def test_every_group_of_the_table_is_there() -> None:
    assert {operation.group for operation in OPERATIONS} == set(BUILTIN)
    for attribute, name in BUILTIN.items():
        assert load_group(attribute) is getattr(flowkit.groups, name)


def test_to_know_their_names_imports_none_of_them() -> None:
    program = (
        "import sys; from flowkit.groups.loading import BUILTIN, load_group; load_group('tag');"
        "print(*sorted(name for name in sys.modules if name.startswith('flowkit.groups.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["flowkit.groups." + name for name in ("base", "loading", "tag")]
