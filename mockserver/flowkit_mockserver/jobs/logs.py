"""The logs of a job: written when a client wants them, from what happened."""

from __future__ import annotations

import io
import tarfile
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

from flowkit_mockserver.jobs.job import (
    FAILED,
    SUCCESS,
    WAITING,
    Attempt,
    Job,
    job_status,
    party_end,
    party_start,
    party_status,
)
from flowkit_mockserver.jobs.workers import worker_id
from flowkit_mockserver.kinds.lookup import find_kind

if TYPE_CHECKING:
    from flowkit_mockserver.dialects.behaviour import Behaviour
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.jobs.tracker import Output, Tracker
    from flowkit_mockserver.kinds.kind import TaskLogs
    from flowkit_mockserver.party import Party

__all__ = ["UnknownJobLogs", "log_files", "log_time", "pack_logs"]

#: Logs of jobs that do not exist are kept for so many.
_KEPT_UNKNOWN = 256

_Line = tuple[str, int, str, str]

#: Where in a file of the server's code a line is written; elsewhere it is where a component trains.
_FUNCTIONS = {
    "dag_scheduler.py": "submit",
    "task_scheduler.py": "start_task",
    "task_controller.py": "update_task",
    "task_executor.py": "_run_",
    "base_worker.py": "run",
    "job.py": "stop_job",
}


