"""Logs of jobs that do not exist: the real server starts them when it is asked about such a job in certain ways."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from flowkit_mockserver.jobs.dates import log_time

__all__ = ["Strangers"]

_KEPT = 256


class Strangers:
    """What was logged about jobs that do not exist; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, list[tuple[str, str]]] = OrderedDict()

    def note(self, job_id: object, level: str, text: str, now: int) -> None:
        """Log a line about a job. Only what could be the id of one counts."""
        if isinstance(job_id, str) and job_id.isalnum():
            line = f"[{level}] [{log_time(now)}] [1:1] - job.py[line:1]: {text}\n"
            self._lines.setdefault(job_id, []).append((level, line))
            if len(self._lines) > _KEPT:
                self._lines.popitem(last=False)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._lines

    def log_files(self, job_id: str) -> Iterator[tuple[str, str]]:
        """Yield path and content of the log files of a job that does not exist."""
        lines = self._lines.get(job_id, [])
        yield "fate_flow_schedule_error.log", "".join(x for level, x in lines if level == "ERROR")
        yield "fate_flow_schedule.log", "".join(x for _, x in lines)
