"""Finding out why a job failed: the task that did, and the sentence in its log.

All of it is done as far as it goes: what cannot be had is left out, and the job has failed
nevertheless.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowkit.call.model import JSON
from flowkit.errors import FlowError
from flowkit.jobs.rows import fetch_rows

if TYPE_CHECKING:
    from flowkit.call.model import Session

__all__ = ["Failure", "find_failure", "last_error"]

MOST_LOG = 16 * 1024 * 1024
LOG_END = 64 * 1024
LOG_FILES = frozenset({"ERROR.log", "std.log", "stderr", "stdout"})
TRACEBACK = "Traceback (most recent call last):"
RAISED = re.compile(r"(?:[A-Za-z_]\w*\.)*(?P<kind>[A-Z]\w*): (?P<text>\S.*)")
ERRORS = ("Error", "Exception", "Exit", "Interrupt")
LOGGED = re.compile(r"\[ERROR\].*?\[line:\d+\]: (?P<text>\S.*)")
UNREADABLE = (FlowError, tarfile.TarError, OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of a failure.

    Attributes:
        component: the component that failed first; None when none did.
        party: ``"role/party_id"`` on which it failed.
        reason: what its log says; empty when that could not be had.
    """

    component: str | None = None
    party: str | None = None
    reason: str = ""


def find_failure(client: Session, job_id: str) -> Failure:
    """Return what can be found out about the failure of a job; nothing is raised."""
    tasks: Any = None
    with suppress(FlowError):
        tasks = fetch_rows(client, "task.query", {"job_id": job_id})
    rows = [row for row in tasks or [] if row.get("f_party_status") == "failed"]
    rows = rows or [row for row in tasks or [] if row.get("f_status") == "failed"]
    if not rows:
        return Failure()
    rows.sort(key=lambda row: row.get("f_end_time") or float("inf"))
    component = str(rows[0].get("f_component_name"))
    reports = {
        f"{row.get('f_role')}/{row.get('f_party_id')}": str(row.get("f_error_report") or "")
        for row in rows
        if row.get("f_component_name") == component
    }
    if not any(reports.values()):
        with suppress(*UNREADABLE):
            for party, log in _logs(client, job_id, component):
                if party in reports and last_error(log):
                    reports[party] = log
                    break
    # The party that failed says why; those that were stopped because of it say nothing.
    party = next((name for name, report in reports.items() if report), next(iter(reports)))
    return Failure(component, party, last_error(reports[party]))


def last_error(report: str) -> str:
    """Return the sentence of the last error in a log or a traceback; empty when there is none."""
    raised = logged = ""
    in_traceback = False
    for line in report.splitlines():
        if line == TRACEBACK or line[:1].isspace():
            in_traceback = in_traceback or line == TRACEBACK
            continue
        if match := LOGGED.match(line):
            logged = match["text"]
        elif raising := _error_in(line.rstrip(), in_traceback):
            raised = raising
        in_traceback = False
    return raised or logged


def _error_in(line: str, in_traceback: bool) -> str:
    """Return what a line of a log raises; empty when it raises nothing."""
    match = RAISED.fullmatch(line)
    if match is None or not (in_traceback or match["kind"].endswith(ERRORS)):
        return ""
    return match["text"] if match["kind"] == "Exception" else line


def _logs(client: Session, job_id: str, component: str) -> Iterator[tuple[str, str]]:
    """Yield party and end of each log of a component, while the archive of the logs comes in."""
    body = {"job_id": job_id}
    sent = json.dumps(body).encode()
    request = client.request("job.log", body=sent, headers=JSON, download=True)
    _, response = client.open("job.log", body, request)
    try:
        source = _Incoming(response.stream())
        with tarfile.open(fileobj=source, mode="r|*") as tar:
            for member in tar:
                *folders, name = member.name.split("/")
                if name not in LOG_FILES or folders[2:] != [component] or not member.isreg():
                    continue
                content = tar.extractfile(member)
                if content is not None and member.size <= MOST_LOG:
                    text = content.read()[-LOG_END:].decode("utf-8", "replace")
                    yield "/".join(folders[:2]), text
    finally:
        response.close()


class _Incoming(io.RawIOBase):
    """The pieces of a body as a stream that ends after `MOST_LOG` bytes: logs can be huge."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = b""
        self._left = MOST_LOG

    def readable(self) -> bool:
        """Return True: reading is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what comes next; 0 at the end."""
        if not self._rest and self._left > 0:
            self._rest = next(self._pieces, b"")
            self._left -= len(self._rest)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
