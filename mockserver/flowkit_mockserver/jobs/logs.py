"""The log archive of a job: written when asked for, from what happened."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.jobs.dates import log_time
from flowkit_mockserver.jobs.job import Attempt, Job
from flowkit_mockserver.jobs.status import (
    FAILED,
    WAITING,
    job_status,
    party_end,
    party_start,
    party_status,
)
from flowkit_mockserver.jobs.tracker import Outputs
from flowkit_mockserver.kinds.kind import TaskLogs
from flowkit_mockserver.kinds.lookup import find_kind

__all__ = ["archive", "log_files"]

_Line = tuple[str, int, str, str]


def archive(files: Iterator[tuple[str, str]]) -> bytes:
    """Return a gzip tar of files (path, content)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for path, content in files:
            data = content.encode()
            member = tarfile.TarInfo(path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def log_files(job: Job, plan: Plan, outputs: Outputs, now: int) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of every log file of a job."""
    yield from _schedule_logs(job, now)
    for party in job.parties:
        told: list[_Line] = []
        for attempt, index in job.task_rows():
            if attempt.parties[index] != party or party_status(attempt, index, now) == WAITING:
                continue
            lines = _task_lines(job, plan, attempt, index, now)
            told += lines
            folder = f"{party}/{attempt.component}"
            if attempt.version == job.latest(party)[attempt.component].version:
                yield from _task_logs(job, plan, outputs, attempt, index, lines, folder)
        if told:
            yield from _levels(party, told)


def _schedule_logs(job: Job, now: int) -> Iterator[tuple[str, str]]:
    lines: list[_Line] = [
        ("INFO", job.created, "dag_scheduler.py", f"submit job, job_id {job.job_id}"),
        (
            "INFO",
            job.created,
            "dag_scheduler.py",
            f"submit job successfully, job id is {job.job_id}",
        ),
    ]
    if job.start is not None and now >= job.start:
        lines.append(
            ("INFO", job.start, "dag_scheduler.py", f"start job {job.job_id} on {job.initiator}")
        )
    for attempt in job.attempts:
        if attempt.start is not None:
            text = f"start job {job.job_id} task {job.task_id(attempt.component)} {attempt.version}"
            lines.append(("INFO", attempt.start, "task_scheduler.py", text))
    if job.canceled_at is not None:
        lines.append(("INFO", job.canceled_at, "dag_scheduler.py", f"cancel job {job.job_id}"))
    if job.end is not None and now >= job.end:
        text = f"Job {job.job_id} finished with {job_status(job, now)}, done"
        lines.append(("INFO", job.end, "dag_scheduler.py", text))
    errors = [
        ("ERROR", attempt.settled, "task_controller.py", message)
        for attempt in job.attempts
        for message in attempt.messages.values()
    ]
    yield "fate_flow_audit.log", ""
    yield "fate_flow_schedule.log", _text(lines)
    yield "fate_flow_schedule_error.log", _text(errors)
    yield "fate_flow_sql.log", ""


def _shown_logs(module: str) -> TaskLogs:
    kind = find_kind(module)
    return TaskLogs() if kind is None else kind.logs


def _task_lines(job: Job, plan: Plan, attempt: Attempt, index: int, now: int) -> list[_Line]:
    party = attempt.parties[index]
    start = party_start(attempt, index, now) or job.created
    task = f"{job.task_id(attempt.component)} {attempt.version} {party.replace('/', ' ')}"
    module = plan.graph.module(attempt.component)
    lines: list[_Line] = [
        ("INFO", start, "task_executor.py", "enter task process"),
        ("INFO", start, "task_executor.py", f"Run {job.job_id} {attempt.component} {task} task"),
        ("DEBUG", start, "task_executor.py", f"{attempt.component} is of module {module}"),
    ]
    if _shown_logs(module).warns:
        lines.append(("WARNING", start, "task_executor.py", f"{module} takes its input as it is"))
    status = party_status(attempt, index, now)
    end = party_end(attempt, index, now) or now
    if party in attempt.messages:
        lines.append(("ERROR", end, "task_executor.py", attempt.messages[party]))
    if status == FAILED or party_end(attempt, index, now) is not None:
        finished = f"Finish {job.job_id} {attempt.component} {task} task {status}"
        lines.append(("INFO", end, "task_executor.py", finished))
    return lines


def _task_logs(
    job: Job,
    plan: Plan,
    outputs: Outputs,
    attempt: Attempt,
    index: int,
    lines: list[_Line],
    folder: str,
) -> Iterator[tuple[str, str]]:
    party = attempt.parties[index]
    shown = _shown_logs(plan.graph.module(attempt.component))
    fed = any(
        (outputs.get(job.job_id, reference.partition(".")[0], party) or {}).get("tables")
        for references in plan.graph.inputs(attempt.component).values()
        for reference in references
    )
    yield from _levels(folder, lines)
    yield f"{folder}/fate_flow_schedule.log", _text(lines[:2])
    yield f"{folder}/stat.log", ""
    if fed or shown.storage:
        yield f"{folder}/peewee.log", ""
    if plan.graph.model_outputs(attempt.component):
        yield f"{folder}/fate_flow_stat.log", ""
    if shown.profiling == "always" or (shown.profiling == "fed" and fed):
        yield f"{folder}/PROFILING.log", ""
    message = attempt.messages.get(party)
    trace = "" if message is None else f"Traceback (most recent call last):\nException: {message}\n"
    yield f"{folder}/std.log", trace + (f"{lines[-1][3]}\n" if len(lines) > 1 else "")


def _levels(folder: str, lines: list[_Line]) -> Iterator[tuple[str, str]]:
    """Yield one file a level, each with its own lines and those of the graver levels."""
    ranks = ("DEBUG", "INFO", "WARNING", "ERROR")
    for rank, level in enumerate(ranks):
        chosen = [line for line in lines if ranks.index(line[0]) >= rank]
        if chosen or rank < ranks.index("WARNING"):
            yield f"{folder}/{level}.log", _text(chosen)


def _text(lines: list[_Line]) -> str:
    return "".join(
        f"[{level}] [{log_time(moment)}] [1:{moment % 10**9}] - {file}[line:1]: {text}\n"
        for level, moment, file, text in sorted(lines, key=lambda line: line[1])
    )
