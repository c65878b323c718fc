"""``flowkit operations``: the table of operations."""

from __future__ import annotations

from dataclasses import asdict

import click

from flowkit.cli.output import write_json, write_table
from flowkit.operations import OPERATIONS

__all__ = ["operations"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything the table holds, as JSON.")
@click.option("--guide", is_flag=True, help="Only the 41 operations of FATE Flow's user guide.")
def operations(as_json: bool, guide: bool) -> None:
    """List the operations: name, method, path and what each does."""
    chosen = [operation for operation in OPERATIONS if operation.guide or not guide]
    if as_json:
        write_json(
            [{**asdict(operation), "effect": operation.effect.value} for operation in chosen]
        )
        return
    columns = ("operation", "method", "path", "since", "what it does")
    write_table(
        columns,
        [
            (operation.name, operation.method, operation.path, operation.since, operation.summary)
            for operation in chosen
        ],
    )
