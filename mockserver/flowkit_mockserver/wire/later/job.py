"""job/…: jobs and their tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from flask import Blueprint, Response

from flowkit_mockserver.dialects.exceptions import show_exception
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.dsl.run_parameters import complete_baseline, known_parameters, on_party
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.jobs.logs import log_files, pack_logs
from flowkit_mockserver.jobs.reruns import ALL_COMPONENTS
from flowkit_mockserver.jobs.rows import JobRow, Row, TaskRow, render
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint", "job_log_files", "log_directory"]

blueprint = Blueprint("later_job", __name__, url_prefix="/job")

STOPPED = "stop job on this party success; stop job on all party success"
TAR = "application/x-tar"
_NOT_FOUND = "find task failed"
_ROLES = frozenset(("guest", "host", "arbiter", "local"))
_STATUSES = frozenset(("success", "running", "waiting", "failed", "canceled"))
_ORDERS = ("job_id", "task_version", "create_time", "start_time", "end_time", "elapsed")
_R = TypeVar("_R", JobRow, TaskRow)
_NAMED = ("ValueError", "not enough values to unpack (expected 2, got 1)")


def _mapping(config: Any, function: str) -> dict[str, Any]:
    """Return the body as the keyword arguments of a function; a body of another kind is refused in Python's words."""
    if isinstance(config, dict):
        return config
    kind = type(config).__name__
    raise Refusal(f"{function} argument after ** must be a mapping, not {kind}")


@blueprint.post("/submit")
def submit() -> Response:
    """Queue a job (POST job/submit)."""
    config = _mapping(request_json(), "type object")
    conf = config.get("runtime_conf", config.get("job_runtime_conf"))
    job_id, data = current_state().jobs.submit(config.get("dsl", config.get("job_dsl")), conf)
    return success(data, retmsg=data["message"], job_id=job_id)


@blueprint.post("/stop")
def stop() -> Response:
    """Stop a job (POST job/stop)."""
    config = request_json()
    jobs = current_state().jobs
    job_id = config.get("job_id")
    rows = jobs.queries.find_jobs({"job_id": job_id})
    if not rows:
        jobs.unknown.note(job_id, "INFO", "can not found job to stop", jobs.now())
        raise Refusal("can not found job", 102)
    jobs.stop(rows[0].job.job_id, config.get("stop_status", "canceled"))
    return success(retmsg=STOPPED)


@blueprint.post("/rerun")
def rerun() -> Response:
    """Run again what failed or was stopped, or by force what succeeded (POST job/rerun)."""
    config = request_json()
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs({"job_id": config.get("job_id")})
    if not rows:
        jobs.unknown.note(config.get("job_id"), "INFO", "can not found job to rerun", jobs.now())
        raise Refusal("can not found job", 102)
    job = rows[0].job
    asked = config.get("component_name")
    components = None if asked in (None, ALL_COMPONENTS) else asked
    if isinstance(components, str):
        components = [components]
    if components is not None and ALL_COMPONENTS in components:
        components = None
    known = {attempt.component for attempt in job.attempts}
    if components is not None and not known.issuperset(components):
        text = show_exception(TypeError("list indices must be integers or slices, not NoneType"))
        role, party = job.initiator
        raise Refusal(
            "rerun job failed:\n"
            f'{{"{role}": {{"{party}": {{"retcode": 100, "retmsg": "{text}"}}}}}}',
            103,
        )
    jobs.rerun_later(job.job_id, components, force=bool(config.get("force")))
    return success(retmsg="rerun job success")


@blueprint.post("/task/query")
def query_tasks() -> Response:
    """Return the task rows that match the filters; without any filter there are none (POST job/task/query)."""
    filters = _mapping(request_json(), "query_task()")
    queries = current_state().jobs.queries
    known = any(f"f_{name}" in queries.task_columns for name in filters)
    rows = queries.task_rows(filters) if known else []
    if not rows:
        raise Refusal(_NOT_FOUND, 101)
    return success(rows)


@blueprint.post("/report")
def report() -> Response:
    """Say of each component when it ran and how it ended (POST job/report)."""
    filters = _mapping(request_json(), "query_job()")
    queries = current_state().jobs.queries
    rows = queries.find_jobs(filters)
    known = any(f"f_{name}" in queries.task_columns for name in filters)
    tasks = queries.find_tasks(filters) if known else []
    if not rows or not tasks:
        raise Refusal(_NOT_FOUND, 101)
    levels = rows[0].plan().graph.levels
    return success(
        [
            _report_entry(render(queries.task_columns, task), index)
            for index, names in enumerate(levels)
            for task in tasks
            if task.attempt.component in names
        ]
    )


def _report_entry(row: Row, index: int) -> dict[str, Any]:
    return {
        "component_name": row["f_component_name"],
        "elapsed": row["f_elapsed"],
        "end_time": row["f_end_time"],
        "index": index,
        "start_time": row["f_start_time"],
        "status": row["f_status"],
    }


# Lists


