"""From a plan to a job: its rows and tasks, and the answer to a submit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.plan import Plan, job_cores, party_order
from flowkit_mockserver.jobs.job import Attempt, Job, party_key, split_party
from flowkit_mockserver.jobs.resources import task_cores
from flowkit_mockserver.jobs.status import FAILED
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.settings import Settings

__all__ = ["DEFAULT_TIMEOUT", "board_url", "create_job", "keep_agreed", "submit_data"]

#: Seconds after which a running job is stopped, unless its parameters say otherwise.
DEFAULT_TIMEOUT = 3 * 24 * 3600


def create_job(plan: Plan, *, now: int, span: int) -> Job:
    """Return the job of a plan: waiting, with a first version of every task.

    Args:
        plan: the plan.
        now: the moment of the submit.
        span: milliseconds that a task takes.
    """
    parties = {party_key(role, party): (role, party) for role, party in party_order(plan)}
    attempts = []
    for name in plan.graph.order:
        by_role = plan.parameters[name]
        # Rows are made initiator last; tasks start on the parties as the conf lists them.
        running = [
            party_key(role, party)
            for role, listed in plan.roles.items()
            for party in listed
            if str(party) in by_role.get(role, {})
        ]
        if running:
            kind = find_kind(plan.graph.module(name))
            share = 1.0 if kind is None else kind.time_share
            first = Attempt(component=name, version=0, parties=running, created=now, share=share)
            attempts.append(first)
    common = plan.common_parameters
    return Job(
        job_id=plan.job_id,
        created=now,
        span=span,
        initiator=party_key(*plan.initiator),
        parties=list(parties),
        engine=str(common["computing_engine"]),
        mode=str(common["federated_mode"]),
        collect=str(common["federated_status_collect_type"]),
        cores={key: job_cores(plan, role, party) for key, (role, party) in parties.items()},
        task_cores=task_cores(plan),
        parallelism=int(common["task_parallelism"]),
        timeout=_timeout(common.get("timeout")),
        upstream={name: list(plan.graph.upstream(name)) for name in plan.graph.order},
        attempts=attempts,
        queued=now,
    )


def _timeout(given: object) -> float:
    """Return the seconds of a timeout; the server makes nothing of one that is no number."""
    return float(given) if isinstance(given, int | float) else DEFAULT_TIMEOUT


def keep_agreed(job: Job, answers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Turn a job that some parties refused into what stays of it: failed rows of those that agreed."""

    def agreed(key: str) -> bool:
        role, party_id = split_party(key)
        answer = answers.get(role, {}).get(party_id)
        return answer is not None and answer["retcode"] == 0

    job.parties = [key for key in job.parties if agreed(key)]
    for attempt in job.attempts:
        attempt.parties = [key for key in attempt.parties if key in job.parties]
    job.attempts = [attempt for attempt in job.attempts if attempt.parties]
    job.status = FAILED
    job.progress = 0
    job.tag = "job_end"
    job.closed = True


def board_url(settings: Settings, job_id: str, role: str, party_id: object) -> str:
    """Return where the board would show a job."""
    query = f"job_id={job_id}&role={role}&party_id={party_id}"
    return f"{settings.board_url}/index.html#/dashboard?{query}"


def submit_data(settings: Settings, plan: Plan) -> dict[str, Any]:
    """Return the ``data`` of the answer to a submit."""
    role, party_id = plan.initiator
    home = f"{settings.root}/jobs/{plan.job_id}"
    return {
        "job_id": plan.job_id,
        "model_info": {"model_id": plan.model_id, "model_version": plan.model_version},
        "logs_directory": f"{settings.root}/logs/{plan.job_id}",
        "board_url": board_url(settings, plan.job_id, role, party_id),
        "job_dsl_path": f"{home}/job_dsl.json",
        "job_runtime_conf_path": f"{home}/job_runtime_conf.json",
        "job_runtime_conf_on_party_path": f"{home}/{role}/job_runtime_on_party_conf.json",
        "train_runtime_conf_path": f"{home}/train_runtime_conf.json",
        "pipeline_dsl_path": f"{home}/pipeline_dsl.json",
    }
