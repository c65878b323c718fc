"""``flowkit test min``: whether three parties can train, deploy and predict."""

from __future__ import annotations

from typing import Any

import click

from flowkit.changes import WORK_MODE
from flowkit.cli.jobs.following import following, tell
from flowkit.cli.jobs.minimum_jobs import DATA, Parties, Training, trainings
from flowkit.cli.options import SpelledOption
from flowkit.cli.output import write_reply
from flowkit.cli.settings import ClientCommand, Settings, connect
from flowkit.client import FlowClient
from flowkit.display.visible import visible
from flowkit.errors import FlowError
from flowkit.inputs.arguments import party
from flowkit.reply import Reply

__all__ = ["minimum"]


@click.command("min", cls=ClientCommand)
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
@click.option(
    "--arbiter-party-id",
    "--arbiter_party_id",
    "-aid",
    required=True,
    help="The arbiter.",
    cls=SpelledOption,
)
@click.option(
    "--data-type",
    "--data_type",
    "-t",
    type=click.Choice(list(DATA)),
    default="fast",
    show_default=True,
    help="Which of FATE's example tables: breast (fast) or credit (normal).",
    cls=SpelledOption,
)
@click.option(
    "--sbt/--no-sbt", default=True, show_default=True, help="Whether SecureBoost is tried, too."
)
@click.option(
    "--work-mode",
    type=click.IntRange(0, 1),
    default=0,
    show_default=True,
    help="0 for standalone servers, 1 for a cluster; servers up to 1.6 want to know.",
)
@click.pass_context
def minimum(
    ctx: click.Context,
    guest_party_id: str,
    host_party_id: str,
    arbiter_party_id: str,
    data_type: str,
    sbt: bool,
    work_mode: int,
) -> None:
    """Train on FATE's example tables, deploy what was trained, and predict with it.

    The tables must be there: breast_hetero_guest and breast_hetero_host, or
    default_credit_hetero_guest and default_credit_hetero_host, in the namespace experiment.
    A logistic regression comes first, then SecureBoost. The exit code is 0 when all jobs have
    succeeded; an AUC below what is usual is told on standard error.
    """
    client = connect(ctx)
    parties = Parties(
        *(
            int(party(f"{role}_party_id", value))
            for role, value in (
                ("guest", guest_party_id),
                ("host", host_party_id),
                ("arbiter", arbiter_party_id),
            )
        )
    )
    mode = work_mode if WORK_MODE.holds_on(client.server_line()) else None
    found = [
        _tried(client, training, parties)
        for training in trainings(parties, DATA[data_type], sbt=sbt, work_mode=mode)
    ]
    reply: Reply[Any] = Reply({"retcode": 0, "retmsg": "success", "data": found})
    write_reply(reply, ctx.ensure_object(Settings).output)


def _tried(client: FlowClient, training: Training, parties: Parties) -> dict[str, Any]:
    """Train, deploy and predict, and return the jobs and the AUC."""
    trained = client.job.submit(training.conf, training.dsl)
    _wait(client, trained.job_id)
    summary = client.component.get_summary(
        trained.job_id, "guest", parties.guest, training.component
    ).data
    try:
        score = float(summary["validation_metrics"]["train"]["auc"][-1])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        text = f"the summary of {training.component} in job {trained.job_id} has no AUC"
        raise FlowError(text) from error
    if score < training.usual_auc:
        text = f"Warning: the AUC of {training.component}, {score}, is below {training.usual_auc}"
        click.echo(visible(text), err=True)
    version = client.model.deploy(
        trained.model_id, trained.model_version, training.deployed
    ).model_version
    conf = client.model.get_predict_conf(trained.model_id, version).data
    for role, table in training.tables.items():
        conf["component_parameters"]["role"][role]["0"]["reader_0"]["table"] = table
    predicted = client.job.submit(conf)
    _wait(client, predicted.job_id)
    return {
        "component": training.component,
        "auc": score,
        "train_job": trained.job_id,
        "predict_job": predicted.job_id,
    }


def _wait(client: FlowClient, job_id: str) -> None:
    with following():
        client.job.wait(job_id, on_change=tell)
