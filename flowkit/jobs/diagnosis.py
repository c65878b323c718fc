"""Finding out why a job failed: the task that did, and the sentence in its log.

All of it is done as far as it goes: what cannot be had is left out, and the job has failed
nevertheless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from flowkit.call.limits import CHUNK
from flowkit.call.operation import JSON
from flowkit.call.secrets import mask_text
from flowkit.errors import ArchiveError, FlowError
from flowkit.files.decompression import GZIP_MAGIC, ByteReader, expand, file_pieces
from flowkit.files.tar_reader import read_tar
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
MOST_HEADERS = 50_000
LONGEST_REASON, LONGEST_NAME = 4000, 200  # characters
#: Seconds that the search takes at most, at least, and that its last call may take at least.
LONGEST_SEARCH, LEAST_SEARCH, LEAST = 30.0, 0.3, 0.05


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


def find_failure(client: Session, job_id: str, *, seconds: float | None = None) -> Failure:
    """Return what can be found out about the failure of a job; nothing is raised.

    Args:
        client: the client that asks.
        job_id: the job.
        seconds: how long the search may take, `LONGEST_SEARCH` at most.
    """
    clock = client.clock
    ends = clock.monotonic() + max(min(LONGEST_SEARCH, seconds or LONGEST_SEARCH), LEAST_SEARCH)

    def within() -> Session:
        left = max(ends - clock.monotonic(), LEAST)
        own = client.options.get("deadline")
        return client.with_options(deadline=left if own is None else min(left, own))

    try:
        return _search(within, job_id)
    except Exception:  # whatever the search cannot read, the job has failed, and that is told
        return Failure()


def _search(within: Callable[[], Session], job_id: str) -> Failure:
    tasks: list[dict[str, Any]] = []
    with suppress(FlowError):
        tasks = fetch_rows(within(), "task.query", {"job_id": job_id})
    rows = [row for row in tasks if row.get("f_party_status") == "failed"]
    rows = rows or [row for row in tasks if row.get("f_status") == "failed"]
    if not rows:
        return Failure()
    rows.sort(key=_end_time)
    component = _name(rows[0].get("f_component_name"))
    reports = {
        f"{_name(row.get('f_role'))}/{_name(row.get('f_party_id'))}": _report(row)
        for row in rows
        if _name(row.get("f_component_name")) == component
    }
    if not any(reports.values()):
        with suppress(FlowError):
            for party, log in _logs(within(), job_id, component):
                if party in reports and last_error(log):
                    reports[party] = log
                    break
    # The party that failed says why; those that were stopped because of it say nothing.
    party = next((name for name, report in reports.items() if report), next(iter(reports)))
    return Failure(component, party, mask_text(last_error(reports[party])[:LONGEST_REASON]))


def _end_time(row: Mapping[str, Any]) -> float:
    """Return when a task ended; one that does not say comes last."""
    ended = row.get("f_end_time")
    return ended if ended and isinstance(ended, int | float) else float("inf")


def _name(value: object) -> str:
    """Return a name in a row, whatever stands there."""
    return str(value)[:LONGEST_NAME]


def _report(row: Mapping[str, Any]) -> str:
    report = row.get("f_error_report")
    return report[-LOG_END:] if isinstance(report, str) else ""


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
        source = ByteReader(response.stream(), MOST_LOG)
        if source.peek().startswith(GZIP_MAGIC):
            source = ByteReader(expand(file_pieces(source.read)), MOST_LOG)
        headers = count(1)
        for member in read_tar(source, lambda: _limit(next(headers))):
            *folders, name = member.name.split("/")
            if name not in LOG_FILES or folders[2:] != [component] or member.kind != "file":
                continue
            end = b""
            while piece := member.read(CHUNK):
                end = (end + piece)[-LOG_END:]
            yield "/".join(folders[:2]), end.decode("utf-8", "replace")
    finally:
        response.close()


def _limit(headers: int) -> None:
    """Refuse an archive of more headers than the logs of a job have."""
    if headers > MOST_HEADERS:
        raise ArchiveError(f"the archive has more than {MOST_HEADERS} members")
