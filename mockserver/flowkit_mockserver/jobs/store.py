"""All jobs of a server, kept small: as text, but for those that have not ended or were asked for of late.

In the documents parties go by their keys (``guest/9999``); everywhere else they are of type `Party`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from itertools import islice
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dialects import DEFAULT, dialect_of
from flowkit_mockserver.jobs.job import Attempt, Job, Shortage, Span, Stop
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import StateDamaged, Store

if TYPE_CHECKING:
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.plan import Plan

__all__ = ["JobStore", "job_document", "job_from", "pack_plan", "unpack_job", "unpack_plan"]

_KEPT_JOBS = 1024
_KEPT_PLANS = 64
_CHECKED_JOBS = 100
#: Stands in the text of a job that was canceled.
_CANCELED = '"canceled_at":'


class JobStore:
    """Jobs and their plans by job id, oldest first.

    Args:
        store: where they are kept.
        dialect: how the server speaks; None for that of the default line.

    Raises:
        ValueError: what is there cannot be jobs.
    """

    def __init__(self, store: Store, dialect: Dialect | None = None) -> None:
        self._dialect = dialect or dialect_of(DEFAULT)
        self._jobs = store.collection("jobs")
        self._plans = store.collection("plans")
        self._check()
        self._live: dict[str, Job] = {
            job_id: unpack_job(self._jobs[job_id]) for job_id in self._jobs.labelled("live")
        }
        self._touched: dict[str, Job] = {}
        self._recent: OrderedDict[str, Job] = OrderedDict()
        self._recent_plans: OrderedDict[str, Plan] = OrderedDict()

    def _check(self) -> None:
        """Look whether what a store holds can be jobs, as far as the newest of them show it.

        Raises:
            ValueError: it cannot.
        """
        for job_id in islice(reversed(self._jobs), _CHECKED_JOBS):
            document = self._jobs[job_id]
            plan = self._plans.get(job_id, {})
            text = document.get("text", "")
            if not isinstance(plan.get("packed"), str) or not isinstance(text, str):
                raise ValueError(f"job {job_id} has no plan or no facts")

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._jobs

    def __iter__(self) -> Iterator[str]:
        return iter(self._jobs)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._jobs)

    def __len__(self) -> int:
        return len(self._jobs)

    def live(self) -> list[Job]:
        """Return the jobs that have not ended."""
        return list(self._live.values())

    def unfinished(self) -> Iterator[str]:
        """Yield the ids of the jobs that have not come to their end, or were canceled before it."""
        for job_id, document in self._jobs.items():
            # What is as usual is not kept of a job, so that of others there is no need to unpack it.
            if _CANCELED in document.get("text", _CANCELED):
                yield job_id

    def renew(self, job_id: str) -> Job | None:
        """Look at a job anew, which another worker changed; return it if it has not ended."""
        for kept in (self._live, self._touched, self._recent, self._recent_plans):
            kept.pop(job_id, None)
        document = self._jobs.get(job_id)
        if document is None or "text" in document:
            return None
        job = self._live[job_id] = unpack_job(document)
        return job

    def add(self, job: Job, plan: Plan) -> None:
        """Keep a new job."""
        self._plans[job.job_id] = {"packed": pack_plan(plan.to_document())}
        self._remember(self._recent_plans, job.job_id, plan, _KEPT_PLANS)
        self.touch(job)
        self.flush()

    def replace_plan(self, job: Job, plan: Plan, now: int) -> None:
        """Put another plan in place of that of a job, which is kept for what was made before."""
        document = self._plans[job.job_id]
        earlier = [*document.get("earlier", ()), {"until": now, "packed": document["packed"]}]
        self._plans[job.job_id] = {"packed": pack_plan(plan.to_document()), "earlier": earlier}
        self._remember(self._recent_plans, job.job_id, plan, _KEPT_PLANS)
        job.updates += 1
        self.touch(job)

    def plan_at(self, job: Job, moment: int) -> Plan | None:
        """Return the plan that a job had at a moment."""
        for earlier in self._plans[job.job_id].get("earlier", ()) if job.updates else ():
            if moment < earlier["until"]:
                return self._unpack_plan(earlier["packed"])
        return self.plan(job.job_id)

    def _unpack_plan(self, packed: str) -> Plan:
        from flowkit_mockserver.dsl.plan import Plan  # a server that runs no job does without

        return Plan.from_document(unpack_plan(packed), self._dialect)

    def touch(self, job: Job) -> None:
        """Note that the facts of a job changed; `flush` writes them down."""
        self._touched[job.job_id] = job
        job.revision += 1
        if not job.closed:
            self._live[job.job_id] = job

    def flush(self) -> None:
        """Write down the jobs that changed."""
        for job in self._touched.values():
            if job.closed:
                self._live.pop(job.job_id, None)
                self._remember(self._recent, job.job_id, job, _KEPT_JOBS)
            else:
                self._recent.pop(job.job_id, None)
            self._jobs[job.job_id] = _pack_job(job)
        self._touched.clear()

    def surplus(self, kept: int) -> list[str]:
        """Return the oldest jobs that have ended, so many that not more than `kept` others have."""
        count = len(self._jobs) - len(self._live) - kept
        if count <= 0:
            return []
        return list(islice((job_id for job_id in self._jobs if job_id not in self._live), count))

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended, and its plan."""
        del self._jobs[job_id]
        self._plans.pop(job_id, None)
        self._recent.pop(job_id, None)
        self._recent_plans.pop(job_id, None)

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None."""
        job = self._live.get(job_id) or self._recent.get(job_id)
        if job is None and job_id in self._jobs:
            try:
                job = unpack_job(self._jobs[job_id])
            except (LookupError, TypeError, ValueError) as error:
                raise StateDamaged(f"what is kept of job {job_id} is damaged: {error!r}") from error
            self._remember(self._recent, job_id, job, _KEPT_JOBS)
        return job

    def plan(self, job_id: str) -> Plan | None:
        """Return the plan of a job, or None when there is no such job."""
        plan = self._recent_plans.get(job_id)
        if plan is None and job_id in self._plans:
            plan = self._unpack_plan(self._plans[job_id]["packed"])
            self._remember(self._recent_plans, job_id, plan, _KEPT_PLANS)
        return plan

    @staticmethod
    def _remember(kept: OrderedDict[str, Any], job_id: str, value: Any, limit: int) -> None:
        kept[job_id] = value
        kept.move_to_end(job_id)
        if len(kept) > limit:
            kept.popitem(last=False)


def pack_plan(document: Any) -> str:
    """Return the document of a plan as it is kept."""
    packed = zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)
    return base64.b64encode(packed).decode()


def unpack_plan(text: str) -> Any:
    """Return the document that `pack_plan` packed."""
    # It was base 85 once, which Python takes fifty times as long for; zlib's head looks different in each.
    packed = base64.b64decode(text) if text.startswith("e") else base64.b85decode(text)
    return json.loads(zlib.decompress(packed))


def _pack_job(job: Job) -> dict[str, Any]:
    """Return what is kept of a job: text, which takes a third of the place, without what is as usual."""
    document = _without(_JOB_DEFAULTS, job_document(job))
    document["attempts"] = [_without(_ATTEMPT_DEFAULTS, one) for one in document["attempts"]]
    text = json.dumps(document, separators=(",", ":"))
    return {"text" if job.closed else "live": text}


def unpack_job(document: Mapping[str, Any]) -> Job:
    """Return the job of which a document is kept."""
    text = document.get("live") or document.get("text")
    # Those that have not ended were kept as they are once.
    return job_from(document if text is None else json.loads(text))


def _defaults(kind: type[Any]) -> dict[str, Any]:
    found = {item.name: item.default for item in fields(kind) if item.default is not MISSING}
    made = {
        item.name: item.default_factory()
        for item in fields(kind)
        if item.default_factory is not MISSING
    }
    return found | made


_JOB_FIELDS = frozenset(item.name for item in fields(Job))
_JOB_DEFAULTS, _ATTEMPT_DEFAULTS = _defaults(Job), _defaults(Attempt)


def _without(defaults: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in document.items()
        if name not in defaults or value != defaults[name]
    }


def job_document(job: Job) -> dict[str, Any]:
    """Return the facts of a job as JSON values."""
    refused = job.refused
    return {name: getattr(job, name) for name in Job.__slots__} | {
        "initiator": job.initiator.key,
        "parties": [party.key for party in job.parties],
        "cores": _by_key(job.cores),
        "attempts": [_attempt_document(attempt) for attempt in job.attempts],
        "refused": refused and [refused.moment, [party.key for party in refused.granted]],
        "notes": _by_key(job.notes),
    }


def _attempt_document(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in Attempt.__slots__} | {
        "parties": [party.key for party in attempt.parties],
        "outcome": None if attempt.outcome is None else _by_key(attempt.outcome),
        "messages": _by_key(attempt.messages),
    }


def job_from(document: Mapping[str, Any]) -> Job:
    """Return the job that a document describes."""
    values = {name: value for name, value in document.items() if name in _JOB_FIELDS}
    refused, earlier = values.get("refused"), values.get("earlier")
    return Job(
        **values
        | {
            "initiator": Party.parse(values["initiator"]),
            "parties": [Party.parse(key) for key in values["parties"]],
            "cores": _by_party(values["cores"]),
            "attempts": [_attempt_from(attempt) for attempt in values["attempts"]],
            "refused": refused and Shortage(refused[0], [Party.parse(key) for key in refused[1]]),
            "earlier": earlier and Span(*earlier),
            "notes": _by_party(values.get("notes", {})),
        }
    )


def _attempt_from(document: Mapping[str, Any]) -> Attempt:
    outcome, stopped, inherited = map(document.get, ("outcome", "stopped", "inherited"))
    return Attempt(
        **dict(document)
        | {
            "parties": [Party.parse(key) for key in document["parties"]],
            "outcome": None if outcome is None else _by_party(outcome),
            "messages": _by_party(document.get("messages", {})),
            "stopped": stopped and Stop(*stopped),
            "inherited": inherited and Span(*inherited),
        }
    )


def _by_key(values: Mapping[Party, Any]) -> dict[str, Any]:
    return {party.key: value for party, value in values.items()}


def _by_party(values: Mapping[str, Any]) -> dict[Party, Any]:
    return {Party.parse(key): value for key, value in values.items()}
