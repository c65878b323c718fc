"""``flowkit job wait``: wait until a job has ended."""

from __future__ import annotations

import click

from flowkit.cli.jobs.following import following, tell
from flowkit.cli.output import write_reply
from flowkit.cli.settings import ClientCommand, Settings, connect
from flowkit.reply import Reply

__all__ = ["wait"]


@click.command(cls=ClientCommand)
@click.option("--job-id", "-j", required=True, help="The job.")
@click.option("--timeout", type=float, metavar="SECONDS", help="Give up after that long.")
@click.option("--quiet", is_flag=True, help="Do not tell how the job proceeds.")
@click.pass_context
def wait(ctx: click.Context, job_id: str, timeout: float | None, quiet: bool) -> None:
    """Wait until a job has ended.

    Standard error tells how it proceeds. The exit code is 0 when the job has succeeded, 1 when it
    failed, was canceled or timed out (then with component, party and reason), and 3 when it has not
    ended in time.
    """
    client = connect(ctx)
    with following(quiet):
        reply = client.job.wait(job_id, timeout=timeout, on_change=None if quiet else tell)
    shown = {name: value for name, value in reply.data.items() if name != "rows"}
    write_reply(Reply({**reply, "data": shown}), ctx.ensure_object(Settings).output)
