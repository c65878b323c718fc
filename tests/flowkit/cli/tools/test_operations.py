"""``flowkit operations``: the table."""

from __future__ import annotations

from flowkit import OPERATIONS
from terminal import answer, run


def test_operations_prints_the_table() -> None:
    rows = answer(run("operations", "--json"))
    assert [row["name"] for row in rows] == [operation.name for operation in OPERATIONS]
    assert rows[0]["effect"] == "write"


def test_operations_can_be_limited_to_the_guide_s() -> None:
    assert len(answer(run("operations", "--json", "--guide"))) == 41
