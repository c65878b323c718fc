"""Answers on the terminal and in pipes: JSON, or a table of their data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import click

from flowkit.display.visible import visible

__all__ = ["write_json", "write_reply", "write_table"]


def write_reply(reply: Mapping[str, Any], form: str = "json") -> None:
    """Print an answer, whole as JSON, or its data as a table where they make one."""
    if form == "table":
        # It takes as long to import as half of the command line, and most answers are JSON.
        from flowkit.cli.tabulation import BLOCKS, table_of

        table = table_of(reply, plain=_printable(BLOCKS) != BLOCKS)
        if table is not None:
            write_table(*table)
            return
    write_json(reply)


def write_json(value: Any) -> None:
    """Print JSON: indented and coloured for a terminal, on one line for a program.

    Where standard output cannot encode a character, or a terminal would obey one, all beyond ASCII are escaped, as
    JSON has them.
    """
    text = json.dumps(value, ensure_ascii=False)
    ascii_only = _printable(text) != text or visible(text) != text
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
            click.echo(_printable("\t".join(visible(cell, line=True) for cell in row)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    heads = (Column(Text(_printable(visible(name)))) for name in columns)
    table = Table(*heads, title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for row in rows:
        table.add_row(*(Text(_printable(visible(cell))) for cell in row))
    Console().print(table)


def _printable(text: str) -> str:
    """Return the text with escapes in place of what the encoding of standard output does not have."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
