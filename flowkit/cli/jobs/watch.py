"""``flowkit job watch``: a job and its components, live, until it has ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from flowkit.cli.jobs.dag import can_draw
from flowkit.cli.settings import ClientCommand, connect
from flowkit.display.text import dag_lines, duration, sparkline
from flowkit.display.visible import visible
from flowkit.errors import FlowError
from flowkit.jobs.overview import JobOverview, look_at_job
from flowkit.results import read_loss

if TYPE_CHECKING:
    from flowkit.call.model import JobState
    from flowkit.client import FlowClient

__all__ = ["watch"]

Show = Callable[[JobOverview], None]


@click.command(cls=ClientCommand)
@click.option("--job-id", "-j", required=True, help="The job.")
@click.option("--timeout", type=float, metavar="SECONDS", help="Give up after that long.")
@click.pass_context
def watch(ctx: click.Context, job_id: str, timeout: float | None) -> None:
    """Watch a job until it has ended.

    It shows how far each component is on each party. On a terminal the picture moves; elsewhere
    there is a line for every change. The exit code is 0 when the job has succeeded, 1 when it
    failed, was canceled or timed out (then with component, party and reason), and 3 when it has not
    ended in time.
    """
    client = connect(ctx)
    look_at_job(client, job_id)  # an unknown job is told before anything is drawn
    with _display() as show:

        def look(_: JobState) -> None:
            show(look_at_job(client, job_id))

        client.job.wait(job_id, timeout=timeout, on_change=look)
        last = look_at_job(client, job_id)
        show(last)
    for line in _losses(client, last):
        click.echo(visible(line, line=True))


@contextmanager
def _display() -> Iterator[Show]:
    """Yield what shows a job: a picture that is drawn over, or a line for each change."""
    if not (sys.stdout.isatty() and find_spec("rich")):
        yield _changes()
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(highlight=False)
    plain = not can_draw()  # while the picture moves, standard output is rich's and does not tell
    with Live(console=console, auto_refresh=False) as live:
        yield lambda overview: live.update(
            Text("\n".join(visible(line, line=True) for line in _picture(overview, plain=plain))),
            refresh=True,
        )


def _picture(overview: JobOverview, *, plain: bool) -> list[str]:
    took = "" if overview.elapsed is None else f", {duration(overview.elapsed)}"
    head = f"job {overview.job_id}: {overview.status} ({overview.progress} %{took})"
    return [head, *(f"  {line}" for line in dag_lines(overview.dag, plain=plain))]


def _changes() -> Show:
    """Return what prints a line when the job or one of its components has another status than before."""
    seen: dict[str, str] = {}

    def show(overview: JobOverview) -> None:
        states = {f"job {overview.job_id}": f"{overview.status} ({overview.progress} %)"}
        for node in overview.dag.nodes:
            for party, status in node.statuses.items():
                states[f"  {node.name} on {party}"] = status
        for name, state in states.items():
            if seen.get(name) != state:
                seen[name] = state
                click.echo(visible(f"{name}: {state}", line=True))
        sys.stdout.flush()

    return show


def _losses(client: FlowClient, overview: JobOverview) -> Iterator[str]:
    """Yield a line for each loss that the server's parties know of."""
    parties = {row.party: row for row in client.job.query(job_id=overview.job_id).rows}
    for node in overview.dag.nodes:
        for party in node.statuses:
            if (row := parties.get(party)) is None:
                continue
            try:
                answer = client.component.metric_all(
                    overview.job_id, row.role, row.party_id, node.name
                )
                losses = read_loss(answer)
            except FlowError:
                continue  # the job itself has succeeded; its losses are only shown
            for loss in losses:
                if not loss.y:
                    continue
                curve = sparkline(loss.y, plain=not can_draw())
                yield f"  loss of {node.name}: {curve} {loss.y[0]:g} to {loss.y[-1]:g}"
