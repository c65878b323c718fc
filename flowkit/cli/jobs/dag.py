"""``flowkit job dag``: the graph of a job as text."""

from __future__ import annotations

import sys

import click

from flowkit.cli.settings import ClientCommand, connect
from flowkit.display.text import dag_lines
from flowkit.display.visible import visible
from flowkit.jobs.overview import look_at_job

__all__ = ["can_draw", "dag"]


@click.command(cls=ClientCommand)
@click.option("--job-id", "-j", required=True, help="The job.")
@click.pass_context
def dag(ctx: click.Context, job_id: str) -> None:
    """Show the components of a job as a graph of text.

    A line a component, in an order in which they can run: its status, name, kind, inputs, and the
    status of its parties, each for itself where they differ.
    """
    overview = look_at_job(connect(ctx), job_id)
    click.echo(visible(f"job {overview.job_id}: {overview.status} ({overview.progress} %)"))
    for line in dag_lines(overview.dag, plain=not can_draw()):
        click.echo(visible(f"  {line}", line=True))


def can_draw() -> bool:
    """Return whether standard output has signs beyond ASCII."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
