"""Answers on the terminal and in pipes: JSON, or a table of their data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import click

from flowkit.cli.flattening import flat, metric_rows
from flowkit.display.tables import TELLING
from flowkit.display.text import BLOCKS
from flowkit.errors import ArgumentError
from flowkit.frames.replies import tabulate
from flowkit.results.answers import holds_metrics
from flowkit.rows import rows_of

__all__ = ["write_json", "write_reply", "write_table"]


def write_reply(reply: Mapping[str, Any], form: str = "json") -> None:
    """Print an answer, whole as JSON, or its data as a table where they make one."""
    data = reply.get("data")
    rows = rows_of(data) if form == "table" else []
    if rows and not (isinstance(data, list) and len(rows) < len(data)):
        write_table(*_columns(rows))
    elif form == "table" and (columns := _preview(reply)):
        cells = zip(*columns.values(), strict=True)
        write_table(list(columns), ([_cell(value) for value in row] for row in cells))
    elif form == "table" and holds_metrics(data):
        write_table(*metric_rows(data, plain=_printable(BLOCKS) != BLOCKS))
    elif form == "table" and isinstance(data, Mapping | list) and data:
        write_table(("name", "value"), ((name, _cell(value)) for name, value in flat(data)))
    else:
        write_json(reply)


def _preview(reply: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of a preview of one table; none for other answers."""
    data = reply.get("data")
    if not (isinstance(data, list) and data and all(isinstance(one, list) for one in data)):
        return {}
    try:
        return tabulate(reply)
    except ArgumentError:  # several tables
        return {}


def write_json(value: Any) -> None:
    """Print JSON: indented and coloured for a terminal, on one line for a program.

    Where standard output cannot encode a character, all beyond ASCII are escaped, as JSON has them.
    """
    text = json.dumps(value, ensure_ascii=False)
    ascii_only = _printable(text) != text
    if not sys.stdout.isatty():
        click.echo(json.dumps(value) if ascii_only else text)
        return
    try:
        # rich takes 50 ms to import, which a script that reads the JSON does not have to pay.
        from rich import print_json
    except ImportError:  # not with every extra that brings a command
        click.echo(json.dumps(value, ensure_ascii=ascii_only, indent=2))
    else:
        print_json(data=value, ensure_ascii=ascii_only)


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None
) -> None:
    """Print a table; to a program without frames, one line a row, with tabs between the cells."""
    if not (sys.stdout.isatty() and find_spec("rich")):
        for row in (columns, *rows):
            click.echo(_printable("\t".join(row)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for row in rows:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    Console().print(table)


def _printable(text: str) -> str:
    """Return the text with escapes in place of what the encoding of standard output does not have."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


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
