"""What the commands have in common: arguments, output and errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowkit import FlowError
from flowkit.display.visible import visible

__all__ = ["FILE", "as_json", "print_rows", "report_errors"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn flowkit's own errors into one sentence and exit code 1."""
    try:
        yield
    except FlowError as error:
        raise click.ClickException(visible(str(error))) from error


def print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows as JSON or as aligned columns."""
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        return
    names = list(rows[0])
    cells = [[visible(str(row.get(name, "")), line=True) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in [names, *cells]) for i in range(len(names))]
    for line in [names, *cells]:
        pairs = zip(line, widths, strict=True)
        click.echo("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())
