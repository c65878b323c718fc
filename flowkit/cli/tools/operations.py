"""``flowkit operations``: the table of operations."""

from __future__ import annotations

from dataclasses import asdict

import click

from flowkit.cli.output import write_json, write_table
from flowkit.cli.settings import ClientCommand, connect

__all__ = ["operations"]


@click.command(cls=ClientCommand)
@click.option("--json", "as_json", is_flag=True, help="Print everything the table holds, as JSON.")
@click.option("--guide", is_flag=True, help="Only the 41 operations of FATE Flow's user guide.")
@click.pass_context
def operations(ctx: click.Context, as_json: bool, guide: bool) -> None:
    """List the operations, those of enabled plugins as well: name, method, path, what it does."""
    known = connect(ctx).operations
    chosen = [operation for operation in known if operation.guide or not guide]
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
