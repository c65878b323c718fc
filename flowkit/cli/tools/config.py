"""``flowkit config``: which settings count here."""

from __future__ import annotations

import click

from flowkit.call.secrets import MASK, is_secret_name
from flowkit.cli.output import write_json, write_table
from flowkit.cli.settings import Settings
from flowkit.config import Setting, read_config

__all__ = ["config"]


@click.group()
def config() -> None:
    """Show the settings that count here."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value was set.")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
@click.pass_context
def show(ctx: click.Context, origin: bool, as_json: bool) -> None:
    """Show what the configuration file and the environment say.

    Options of the command line count before them. Secrets are not shown.
    """
    found = read_config(ctx.ensure_object(Settings).profile)
    settings = {
        name: Setting(MASK, one.origin) if is_secret_name(name.rpartition(".")[2]) else one
        for name, one in found.effective().items()
    }
    if as_json:
        write_json(
            {
                name: {"value": one.value, "origin": one.origin} if origin else one.value
                for name, one in settings.items()
            }
        )
        return
    columns = ("setting", "value", "origin") if origin else ("setting", "value")
    rows = [(name, str(one.value), one.origin)[: len(columns)] for name, one in settings.items()]
    write_table(columns, rows)
