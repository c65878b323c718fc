"""``flowkit demo``: a federated training from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.loading import mock_server
from flowkit.cli.settings import ClientCommand, Settings
from flowkit.display.visible import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from flowkit.client import FlowClient

__all__ = ["demo"]

STYLES = {"success": "green", "running": "yellow", "failed": "red", "canceled": "red"}
ROWS = 5


@click.command(cls=ClientCommand)
@click.option("--url", help="A real server; without it a mock server in this process is used.")
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each task takes on the mock server.",
)
@click.pass_context
def demo(ctx: click.Context, url: str | None, pace: float) -> None:
    """Train a model on two bundled tables, evaluate it, deploy it and predict with it.

    A bank (the guest) knows which of its customers fell behind; a lender (the host) knows
    something else about most of them. Together they train a logistic regression. Offline by
    default; a real server gets two tables in the namespace flowkit_demo and two jobs.
    """
    from rich.console import Console

    settings = ctx.ensure_object(Settings)
    settings.url = url or settings.url
    started = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    if settings.url or settings.ip:
        client = ctx.with_resource(settings.client())
        where = str(client.address.origin)
    else:
        mock = ctx.with_resource(mock_server(pace=pace))
        client = ctx.with_resource(mock.client(plugins=settings.plugins))
        where = "a mock server in this process"
    console.print(f"FATE Flow: {where}")
    _run_steps(client, console)
    console.print(f"\n[dim]{time.monotonic() - started:.1f} s[/]")


def _run_steps(client: FlowClient, console: Console) -> None:
    """Go through the steps of the demo and show what comes of each."""
    from flowkit import demo as steps

    for role, _ in (steps.GUEST, steps.HOST):
        console.print(f"Uploaded table [b]{role}[/]: {steps.upload(client, role)} customers")
    trained = steps.train(client)
    console.print(f"Training, job [b]{_plain(trained.job_id)}[/]")
    _follow(client, trained.job_id, console)
    _table(
        console,
        ("metric", "value"),
        [(name, f"{value:.6f}") for name, value in steps.evaluation(client, trained.job_id)],
    )
    version = steps.deploy(client, trained)
    console.print(
        f"Deployed model [b]{_plain(trained.model_id)}[/], version [b]{_plain(version)}[/]"
    )
    scored = steps.predict(client, trained.model_id, version)
    console.print(f"Predicting, job [b]{_plain(scored.job_id)}[/]")
    client.job.wait(scored.job_id)
    _table(
        console,
        ("customer", "label", "predicted", "score"),
        [
            (row.customer, row.label, row.predicted, f"{row.score:.4f}")
            for row in steps.predictions(client, scored.job_id, ROWS)
        ],
    )


def _plain(text: str) -> str:
    """Return a text of the server in which rich finds no markup, and a terminal nothing to obey."""
    from rich.markup import escape

    return escape(visible(text))


def _follow(client: FlowClient, job_id: str, console: Console) -> None:
    """Wait for a job and show how each of its components stands."""
    from rich.live import Live

    from flowkit import demo as steps

    standing: list[RenderableType] = []
    try:
        with Live(console=console, auto_refresh=False, transient=True) as live:

            def show(job: Mapping[str, Any]) -> None:
                components = steps.statuses(client, job_id)
                standing[:] = [_standing(int(job["progress"]), components)]
                live.update(standing[0], refresh=True)

            client.job.wait(job_id, on_change=show)
    finally:
        console.print(*standing)


def _standing(progress: int, components: Mapping[str, str]) -> RenderableType:
    """Return a bar and a line for each component."""
    from rich.padding import Padding
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=100, completed=progress, width=24)
    lines.add_row(bar, f"{progress} %")
    for name, status in components.items():
        lines.add_row(Text(visible(name)), Text(visible(status), style=STYLES.get(status, "dim")))
    return Padding(lines, (0, 2))


def _table(console: Console, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console.print(table)
