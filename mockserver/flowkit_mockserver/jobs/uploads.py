"""The history of uploads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowkit_mockserver.jobs.status import SUCCESS, task_status
from flowkit_mockserver.jobs.store import JobArchive

__all__ = ["uploads"]

_COMPONENT = "upload_0"


def uploads(
    archive: JobArchive, job_id: str | None, now: int
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield job id, parameters and notes of the successful uploads, newest first.

    Args:
        archive: the jobs.
        job_id: only this one; None: all.
        now: the moment.
    """
    for found in reversed(archive) if job_id is None else (job_id,):
        job = archive.get(str(found))
        attempt = None if job is None else job.latest().get(_COMPONENT)
        if job is None or attempt is None or task_status(attempt, job.moment(now)) != SUCCESS:
            continue
        plan = archive.plan(job.job_id)
        conf = {} if plan is None else plan.runtime_conf
        roles = (conf.get("component_parameters") or {}).get("role") or {}
        parameters = roles.get("local", {}).get("0", {}).get(_COMPONENT)
        if parameters is not None:
            yield job.job_id, parameters, job.notes.get(job.initiator, "")
