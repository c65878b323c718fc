"""job/…: jobs and their tasks."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from flask import Blueprint, Response

from flowkit_mockserver.errors import HttpRefusal, Refusal, require_fields
from flowkit_mockserver.http.envelope import (
    JSON,
    Answer,
    file_response,
    request_json,
    success,
)
from flowkit_mockserver.jobs.creation import board_url, day_of
from flowkit_mockserver.jobs.data_views import output_records
from flowkit_mockserver.jobs.logs import log_files, pack_logs
from flowkit_mockserver.jobs.rows import JobRow, render
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.party import Party
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state, unlocked

__all__ = ["blueprint", "rows_body"]

blueprint = Blueprint("job", __name__, url_prefix="/job")

GENERATION_FAILED = (
    "DSL generating failed. For more details, please check logs/fate_flow/fate_flow_stat.log."
)
STOPPED = "stop job on this party True;\nstop job on all party success"
TAR = "application/x-tar"


def _fields(config: Any, function: str) -> dict[str, Any]:
    """Return the body as the keyword arguments of a function; a body of another kind is refused in Python's words."""
    if isinstance(config, dict):
        return config
    kind = type(config).__name__
    raise Refusal(f"{function}() argument after ** must be a mapping, not {kind}")


def _get(config: Any, name: str, default: Any = None) -> Any:
    """Return a field of the body; one that is no object has no ``get``, and says so."""
    return config.get(name, default)


def _job_rows(state: ServerState, rows: Iterable[JobRow]) -> Response:
    """Return the envelope with job rows, of which those that have ended are kept as text."""
    return _rows(b",".join([state.jobs.queries.job_text(row) for row in rows]))


def _rows(texts: bytes) -> Response:
    return Answer(rows_body(texts), content_type=JSON)


def rows_body(texts: bytes) -> bytes:
    """Return the envelope with rows that are JSON text already."""
    return b'{"data":[' + texts + b'],"retcode":0,"retmsg":"success"}\n'


@blueprint.post("/submit")
def submit() -> Response:
    """Queue a job (POST job/submit)."""
    config = request_json()
    conf = _get(config, "job_runtime_conf", {})
    job_id, data = current_state().jobs.submit(_get(config, "job_dsl", {}), conf)
    return success(data, job_id=job_id)


@blueprint.post("/stop")
def stop() -> Response:
    """Stop a job (POST job/stop)."""
    config = request_json()
    state = current_state()
    job_id = _get(config, "job_id")
    rows = state.jobs.queries.find_jobs({"job_id": job_id})
    found = rows[0].job.job_id if rows else str(job_id or "")
    state.jobs.stop(found, _get(config, "stop_status", "canceled"))
    return success(retmsg=STOPPED)


@blueprint.post("/rerun")
def rerun() -> Response:
    """Run again what failed or was stopped (POST job/rerun)."""
    config = request_json()
    state = current_state()
    rows = state.jobs.queries.find_jobs({"job_id": _get(config, "job_id")})
    if not rows:
        raise Refusal("can not found job", 102)
    state.jobs.rerun(rows[0].job.job_id, _get(config, "component_name"))
    return success(retmsg="rerun job success")


@blueprint.post("/query")
def query() -> Response:
    """Return the job rows that match the filters (POST job/query)."""
    filters = _fields(request_json(), "query_job")
    texts = current_state().jobs.queries.rows_text(filters)
    return _rows(texts) if texts else success([], retmsg="no job could be found")


@blueprint.post("/list/job")
def list_jobs() -> Response:
    """Return the newest job rows (POST job/list/job)."""
    limit = _get(request_json(), "limit")
    state = current_state()
    rows = state.jobs.queries.newest_jobs(_limit(limit))
    if not rows:
        raise Refusal("No job found", 101)
    return _job_rows(state, rows)


@blueprint.post("/update")
def update() -> Response:
    """Set the description of a job row (POST job/update)."""
    config = request_json()
    filters = {name: config[name] for name in ("job_id", "party_id", "role")}
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs(filters)
    if not rows:
        raise Refusal("find job failed", 101)
    if None in filters.values():
        # Later lines find a row without it, and then look for the row to write by it.
        raise Exception("can not found the Job")
    party = Party.of(config["role"], config["party_id"])
    jobs.describe(rows[0].job.job_id, party, config.get("notes", ""))
    return success()


@blueprint.post("/config")
def config() -> Response:
    """Return the DSL and the confs of a job (POST job/config)."""
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs(_fields(request_json(), "query_job"))
    if not rows:
        raise Refusal("find job failed", 101)
    plan = rows[0].plan()
    return success(
        {
            "job_id": rows[0].job.job_id,
            "dsl": plan.dsl,
            "runtime_conf": plan.runtime_conf,
            "train_runtime_conf": plan.train_runtime_conf,
            "model_info": {"model_id": plan.model_id, "model_version": plan.model_version},
        }
    )


