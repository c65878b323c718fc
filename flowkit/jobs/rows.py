"""The server's rows of jobs and tasks: fetching them, and which one decides about a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flowkit.call.operation import JSON
from flowkit.decoding import require
from flowkit.errors import ServerError

if TYPE_CHECKING:
    from flowkit.call.model import Session

__all__ = ["ENDED", "fetch_rows", "has_ended", "initiator_row"]

#: The statuses that a job does not leave again by itself.
ENDED = frozenset({"success", "failed", "canceled", "timeout"})


def fetch_rows(client: Session, name: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Make a call and return the rows in its reply; errors are raised whatever ``on_error`` says.

    Raises:
        ServerError: what came are no rows.
        FlowError: see `flowkit.errors`.
    """
    request = client.request(name, body=json.dumps(body).encode(), headers=JSON)
    reply = client.send(name, body, request)
    if reply.data is None:
        return []
    rows: list[Any] = require(reply, list, name)
    if not all(isinstance(row, dict) for row in rows):
        raise ServerError(f"{name}: the server's data is not a list of objects", status=200)
    return rows


def has_ended(row: dict[str, Any]) -> bool:
    """Return whether a job's row says that it has ended, and that it is not about to be rerun.

    A server answers ``job/rerun`` before anything happens: for seconds the row keeps its old status,
    with a signal beside it.
    """
    status = row.get("f_status")
    return isinstance(status, str) and status in ENDED and row.get("f_rerun_signal") is not True


def initiator_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row that decides about a job: the initiator's, else the first."""
    for row in rows:
        if row.get("f_is_initiator") is True:
            return row
    for row in rows:
        party = (row.get("f_role"), str(row.get("f_party_id")))
        if party == (row.get("f_initiator_role"), str(row.get("f_initiator_party_id"))):
            return row
    return rows[0]
