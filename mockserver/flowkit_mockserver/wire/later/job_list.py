"""job/list/…: pages of jobs and of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response

from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.jobs.rows import JobRow, Row, TaskRow, render
from flowkit_mockserver.wire import job as first
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("later_job_list", __name__, url_prefix="/job")

_ROLES = frozenset(("guest", "host", "arbiter", "local"))
_STATUSES = frozenset(("success", "running", "waiting", "failed", "canceled"))
_ORDERS = ("job_id", "task_version", "create_time", "start_time", "end_time", "elapsed")
_R = TypeVar("_R", JobRow, TaskRow)


@blueprint.post("/list/job")
def list_jobs() -> Response:
    """Return a page of job rows, newest first, and how many there are (POST job/list/job)."""
    if not current_state().dialect.paged_lists:
        return first.list_jobs()
    config = request_json()
    limit, offset = _page(config)
    queries = current_state().jobs.queries
    meets = _job_filter(config)
    order = _order(config)
    rows = [row for row in queries.newest_jobs(0) if row.job.tag != "submit_failed" and meets(row)]
    if order is None:
        # Of one job the row that was made last comes first, as jobs do.
        ordered = rows
    else:
        column = queries.job_columns.get(f"f_{order[0]}")
        if column is None:
            raise AttributeError(f"type object 'Job' has no attribute 'f_{order[0]}'")
        ordered = _sorted(rows, [column(row) for row in rows], order[1])
    shown = ordered[offset : offset + limit] if limit > 0 else ordered
    return success(
        {
            "jobs": [_job_entry(render(queries.job_columns, row)) for row in shown],
            "count": len(rows),
        }
    )


@blueprint.post("/list/task")
def list_tasks() -> Response:
    """Return a page of task rows, oldest first, and how many there are (POST job/list/task)."""
    if not current_state().dialect.paged_lists:
        return first.list_tasks()
    config = request_json()
    limit, offset = _page(config)
    queries = current_state().jobs.queries
    wanted = {
        name: config[name]
        for name in ("job_id", "role", "party_id", "component_name")
        if config.get(name) is not None
    }
    if wanted.get("role") is not None and wanted["role"] not in _ROLES:
        raise _invalid("role")
    if wanted.get("party_id") is not None:
        wanted["party_id"] = _party_number(wanted["party_id"])
    order = _order(config)
    if [] in wanted.values():
        raise ValueError("not enough values to unpack (expected at least 1, got 0)")
    for name, value in wanted.items():
        _check_operator(name, value)
    rows = queries.find_tasks({**wanted, "only_latest": False})
    if order is not None:
        if order == ("create_time", True):
            # One row was made after the other.
            rows.reverse()
        column = queries.task_columns[f"f_{order[0]}"]
        rows = _sorted(rows, [column(row) for row in rows], order[1])
    shown = rows[offset : offset + limit] if limit > 0 else rows
    return success(
        {
            "tasks": [_plain(render(queries.task_columns, row)) for row in shown],
            "count": len(rows),
        }
    )


def _check_operator(name: str, value: Any) -> None:
    """Refuse a list, whose first element names how the real server compares, when it is no way to do so.

    Raises:
        AttributeError: it is none.
    """
    if isinstance(value, list) and isinstance(value[0], str) and not hasattr(str, value[0]):
        field = "TextField" if name == "component_name" else "CharField"
        raise AttributeError(f"'{field}' object has no attribute '{value[0]}'")


def _page(config: Any) -> tuple[int, int]:
    """Return how many rows are wanted (0 or less: all), and how many come before them."""
    try:
        limit = int(config.get("limit", 0))
        page = int(config.get("page", 1)) - 1
    except (AttributeError, TypeError, ValueError) as error:
        raise HttpRefusal(400, "Invalid parameter 'limit' or 'page'.") from error
    return limit, max(0, limit * page)


def _invalid(name: str) -> HttpRefusal:
    return HttpRefusal(400, f"Invalid parameter '{name}'.")


def _party_number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise _invalid("party_id") from error


def _job_filter(config: Mapping[str, Any]) -> Any:
    """Return whether a row meets the filters: parts of texts, a role or status among several.

    1.7 looks for whole job ids and parties, and knows no partners.

    Raises:
        HttpRefusal: a filter makes no sense.
        KeyError: a partner is given; the real server asks for it in the wrong place.
    """
    party = config.get("party_id")
    number = None if party is None else str(_party_number(party))
    partial = current_state().dialect.partial_filters
    if partial and config.get("partner") is not None:
        raise KeyError("partner")
    chosen: dict[str, set[Any]] = {}
    for name, known in (("role", _ROLES), ("status", _STATUSES)):
        value = config.get(name)
        if value is None:
            continue
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not set(values) <= known:
            raise _invalid(name)
        chosen[name] = set(values)

    def meets(row: JobRow) -> bool:
        parts = [(config.get("description"), row.job.notes.get(row.party, ""))]
        ids = [(config.get("job_id"), row.job.job_id), (number, row.party.party_id)]
        if partial:
            parts, ids = parts + ids, []
        return (
            all(part is None or str(part) in text for part, text in parts)
            and all(whole is None or str(whole) == text for whole, text in ids)
            and ("role" not in chosen or row.party.role in chosen["role"])
            and ("status" not in chosen or row.status in chosen["status"])
        )

    return meets


def _order(config: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the column to sort by and whether downwards; None for the order of creation."""
    name = config.get("order_by")
    if name is None:
        return None
    hash(name)
    if name not in _ORDERS or (name == "task_version" and not current_state().dialect.reworked):
        raise _invalid("order_by")
    direction = config.get("order")
    if direction is None:
        raise ValueError("not enough values to unpack (expected 2, got 1)")
    hash(direction)
    if direction not in ("asc", "desc"):
        raise HttpRefusal(400, "Invalid parameter order 'order'.")
    return name, direction == "desc"


def _sorted(rows: list[_R], values: list[Any], downwards: bool) -> list[_R]:
    order = sorted(
        range(len(rows)),
        key=lambda i: (values[i] is not None, values[i] if values[i] is not None else 0),
        reverse=downwards,
    )
    return [rows[i] for i in order]


def _plain(row: Row) -> Row:
    return {name.removeprefix("f_"): value for name, value in row.items()}


def _job_entry(row: Row) -> Row:
    entry = _plain(row)
    entry["party_id"] = int(entry["party_id"])
    partners = {
        party for role in ("guest", "host", "arbiter") for party in entry["roles"].get(role, ())
    }
    entry["partners"] = sorted(partners - {entry["party_id"]})
    return entry