@blueprint.get("/log")
@unlocked
def log() -> Response:
    """Return the log files of a job, or of all jobs when none is named (GET job/log)."""
    job_id = _get(request_json(), "job_id", "")
    state = current_state()
    state.settle()
    with state.lock:
        try:
            found = list(state.jobs.store) if job_id == "" else [str(job_id)]
            if job_id != "" and _logs(state, found[0]) is None:
                where = f"{state.settings.root}/logs/{job_id}"
                text = f"Log file path: {where} not found. Please check if the job id is valid."
                raise HttpRefusal(210, text)
        finally:
            state.commit()
    # The logs of one job are small; those of all are not.
    archive: IO[bytes] = io.BytesIO()
    if job_id == "":
        archive = tempfile.TemporaryFile(dir=state.store.spool)  # noqa: SIM115 - the response closes it
    pack_logs(_all_logs(state, found, named=job_id != ""), archive)
    return file_response(archive, f"job_{job_id}_log.tar.gz", TAR)


def _all_logs(state: ServerState, found: list[str], *, named: bool) -> Iterator[tuple[str, str]]:
    """Yield path and content of the logs of some jobs; the lock is free between one job and the next."""
    for job_id in found:
        with state.lock:
            logged = _logs(state, job_id) or []
        prefix = "" if named else f"{job_id}/"
        yield from ((prefix + path, text) for path, text in logged)


def _logs(state: ServerState, job_id: str) -> list[tuple[str, str]] | None:
    """Return path and content of the logs of a job; None when there are none."""
    jobs = state.jobs
    job, plan = jobs.store.get(job_id), jobs.store.plan(job_id)
    if job is not None and plan is not None:
        return list(log_files(job, plan, jobs.tracker, job.moment(jobs.now()), jobs.site))
    return list(jobs.unknown.log_files(job_id)) if job_id in jobs.unknown else None


@blueprint.post("/task/query")
def query_tasks() -> Response:
    """Return the task rows that match the filters (POST job/task/query)."""
    rows = current_state().jobs.queries.task_rows(_fields(request_json(), "query_task"))
    if not rows:
        raise Refusal("find task failed", 101)
    return success(rows)


@blueprint.post("/list/task")
def list_tasks() -> Response:
    """Return the newest task rows (POST job/list/task)."""
    limit = _get(request_json(), "limit")
    queries = current_state().jobs.queries
    rows = queries.newest_tasks(_limit(limit))
    if not rows:
        raise Refusal("No task found")
    return success([render(queries.task_columns, row) for row in rows])


@blueprint.post("/data/view/query")
def data_view() -> Response:
    """Return the records of output tables that match the filters (POST job/data/view/query)."""
    filters = _fields(request_json(), "query_output_data_infos")
    records = _output_records(current_state().jobs, filters)
    if not records:
        raise Refusal("find data view failed", 101)
    return success(records)


def _output_records(jobs: Jobs, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of output tables of the job that a filter names; none without such a filter."""
    job_id = filters.get("job_id")
    job = jobs.store.get(job_id) if isinstance(job_id, str) else None
    if job is not None:
        return output_records(
            job, jobs.tracker, filters, job.moment(jobs.now()), current_state().dialect
        )
    if not jobs.tracker.day_known(day := day_of(str(job_id))):
        text = f"SQLError: no such table: t_tracking_output_data_info_{day}"
        jobs.unknown.note(job_id, "ERROR", text, jobs.now())
    return []


@blueprint.post("/clean")
def clean() -> Response:
    """Delete output tables and metrics of the tasks that match the filters (POST job/clean)."""
    current_state().jobs.clean(_fields(request_json(), "start_clean_job"))
    return success()


@blueprint.post("/clean/queue")
def clean_queue() -> Response:
    """Cancel all waiting jobs (POST job/clean/queue); a body is not looked at."""
    return success(current_state().jobs.clean_queue())


@blueprint.post("/dsl/generate")
def generate() -> Response:
    """Return the predict DSL of a training DSL (POST job/dsl/generate)."""
    from flowkit_mockserver.dsl.predict_dsl import generate_dsl

    config = request_json()
    given = _get(config, "cpn_str", "")
    try:
        dsl = generate_dsl(
            given,
            config.get("train_dsl"),
            config.get("version", "2"),
            any_version=current_state().dialect.own_project,
        )
    except Refusal as refusal:
        raise HttpRefusal(210, GENERATION_FAILED) from refusal
    filename = config.get("filename")
    if filename:
        return file_response(json.dumps(dsl, indent=4).encode(), str(filename), JSON)
    return success(dsl)


@blueprint.post("/url/get")
def get_url() -> Response:
    """Return where the board shows a job (POST job/url/get)."""
    config = request_json()
    names = ("job_id", "role", "party_id")
    require_fields(config, names)
    state = current_state()
    rows = state.jobs.queries.find_jobs({name: config.get(name) for name in names})
    if not rows:
        raise Refusal("no found job", 101)
    urls = [board_url(state.settings, row.job.job_id, row.party) for row in rows]
    return success({"board_url": urls})


def _limit(limit: Any) -> int:
    """Return a limit that can be compared with a number; what cannot is refused in Python's words."""
    if isinstance(limit, int | float):
        return int(limit)
    kind = type(limit).__name__
    raise Refusal(f"'>' not supported between instances of '{kind}' and 'int'")
