"""The board's own endpoints, in JSON and read only: what its pages show, for scripts that would rather not read HTML.

* ``GET /board/api/jobs``: a page of jobs; ``text``, ``status``, ``role``, ``party_id`` and ``page`` as on the page.
* ``GET /board/api/job``: a job (``job_id``), its graph, its tasks by component and party, why it failed.
* ``GET /board/api/component``: what a party (``role``, ``party_id``) of a job (``job_id``) knows of a ``component``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from flask import Response

from flowkit import FlowError
from flowkit_mockserver.board.blueprint import argument, board, page_number, viewed_party
from flowkit_mockserver.board.component import read_component
from flowkit_mockserver.board.pages import filters_of_query, find_job
from flowkit_mockserver.board.reading import list_jobs, read_failure, read_tasks
from flowkit_mockserver.board.source import current_client

__all__ = ["api_component", "api_job", "api_jobs", "plain"]


@board.get("/api/jobs")
def api_jobs() -> Response:
    """A page of the list of jobs."""
    return _answer(lambda: list_jobs(current_client(), filters_of_query(), page_number()))


@board.get("/api/job")
def api_job() -> Response:
    """One job."""
    client, job = current_client(), find_job()
    return _answer(
        lambda: {
            "job": job,
            "graph": job.dag,
            "tasks": read_tasks(client, job),
            "failure": read_failure(client, job),
        }
    )


@board.get("/api/component")
def api_component() -> Response:
    """One component of a job on one of its parties."""
    client, job = current_client(), find_job()
    party = viewed_party(job)
    return _answer(lambda: read_component(client, job, party, argument("component")))


def _answer(read: Any) -> Response:
    try:
        value, status = plain(read()), 200
    except FlowError as error:
        value, status = {"problem": str(error)}, 502
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(text + "\n", status, mimetype="application/json")


def plain(value: Any) -> Any:
    """Return a value as JSON has it: dates in ISO 8601, what is not finite as text, keys as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:  # infinite, or no number
        return str(value)
    return value