@blueprint.post("/list/job")
def list_jobs() -> Response:
    """Return a page of job rows, newest first, and how many there are (POST job/list/job)."""
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
        column = queries.job_columns[f"f_{order[0]}"]
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
    rows = queries.find_tasks({**wanted, "only_latest": False})
    if order is not None:
        column = queries.task_columns[f"f_{order[0]}"]
        rows = _sorted(rows, [column(row) for row in rows], order[1])
    shown = rows[offset : offset + limit] if limit > 0 else rows
    return success(
        {
            "tasks": [_plain(render(queries.task_columns, row)) for row in shown],
            "count": len(rows),
        }
    )


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

    Raises:
        HttpRefusal: a filter makes no sense.
        KeyError: a partner is given; the real server asks for it in the wrong place.
    """
    party = config.get("party_id")
    number = None if party is None else str(_party_number(party))
    if config.get("partner") is not None:
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
        parts = (
            (config.get("job_id"), row.job.job_id),
            (config.get("description"), row.job.notes.get(row.party, "")),
            (number, row.party.party_id),
        )
        return (
            all(part is None or str(part) in text for part, text in parts)
            and ("role" not in chosen or row.party.role in chosen["role"])
            and ("status" not in chosen or row.status in chosen["status"])
        )

    return meets


def _order(config: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the column to sort by and whether downwards; None for the order of creation."""
    name = config.get("order_by")
    if name is None:
        return None
    if name not in _ORDERS:
        raise _invalid("order_by")
    direction = config.get("order")
    if direction is None:
        raise Refusal(f"{_NAMED[0]}({_NAMED[1]!r})")
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
    partners = {party for role in ("guest", "host", "arbiter") for party in entry["roles"].get(role, ())}
    entry["partners"] = sorted(partners - {entry["party_id"]})
    return entry


# Logs


def log_directory(state: ServerState, job_id: str) -> str:
    """Return where the real server keeps the logs of a job."""
    return f"{state.settings.root}{state.dialect.folder}/logs/{job_id}"


def job_log_files(state: ServerState, job_id: str) -> list[tuple[str, str]] | None:
    """Return path and content of the log files of a job, None when there are none."""
    jobs = state.jobs
    job, plan = jobs.store.get(job_id), jobs.store.plan(job_id)
    if job is not None and plan is not None:
        return list(log_files(job, plan, jobs.tracker, job.moment(jobs.now())))
    if job_id in jobs.unknown:
        return list(jobs.unknown.log_files(job_id))
    return None


def _log_files(state: ServerState, job_id: str) -> list[tuple[str, str]]:
    files = job_log_files(state, job_id)
    if files is None:
        where = log_directory(state, job_id)
        text = f"Log file path: '{where}' not found. Please check if the job id is valid."
        raise HttpRefusal(404, text)
    return files


@blueprint.post("/log/download")
def download_log() -> Response:
    """Return the log files of a job (POST job/log/download)."""
    job_id = str(request_json()["job_id"])
    files = _log_files(current_state(), job_id)
    return file_response(pack_logs(iter(files)), f"job_{job_id}_log.tar.gz", TAR)


@blueprint.post("/log/path")
def log_path() -> Response:
    """Tell where the log files of a job are (POST job/log/path)."""
    state = current_state()
    job_id = str(request_json()["job_id"])
    _log_files(state, job_id)
    return success({"logs_directory": log_directory(state, job_id)})


# Parameters


@blueprint.post("/parameter/update")
def update_parameters() -> Response:
    """Change the conf of a job for its next rerun (POST job/parameter/update)."""
    config = request_json()
    components = config.pop("component_parameters", None)
    parameters = config.pop("job_parameters", None)
    config["is_initiator"] = True
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs(config)
    if not rows:
        raise Refusal(f"failed to query job by {config}", 102)
    plan = _updated(rows[0].plan(), components, parameters)
    jobs.update_conf(plan.job_id, plan)
    conf = plan.runtime_conf
    return success(
        {
            "component_parameters": conf["component_parameters"],
            "components": [],
            "job_parameters": conf["job_parameters"],
        }
    )


def _updated(plan: Plan, components: Any, parameters: Any) -> Plan:
    """Return a plan with other parameters: those of components are laid over, those of the job replaced."""
    conf = copy_tree(plan.runtime_conf)
    common = plan.common_parameters
    own = plan.job_parameters
    if components:
        _lay_over(components, conf.setdefault("component_parameters", {}))
    if parameters and parameters.get("common"):
        fresh = known_parameters(parameters["common"], later=True)
        fresh |= {name: common[name] for name in ("model_id", "model_version")}
        common = complete_baseline(fresh, job_id=plan.job_id, later=True)
        conf["job_parameters"]["common"] = common
        own = {
            role: {party: on_party(common, role, later=True) for party in parties}
            for role, parties in plan.job_parameters.items()
        }
    return replace(plan, runtime_conf=conf, common_parameters=common, job_parameters=own)


def _lay_over(given: Any, present: Any) -> None:
    if not isinstance(given, dict) or not isinstance(present, dict):
        text = f"must both dict, but {type(given)} inputs and {type(present)} results"
        raise ValueError(text)
    for name, value in given.items():
        if isinstance(value, dict) and name in present:
            _lay_over(value, present[name])
        else:
            present[name] = value


@blueprint.post("/clean")
def clean() -> Response:
    """Delete output tables and metrics of the tasks that match the filters (POST job/clean)."""
    filters = _mapping(request_json(), "start_clean_job()")
    jobs = current_state().jobs
    if not any(f"f_{name}" in jobs.queries.task_columns for name in filters):
        raise Refusal("no found task")
    jobs.clean(filters)
    return success()
