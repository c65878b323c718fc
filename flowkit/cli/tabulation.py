"""Answers as tables: which columns and cells show of what a server says."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowkit.cli.flattening import flat, metric_rows
from flowkit.display.tables import TELLING
from flowkit.display.text import BLOCKS
from flowkit.errors import ArgumentError
from flowkit.frames.replies import tabulate
from flowkit.results.answers import holds_metrics
from flowkit.rows import rows_of

__all__ = ["BLOCKS", "table_of"]

Table = tuple[Sequence[str], Iterable[Sequence[str]]]


def table_of(reply: Mapping[str, Any], *, plain: bool) -> Table | None:
    """Return the columns and rows that an answer's data make; None where they make no table.

    Args:
        reply: the answer.
        plain: True where curves cannot be drawn with `BLOCKS`.
    """
    data = reply.get("data")
    rows = rows_of(data)
    if rows and not (isinstance(data, list) and len(rows) < len(data)):
        return _columns(rows)
    if columns := _preview(reply):
        cells = zip(*columns.values(), strict=True)
        return list(columns), ([_cell(value) for value in row] for row in cells)
    if holds_metrics(data):
        # Metrics of another form than a metric's show as any other data.
        with contextlib.suppress(ArgumentError):
            return metric_rows(data, plain=plain)
    if isinstance(data, Mapping | list) and data:
        return ("name", "value"), ((name, _cell(value)) for name, value in flat(data))
    return None


def _preview(reply: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of a preview of one table; none for other answers."""
    data = reply.get("data")
    if not (isinstance(data, list) and data and all(isinstance(one, list) for one in data)):
        return {}
    try:
        return tabulate(reply)
    except ArgumentError:  # several tables
        return {}


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Return column names and cells; nested values, which no cell can hold, are left out."""
    names: dict[str, None] = {}
    for row in rows:
        names.update((name, None) for name, value in row.items() if not _is_nested(value))
    if not names:
        return ["name", "value"], [[name, _cell(value)] for name, value in flat(rows)]
    telling = [name for name in TELLING if name in names] or names
    shown = [name for name in telling if any(row.get(name) not in (None, "") for row in rows)]
    return shown, [[_cell(row.get(name)) for name in shown] for row in rows]


def _is_nested(value: object) -> bool:
    return isinstance(value, Mapping | list)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):  # of single values: `flat` leaves no others
        return ", ".join(map(_cell, value))
    return json.dumps(value, ensure_ascii=False, default=str)
