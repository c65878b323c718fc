"""Changes between lines: where each holds, and that each is of operations that there are."""

from __future__ import annotations

import pytest

from flowkit import OPERATIONS
from flowkit.changes import (
    CHANGES,
    METRICS_BY_DAY,
    MODEL_VERSION_NEEDED,
    PERMISSIONS_BY_PARTY,
    VALIDATION_BROKEN,
    WORK_MODE,
    Change,
)
from flowkit.servers import LINES


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (WORK_MODE, "1.5 1.6"),
        (METRICS_BY_DAY, "1.5 1.6 1.7"),
        (MODEL_VERSION_NEEDED, "1.5 1.6 1.7 1.8"),
        (VALIDATION_BROKEN, "1.7 1.8 1.9 1.10 1.11"),
        (PERMISSIONS_BY_PARTY, "1.9 1.10 1.11"),
    ],
)
def test_a_change_holds_on_its_lines(change: Change, lines: str) -> None:
    assert [line.name for line in LINES if change.holds_on(line)] == lines.split()


def test_changes_are_of_operations() -> None:
    assert all(name in OPERATIONS for change in CHANGES for name in change.operations)
