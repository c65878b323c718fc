"""``flowkit test toy``: whether two parties can run a job together."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import click

from flowkit.cli.jobs.following import following, tell
from flowkit.cli.options import SpelledOption
from flowkit.cli.settings import ClientCommand, connect
from flowkit.client import FlowClient
from flowkit.display.visible import visible
from flowkit.errors import JobFailed

__all__ = ["toy"]


@click.command(cls=ClientCommand, epilog="Endpoint: POST job/submit, then job/query and job/log.")
@click.option(
    "--guest-party-id",
    "--guest_party_id",
    "-gid",
    required=True,
    help="The guest.",
    cls=SpelledOption,
)
@click.option(
    "--host-party-id", "--host_party_id", "-hid", required=True, help="The host.", cls=SpelledOption
)
@click.option("--guest-user-name", default="", help="User of the guest, where one is wanted.")
@click.option("--host-user-name", default="", help="User of the host.")
@click.option(
    "--task-cores",
    "--task_cores",
    default=2,
    show_default=True,
    help="Cores a task may use.",
    cls=SpelledOption,
)
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Give up after that long.",
)
@click.option(
    "--work-mode",
    type=click.IntRange(0, 1),
    default=0,
    show_default=True,
    help="0 for a standalone server, 1 for a cluster; servers up to 1.6 want to know.",
)
@click.pass_context
def toy(
    ctx: click.Context,
    guest_party_id: str,
    host_party_id: str,
    guest_user_name: str,
    host_user_name: str,
    task_cores: int,
    timeout: int,
    work_mode: int,
) -> None:
    """Run the toy job, in which guest and host add secret numbers, and show what came of it.

    Standard error tells how it proceeds, standard output what the guest's log says of the sum. The
    exit code is 0 when the job has succeeded, 1 when it failed, 3 when it has not ended in time.
    """
    client = connect(ctx)
    job_id = client.test.toy(
        guest_party_id,
        host_party_id,
        guest_user_name,
        host_user_name,
        task_cores,
        timeout,
        work_mode=work_mode,
    ).job_id
    try:
        with following():
            client.job.wait(job_id, timeout=timeout, on_change=tell)
    except JobFailed as error:
        _show_log(client, job_id, guest_party_id, error.status)
        raise
    _show_log(client, job_id, guest_party_id, "success")


def _show_log(client: FlowClient, job_id: str, guest: str, status: str) -> None:
    """Print what the logs say of the outcome."""
    with TemporaryDirectory(prefix="flowkit-toy-") as folder:
        directory = client.job.log(job_id, folder)["directory"]
        for line in client.test.check_toy(guest, status, directory):
            click.echo(visible(line))
    click.echo(visible(f"toy test job {job_id} is {status}"))
