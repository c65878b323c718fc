"""Playing a cassette against a server: every recorded request is sent, every answer compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flowkit import FlowClient, OperationError, Request
from flowkit.errors import FlowError
from flowkit_replay.drift import Drift, compare
from flowkit_replay.identifiers import Identifiers
from flowkit_replay.interactions import FAILURE, Interaction

__all__ = ["play"]

ENDED = frozenset({"success", "failed", "canceled", "timeout"})


def play(
    interactions: Iterable[Interaction],
    client: FlowClient,
    *,
    identifiers: Identifiers | None = None,
    patience: float = 60.0,
) -> Iterator[tuple[Interaction, list[Drift]]]:
    """Send recorded requests to a client's server, in order, and yield how each answer differs.

    Identifiers that the server makes up are learned from its answers and put into later requests.
    Where the recording shows a job ended, it is waited for on the live server as well, so that the
    state on which later requests build is the same.

    Args:
        interactions: what was recorded.
        client: a client of the server to hold against it.
        identifiers: pairings learned so far; more are added.
        patience: seconds a job may take.
    """
    known = identifiers if identifiers is not None else Identifiers()
    for one in interactions:
        if one.header(FAILURE):
            continue
        waited = _ended_job(one)
        if waited is not None:
            _wait(client, known.live(waited), patience)
        yield one, compare(one, _sent(one, client, known), known)


def _sent(one: Interaction, client: FlowClient, known: Identifiers) -> Interaction:
    """Send one recorded request, with live identifiers, and return what came back."""
    operation = _operation(client, one)
    body = one.request_body
    if known:
        try:
            body = known.live(body.decode()).encode()
        except UnicodeDecodeError:
            body = known.live(body.decode("latin-1")).encode("latin-1")
    request = Request(
        one.method,
        client.address.origin,
        client.address.base + one.path,
        known.live(one.query),
        dict(one.request_headers),
        body or None,
    )
    _, response = client.open(operation, {}, request)
    answer = response.read()
    live = Interaction.of(request, body, response, answer)
    return replace(live, uri=one.uri)


def _operation(client: FlowClient, one: Interaction) -> str:
    """Return the name of the operation that a recorded request is a use of."""
    tail = one.path.partition(f"/{client.version}/")[2]
    for operation in client.operations:
        if operation.path == tail and operation.method == one.method:
            return operation.name
    # What is not in the table is sent all the same; it needs some operation to travel under.
    return "remote_version.get"


def _ended_job(one: Interaction) -> str | None:
    """Return the job that an interaction shows to have ended; None when it shows none."""
    if not one.path.endswith("/job/query"):
        return None
    try:
        rows = json.loads(one.decoded()).get("data") or []
    except (ValueError, AttributeError):
        return None
    ended = bool(rows) and all(row.get("f_status") in ENDED for row in rows)
    return str(rows[0].get("f_job_id")) if ended else None


def _wait(client: FlowClient, job_id: str, patience: float) -> None:
    """Wait until a job has ended; one that the server does not know is not waited for."""
    ends = client.clock.monotonic() + patience
    while client.clock.monotonic() < ends:
        try:
            rows: Any = client.job.query(job_id=job_id).data
        except OperationError:
            return
        except FlowError:
            rows = []
        if not rows or all(row.get("f_status") in ENDED for row in rows):
            return
        client.clock.sleep(0.05)
