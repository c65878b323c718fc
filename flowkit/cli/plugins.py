"""``flowkit plugins``: what can be enabled."""

from __future__ import annotations

import click

from flowkit.cli.lazy import summary
from flowkit.cli.output import write_json, write_table
from flowkit.plugins import available_plugins, environment_plugins

__all__ = ["plugins"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def plugins(as_json: bool) -> None:
    """List the installed plugins; being installed enables none of them."""
    enabled = environment_plugins()
    rows = [
        {
            "name": name,
            "enabled": "FLOWKIT_PLUGINS" if name in enabled else "",
            "object": point.value,
            "distribution": f"{point.dist.name} {point.dist.version}" if point.dist else "",
            "summary": summary(point),
        }
        for name, point in sorted(available_plugins().items())
    ]
    if as_json:
        write_json(rows)
    else:
        write_table(
            ("name", "enabled", "object", "distribution", "what it does"),
            [tuple(row.values()) for row in rows],
        )