def pack_logs(files: Iterable[tuple[str, str]], archive: IO[bytes]) -> None:
    """Write a gzip tar of files (path, content) into `archive`, which is at its beginning afterwards."""
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        for path, content in files:
            data = content.encode()
            member = tarfile.TarInfo(path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    archive.seek(0)


def log_files(
    job: Job, plan: Plan, tracker: Tracker, now: int, site: str | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of every log file of a job, or of those at the server of one party, `site`."""
    yield from _schedule_logs(job, now, later=plan.dialect.own_project)
    for party in job.parties:
        if not job.is_at(site, party):
            continue
        of_party: list[_Line] = []
        for attempt, index in job.task_rows():
            if attempt.parties[index] != party or party_status(attempt, index, now) == WAITING:
                continue
            lines = _task_lines(job, plan, tracker, attempt, index, now)
            of_party += lines
            folder = f"{party.key}/{attempt.component}"
            if attempt.version == job.latest(party)[attempt.component].version:
                yield from _task_logs(job, plan, tracker, attempt, index, lines, folder)
        if of_party:
            yield from _levels(party.key, of_party, _owner(job, plan))


def _schedule_logs(job: Job, now: int, *, later: bool) -> Iterator[tuple[str, str]]:
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
            (
                "INFO",
                job.start,
                "dag_scheduler.py",
                f"start job {job.job_id} on {job.initiator.key}",
            )
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
    owner = job.job_id if later else ""
    yield "fate_flow_schedule.log", _text(lines, owner)
    if later:
        if not errors and job.start is not None:
            yield "fate_flow_detect.log", ""
    else:
        yield "fate_flow_schedule_error.log", _text(errors)
    yield "fate_flow_sql.log", ""


def _shown_logs(module: str) -> TaskLogs:
    from flowkit_mockserver.kinds.kind import TaskLogs

    kind = find_kind(module)
    return TaskLogs() if kind is None else kind.logs


def _warnings(plan: Plan, shown: TaskLogs, party: Party) -> int:
    """Return how many warnings FATE itself writes about the input of a task."""
    if not plan.dialect.own_project:
        return int(shown.warns)
    since = shown.warns_since
    began = since is None or getattr(plan.dialect.behaviour, since)
    return shown.later_warns.get(party.role, 0) if began else 0


def _differences(
    module: str, behaviour: Behaviour, output: Output | None, version: int
) -> Iterator[str]:
    """Yield what a task computed otherwise than FATE of a line does."""
    kind = find_kind(module)
    difference = None if kind is None else kind.difference_on(behaviour)
    if difference is not None:
        yield f"{module} is {difference}"
    if output is not None and output["task_version"] == version:
        for warning in output.get("warnings", ()):
            yield f"{module} is approximate: {warning}"


def _task_lines(
    job: Job, plan: Plan, tracker: Tracker, attempt: Attempt, index: int, now: int
) -> list[_Line]:
    party = attempt.parties[index]
    start = party_start(attempt, index, now) or job.created
    task = f"{job.task_id(attempt.component)} {attempt.version} {party.role} {party.party_id}"
    module = plan.graph.module(attempt.component)
    later = plan.dialect.own_project
    begun, run = "enter task process", f"Run {job.job_id} {attempt.component} {task} task"
    if later:
        begun = "enter TaskExecutor worker in subprocess, pid: 1"
        run = f"run {attempt.component} {_task_of(job, attempt, party)}"
    lines: list[_Line] = [
        ("INFO", start, "base_worker.py" if later else "task_executor.py", begun),
        ("INFO", start, "task_executor.py", run),
        ("DEBUG", start, "task_executor.py", f"{attempt.component} is of module {module}"),
    ]
    shown = _shown_logs(module)
    text = f"{module} takes its input as it is"
    lines += [("WARNING", start, "task_executor.py", text)] * _warnings(plan, shown, party)
    output = tracker.get(job.job_id, attempt.component, party)
    for text in _differences(module, plan.dialect.behaviour, output, attempt.version):
        lines.append(("WARNING", start, "task_executor.py", text))
    status = party_status(attempt, index, now)
    end = party_end(attempt, index, now) or now
    if party in attempt.messages:
        lines.append(("ERROR", end, "task_executor.py", attempt.messages[party]))
    elif status == SUCCESS:
        lines += [("INFO", end, file, text) for file, text in _told(plan, attempt.component, party)]
    if status == FAILED or party_end(attempt, index, now) is not None:
        finished = f"Finish {job.job_id} {attempt.component} {task} task {status}"
        if later:
            finished = f"finish {attempt.component} {_task_of(job, attempt, party)} with {status}"
        lines.append(("INFO", end, "task_executor.py", finished))
    return lines


def _task_of(job: Job, attempt: Attempt, party: Party) -> str:
    """Return how later lines name a task in their logs."""
    return f"{job.task_id(attempt.component)} {attempt.version} on {party.role} {party.party_id}"


def _told(plan: Plan, component: str, party: Party) -> Iterable[tuple[str, str]]:
    """Return what a task that succeeded tells of itself: the file of its code and the text."""
    kind = find_kind(plan.graph.module(component))
    if kind is None or kind.logs.told is None:
        return ()
    from flowkit_mockserver.dsl.parameters import own_parameters

    stored = plan.parameters[component][party.role][party.party_id]
    return kind.logs.told(own_parameters(kind, stored) or {}, party.role)


def _task_logs(
    job: Job,
    plan: Plan,
    tracker: Tracker,
    attempt: Attempt,
    index: int,
    lines: list[_Line],
    folder: str,
) -> Iterator[tuple[str, str]]:
    party = attempt.parties[index]
    shown = _shown_logs(plan.graph.module(attempt.component))
    fed = any(
        output is not None and output["tables"]
        for references in plan.graph.inputs(attempt.component).values()
        for reference in references
        for output in (tracker.get(job.job_id, reference.partition(".")[0], party),)
    )
    yield from _levels(folder, lines, _owner(job, plan))
    if plan.dialect.own_project:
        yield from _worker_logs(job, attempt, party, shown, lines, folder)
        return
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


def _worker_logs(
    job: Job, attempt: Attempt, party: Party, shown: TaskLogs, lines: list[_Line], folder: str
) -> Iterator[tuple[str, str]]:
    """Yield what the process of a task leaves behind in the later lines, beside the levels."""
    yield f"{folder}/fate_flow_stat.log", ""
    yield f"{folder}/stat.log", ""
    if shown.later_profiling and party not in attempt.messages:
        yield f"{folder}/PROFILING.log", ""
    worker = worker_id(job.task_id(attempt.component), attempt.version, party)
    yield f"{folder}/task_executor_{worker}_std.log", f"{lines[-1][3]}\n" if lines else ""


def _owner(job: Job, plan: Plan) -> str:
    return job.job_id if plan.dialect.own_project else ""


def _levels(folder: str, lines: list[_Line], owner: str) -> Iterator[tuple[str, str]]:
    """Yield one file a level, each with its own lines and those of the graver levels."""
    ranks = ("DEBUG", "INFO", "WARNING", "ERROR")
    for rank, level in enumerate(ranks):
        chosen = [line for line in lines if ranks.index(line[0]) >= rank]
        if chosen or rank < ranks.index("WARNING"):
            yield f"{folder}/{level}.log", _text(chosen, owner)


def _text(lines: list[_Line], owner: str = "") -> str:
    """Return lines as a file has them: on later lines with the job that they belong to, `owner`."""
    return "".join(
        _line(level, moment, file, text, owner)
        for level, moment, file, text in sorted(lines, key=lambda line: line[1])
    )


def _line(level: str, moment: int, file: str, text: str, owner: str) -> str:
    head = f"[{level}] [{log_time(moment)}]"
    if not owner:
        return f"{head} [1:{moment % 10**9}] - {file}[line:1]: {text}\n"
    function = f"{file.removesuffix('.py')}.{_FUNCTIONS.get(file, 'fit')}"
    return f"{head} [{owner}] [1:{moment % 10**9}] - [{function}] [line:1]: {text}\n"


def log_time(moment: int) -> str:
    """Return ``"2021-06-01 10:03:20,417"`` for milliseconds since the epoch."""
    second, rest = divmod(moment, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(second))},{rest:03}"


class UnknownJobLogs:
    """Logs of jobs that do not exist; the oldest are forgotten.

    The real server starts such a log when it is asked to stop the job or for its data view.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, list[tuple[str, str]]] = OrderedDict()

    def note(self, job_id: object, level: str, text: str, now: int) -> None:
        """Log a line about a job. Only what could be the id of one counts."""
        if isinstance(job_id, str) and job_id.isalnum():
            line = _line(level, now, "job.py", text, job_id)
            self._lines.setdefault(job_id, []).append((level, line))
            if len(self._lines) > _KEPT_UNKNOWN:
                self._lines.popitem(last=False)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._lines

    def log_files(self, job_id: str) -> Iterator[tuple[str, str]]:
        """Yield path and content of the log files of a job that does not exist."""
        lines = self._lines.get(job_id, [])
        yield "fate_flow_schedule_error.log", "".join(x for level, x in lines if level == "ERROR")
        yield "fate_flow_schedule.log", "".join(x for _, x in lines)
