"""Verification: a cassette against a server: every recorded request is sent, every answer compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flowkit import FlowClient, OperationError, Request
from flowkit.jobs.rows import ENDED
from flowkit.testing.cassettes import cases, cassette
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.drift import Drift, compare
from flowkit_replay.matching.identifiers import Identifiers
from flowkit_replay.secrets.rules import SCRUBBED

__all__ = ["EXPECTED", "is_expected", "load_bundled", "play"]

POLL = 0.05
# Where the bundled recordings rest on what had happened on that server before, and the tier in which
# it shows: another tag was there, and the id of no job had got logs of the server's own trouble.
EXPECTED = {"tag.list: all": "shape", "job.log: unknown": "outcome"}


def load_bundled() -> list[tuple[str, Interaction]]:
    """Return every interaction of the bundled operation cassettes, in the order it was recorded.

    Each comes with the name of its case, such as ``"job.stop: finished"``.
    """
    held: dict[str, Iterator[Interaction]] = {}
    found = []
    for case in cases():
        name = case["operation"]
        if name not in held:
            held[name] = iter(files.read(cassette(name)))
        for _ in range(case["interactions"]):
            found.append((f"{name}: {case['case']}", next(held[name])))
    return found


def is_expected(case: str, drift: Drift) -> bool:
    """True for a difference that a bundled case shows on every server but the recorded one."""
    return EXPECTED.get(case) == drift.tier


def play(
    interactions: Iterable[Interaction],
    client: FlowClient,
    *,
    identifiers: Identifiers | None = None,
    patience: float = 60.0,
) -> Iterator[tuple[Interaction, list[Drift]]]:
    """Send recorded requests to a client's server, in order, and yield how each answer differs.

    Identifiers that the server makes up are learned from its answers and put into later requests.
    Before each request the server's jobs are waited for, until they stand where the recorded ones
    stood. An answer that caught a job on its way is held to its message only: no two runs are
    caught at the same point.

    Args:
        interactions: what was recorded.
        client: a client of the server to hold against it.
        identifiers: pairings learned so far; more are added.
        patience: seconds a job may take, on the client's clock.
    """
    known = identifiers if identifiers is not None else Identifiers()
    script = [one for one in interactions if not one.failed]
    stages = Stages(script)
    for place, one in enumerate(script):
        for job_id, stage in stages.before(place).items():
            _wait_for_job(client, known.to_live(job_id), stage, patience)
        drifts = compare(one, _send(one, client, known), known)
        if _shows_unfinished(one):
            drifts = [_soften(drift) for drift in drifts]
        yield one, drifts


class Stages:
    """Where each job stood when a request was recorded, as far as the recording tells.

    Args:
        script: the whole recording.
    """

    def __init__(self, script: Sequence[Interaction]) -> None:
        self._started = [_find_started_job(one) for one in script]
        self._polls: list[tuple[int, str, str]] = []
        for place, one in enumerate(script):
            job_id = _parse_json(one.request_body).get("job_id")
            if isinstance(job_id, str) and one.path.endswith("/job/stop"):
                self._polls.append((place, job_id, "stop"))
            elif isinstance(job_id, str) and one.path.endswith("/job/query"):
                statuses = {row["f_status"] for row in _read_rows(one)}
                if statuses:
                    self._polls.append((place, job_id, _read_stage(statuses)))

    def before(self, place: int) -> dict[str, str]:
        """Return the stage that each job must have reached before the request at `place`."""
        stages = {}
        for job_id in filter(None, self._started[:place]):
            later = [stage for at, job, stage in self._polls if job == job_id and at >= place]
            here = [stage for at, job, stage in self._polls if job == job_id and at == place]
            if here == ["stop"]:
                stages[job_id] = "running" if later[1:] == ["canceled"] else "ended"
            elif here:
                stages[job_id] = here[0]
            elif "waiting" not in later and "running" not in later and "stop" not in later:
                stages[job_id] = "ended"
        return stages


def _read_stage(statuses: set[str]) -> str:
    if statuses == {"canceled"}:
        return "canceled"
    if statuses <= ENDED:
        return "ended"
    return "running" if "running" in statuses else "waiting"


def _find_started_job(one: Interaction) -> str | None:
    """Return the job that a request started, if it started one."""
    answer = _parse_json(one.decode())
    if one.path.endswith(("/job/submit", "/data/upload", "/data/download")):
        return answer.get("jobId") if answer.get("retcode") == 0 else None
    return None


def _read_rows(one: Interaction) -> list[dict[str, Any]]:
    rows = _parse_json(one.decode()).get("data")
    return [row for row in rows if "f_status" in row] if isinstance(rows, list) else []


def _shows_unfinished(one: Interaction) -> bool:
    """True when an answer shows a job or task that had not ended."""
    return any(
        row["f_status"] not in ENDED or row.get("f_party_status", "success") not in ENDED
        for row in _read_rows(one)
    )


def _soften(drift: Drift) -> Drift:
    return drift if drift.tier == "message" else replace(drift, tier="volatile")


def _parse_json(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _send(one: Interaction, client: FlowClient, known: Identifiers) -> Interaction:
    """Send one recorded request, with live identifiers, and return what came back."""
    request = Request(
        one.method,
        client.address.origin,
        client.address.base + one.path,
        known.to_live(one.query),
        {name: value for name, value in one.request_headers.items() if SCRUBBED not in value},
        known.to_live(one.read_request().decode("latin-1")).encode("latin-1") or None,
    )
    _, response = client.open(_find_operation(client, one), {}, request)
    return replace(Interaction.from_exchange(request, b"", response, response.read()), uri=one.uri)


def _find_operation(client: FlowClient, one: Interaction) -> str:
    """Return the operation that a recorded request is a use of; the nearest, where none is."""
    tail = one.path.partition(f"/{client.version}/")[2]
    family = tail.rpartition("/")[0]
    by_path = {operation.path: operation.name for operation in client.operations}
    by_family = {path.rpartition("/")[0]: name for path, name in by_path.items()}
    return by_path.get(tail) or by_family.get(family) or "job.query"


def _wait_for_job(client: FlowClient, job_id: str, stage: str, patience: float) -> None:
    """Wait until a job has got to a stage, or past it."""
    if stage in ("waiting", "canceled"):
        return
    ends = client.clock.monotonic() + patience
    while client.clock.monotonic() < ends:
        try:
            rows = client.job.query(job_id=job_id).data
        except OperationError:
            return
        statuses = {row["f_status"] for row in rows}
        if statuses <= ENDED or (stage == "running" and "running" in statuses):
            return
        client.clock.sleep(POLL)
