"""From a plan to a job: its id, its rows and tasks, and the answer to a submit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.jobs.job import FAILED, Attempt, Job
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit.clock import Clock
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.settings import Settings

__all__ = [
    "DAY_DIGITS",
    "DEFAULT_TIMEOUT",
    "JobIds",
    "board_url",
    "create_job",
    "day_of",
    "engine_cores",
    "fail_creation",
    "keep_agreed",
    "submit_data",
    "task_cores",
]

#: Seconds after which a running job is stopped, unless its parameters say otherwise.
DEFAULT_TIMEOUT = 3 * 24 * 3600
#: How many leading digits of a job id are its day.
DAY_DIGITS = 8

_MICROSECONDS = 1_000_000
_COUNTER = 10


def day_of(job_id: str) -> str:
    """Return the day (``YYYYMMDD``) under which the outputs of a job are filed."""
    return job_id[:DAY_DIGITS]


class JobIds:
    """Makes ids that grow, even while the clock stands still.

    Args:
        clock: the server's clock.
        taken: says of an id whether a job bears it already.

    Attributes:
        last: the number of the newest one.
    """

    def __init__(self, clock: Clock, taken: Callable[[str], bool]) -> None:
        self._clock = clock
        self._taken = taken
        self.last = -1

    def next(self) -> str:
        """Return an id that no job bears."""
        number = max(int(self._clock.now() * _MICROSECONDS) * _COUNTER, self.last + 1)
        while self._taken(text := self._text(number)):
            number += 1
        self.last = number
        return text

    @staticmethod
    def _text(number: int) -> str:
        micros, counter = divmod(number, _COUNTER)
        seconds, micros = divmod(micros, _MICROSECONDS)
        stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(seconds))
        return f"{stamp}{micros:06}{counter}"


def create_job(plan: Plan, *, now: int, span: int, site: str | None = None) -> Job:
    """Return the job of a plan: waiting, with a first version of every task.

    Args:
        plan: the plan.
        now: the moment of the submit.
        span: milliseconds that a task takes.
        site: the party at whose server it was submitted; None where one server is that of all parties.
    """
    from flowkit_mockserver.dsl.plan import job_cores, party_order

    parties = [Party.of(role, party) for role, party in party_order(plan)]
    # A job may wait long, with thousands of others: it has each party once.
    own = {party: party for party in parties}
    attempts = []
    for name in plan.graph.order:
        by_role = plan.parameters[name]
        # Rows are made in the order of the creation; tasks start on the parties as the conf lists them.
        named = (
            Party.of(role, party)
            for role, listed in plan.roles.items()
            for party in listed
            if str(party) in by_role.get(role, {})
        )
        running = [own.setdefault(party, party) for party in named]
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
        initiator=Party.of(*plan.initiator),
        parties=parties,
        engine=str(common["computing_engine"]),
        mode=str(common["federated_mode"]),
        collect=str(common["federated_status_collect_type"]),
        cores={party: job_cores(plan, *party) for party in parties},
        task_cores=task_cores(plan),
        parallelism=int(common["task_parallelism"]),
        timeout=_timeout(common.get("timeout")),
        upstream={name: list(plan.graph.upstream(name)) for name in plan.graph.order},
        attempts=attempts,
        queued=now,
        site=site,
    )


def _timeout(given: object) -> float:
    """Return the seconds of a timeout; the server makes nothing of one that is no number."""
    return float(given) if isinstance(given, int | float) else DEFAULT_TIMEOUT


def keep_agreed(job: Job, answers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Turn a job that some parties refused into what stays of it: failed rows of those that agreed."""

    def agrees(party: Party) -> bool:
        answer = answers.get(party.role, {}).get(party.party_id)
        return answer is not None and answer["retcode"] == 0

    job.parties = [party for party in job.parties if agrees(party)]
    for attempt in job.attempts:
        attempt.parties = [party for party in attempt.parties if party in job.parties]
    job.attempts = [attempt for attempt in job.attempts if attempt.parties]
    fail_creation(job, "job_end")


def fail_creation(job: Job, tag: str) -> None:
    """Turn a job that parties refused into failed rows."""
    job.status = FAILED
    job.progress = 0
    job.tag = tag
    job.closed = True


def board_url(settings: Settings, job_id: str, party: Party) -> str:
    """Return where the board shows a job."""
    query = f"job_id={job_id}&role={party.role}&party_id={party.party_id}"
    return f"{settings.own_url or settings.board_url}/index.html#/dashboard?{query}"


def submit_data(settings: Settings, plan: Plan, warning: str | None = None) -> dict[str, Any]:
    """Return the ``data`` of the answer to a submit.

    Args:
        settings: the choices made at the start.
        plan: the plan of the job.
        warning: what the later lines have to say about the conf.
    """
    initiator = Party.of(*plan.initiator)
    root = settings.root + plan.dialect.folder
    home = f"{root}/jobs/{plan.job_id}"
    common = {
        "job_id": plan.job_id,
        "model_info": {"model_id": plan.model_id, "model_version": plan.model_version},
        "logs_directory": f"{root}/logs/{plan.job_id}",
        "board_url": board_url(settings, plan.job_id, initiator),
    }
    if plan.dialect.own_project:
        return common | {
            "code": 0,
            "message": warning or "success",
            "dsl_path": f"{home}/job_dsl.json",
            "runtime_conf_path": f"{home}/job_runtime_conf.json",
            "runtime_conf_on_party_path": f"{home}/{initiator.key}/job_runtime_on_party_conf.json",
            "train_runtime_conf_path": f"{home}/train_runtime_conf.json",
            "pipeline_dsl_path": f"{home}/pipeline_dsl.json",
        }
    return common | {
        "job_dsl_path": f"{home}/job_dsl.json",
        "job_runtime_conf_path": f"{home}/job_runtime_conf.json",
        "job_runtime_conf_on_party_path": f"{home}/{initiator.role}/job_runtime_on_party_conf.json",
        "train_runtime_conf_path": f"{home}/train_runtime_conf.json",
        "pipeline_dsl_path": f"{home}/pipeline_dsl.json",
    }


def task_cores(plan: Plan) -> int:
    """Return the cores that one task of a job needs on its initiator."""
    from flowkit_mockserver.dsl.plan import job_cores

    role, party_id = plan.initiator
    parallelism = int(plan.job_parameters[role][str(party_id)]["task_parallelism"])
    return job_cores(plan, role, party_id) // max(1, parallelism)


def engine_cores(name: str, standalone: int) -> int:
    """Return how many cores a computing engine has.

    Args:
        name: the engine.
        standalone: the cores of the engine that is the server itself.
    """
    if name == "STANDALONE":
        return standalone
    from flowkit_mockserver.dsl.run_parameters import engine

    return engine("computing", name).cores
