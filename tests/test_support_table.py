"""The table of which operation is on which line: complete, and true of what is recorded and of what the mock plays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowkit import OPERATIONS
from flowkit.servers import line_of

EXTENSIONS = Path(__file__).parents[1] / "docs" / "_ext"
sys.path.insert(0, str(EXTENSIONS))
tables = pytest.importorskip("tables", reason="needs the tools of the documentation")


@pytest.fixture(scope="module")
def cells() -> dict[str, list[str]]:
    text = tables.SupportTable.text(object())
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    return {row[0].strip("`"): row[1:] for row in rows[2:]}


def test_every_operation_has_its_row(cells: dict[str, list[str]]) -> None:
    assert list(cells) == [operation.name for operation in OPERATIONS]


def test_every_operation_of_1_6_is_played(cells: dict[str, list[str]]) -> None:
    for operation in OPERATIONS:
        if operation.since == "1.5":
            assert cells[operation.name][1] in ("recorded, mock", "read, mock"), operation.name


def test_a_line_without_an_operation_has_an_empty_cell(cells: dict[str, list[str]]) -> None:
    assert [bool(cell) for cell in cells["key.query"]] == [False] * 4 + [True] * 3
    assert [bool(cell) for cell in cells["table.disable"]] == [False] * 3 + [True] * 4


@pytest.mark.parametrize("known", [tables.RECORDED, tables.SEEN], ids=["recorded", "seen"])
def test_what_is_known_of_a_real_server_is_on_its_line(known: dict[str, list[str]]) -> None:
    for line, names in known.items():
        assert names == sorted(set(names)), line
        for name in names:
            assert OPERATIONS[name].is_on(line_of(line)), (line, name)


def test_what_was_measured_is_whole() -> None:
    for one in tables.MEASURED:
        shares = list(one["figures"].values())
        assert list(one["figures"]) == ["code", "message", "shape", "value"]
        # Each counts only where those before it do.
        assert shares == sorted(shares, reverse=True)
        assert all(0 < share <= 100 for share in shares)
    assert tables.MeasuredTable.text(object()).count("\n") >= len(tables.MEASURED) + 1
