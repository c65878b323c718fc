"""job/…: jobs and their tasks."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.answers import text
from flowkit_mockserver.dialects.exceptions import show_exception
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.dsl.run_parameters import complete_baseline, known_parameters, on_party
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.jobs.logs import log_files, pack_logs
from flowkit_mockserver.jobs.reruns import ALL_COMPONENTS
from flowkit_mockserver.jobs.rows import JobRow, Row, render
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.column_values import check_log_name

__all__ = ["blueprint", "job_log_files", "log_directory"]

blueprint = Blueprint("later_job", __name__, url_prefix="/job")

TAR = "application/x-tar"
_NOT_FOUND = "find task failed"


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
        if current_state().dialect.reworked:
            check_log_name(job_id)
        jobs.unknown.note(job_id, "INFO", "can not found job to stop", jobs.now())
        raise Refusal("can not found job", 102)
    jobs.stop(rows[0].job.job_id, config.get("stop_status", "canceled"))
    if (answers := _unbelieved(rows[0])) is not None:
        raise Refusal("stop job on this party False", 103, data=answers)
    return success(retmsg=text(current_state().dialect, "stopped"))


def _unbelieved(row: JobRow) -> dict[str, Any] | None:
    """Return what the initiator answers by role and party when it does not believe the party of a row; None if it does.

    A site asks the initiator, which is itself, in the name of the party whose row comes first.
    """
    try:
        current_state().site_keys.check_own(row.party.party_id)
    except Refusal as refusal:
        role, party = row.job.initiator
        return {role: {str(party): {"retcode": refusal.retcode, "retmsg": refusal.retmsg}}}
    return None


@blueprint.post("/rerun")
def rerun() -> Response:
    """Run again what failed or was stopped, or by force what succeeded (POST job/rerun)."""
    config = request_json()
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs({"job_id": config.get("job_id")})
    if not rows:
        raise Refusal("can not found job", 102)
    job = rows[0].job
    asked = config.get("component_name")
    components = None if asked in (None, ALL_COMPONENTS) else asked
    if isinstance(components, str):
        components = [components]
    if isinstance(components, list | dict) and ALL_COMPONENTS in components:
        components = None
    known = {attempt.component for attempt in job.attempts}
    text = None
    if components is not None and not isinstance(components, list | dict):
        text = f"'{type(components).__name__}' object is not iterable"
    elif components is not None and not known.issuperset(components):
        text = "list indices must be integers or slices, not NoneType"
    if text is not None:
        if current_state().dialect.exceptions_as_repr:
            text = show_exception(TypeError(text))
        role, party = job.initiator
        refused = {role: {party: {"retcode": 100, "retmsg": text}}}
        raise Refusal(f"rerun job failed:\n{json.dumps(refused)}", 103)
    if (answers := _unbelieved(rows[0])) is not None:
        raise Refusal(f"rerun job failed:\n{json.dumps(answers)}", 103)
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
    levelled = current_state().dialect.levels_in_reports
    filters = _mapping(request_json(), "query_job()" if levelled else "query_task()")
    queries = current_state().jobs.queries
    rows = queries.find_jobs(filters)
    known = any(f"f_{name}" in queries.task_columns for name in filters)
    tasks = queries.find_tasks(filters) if known else []
    if not tasks or (not rows and levelled):
        raise Refusal(_NOT_FOUND, 101)
    if not levelled:
        entries = [_report_entry(render(queries.task_columns, task)) for task in tasks]
        now = current_state().jobs.now()
        return success(sorted(entries, key=lambda one: (one["start_time"] or now, one["status"])))
    levels = rows[0].plan().graph.levels
    return success(
        [
            {**_report_entry(render(queries.task_columns, task)), "index": index}
            for index, names in enumerate(levels)
            for task in tasks
            if task.attempt.component in names
        ]
    )


def _report_entry(row: Row) -> dict[str, Any]:
    return {
        "component_name": row["f_component_name"],
        "elapsed": row["f_elapsed"],
        "end_time": row["f_end_time"],
        "start_time": row["f_start_time"],
        "status": row["f_status"],
    }


# Logs


def log_directory(state: ServerState, job_id: str) -> str:
    """Return where the real server keeps the logs of a job."""
    return f"{state.settings.root}{state.dialect.folder}/logs/{job_id}"


def job_log_files(state: ServerState, job_id: str) -> list[tuple[str, str]] | None:
    """Return path and content of the log files of a job, None when there are none."""
    jobs = state.jobs
    job, plan = jobs.store.get(job_id), jobs.store.plan(job_id)
    if job is not None and plan is not None:
        return list(log_files(job, plan, jobs.tracker, job.moment(jobs.now()), jobs.site))
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
    archive = io.BytesIO()
    pack_logs(files, archive)
    return file_response(archive, f"job_{job_id}_log.tar.gz", TAR)


@blueprint.post("/log/path")
def log_path() -> Response:
    """Tell where the log files of a job are (POST job/log/path)."""
    state = current_state()
    job_id = str(request_json()["job_id"])
    _log_files(state, job_id)
    return success({"logs_directory": log_directory(state, job_id)})


# Parameters

#: The maps among the parameters of a job into which a party writes what it makes of them.
_ADAPTED = ("engines_address", "eggroll_run", "adaptation_parameters")


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
    conf = copy_tree(plan.runtime_conf)
    # The parties adapt the very maps that the conf holds, so that what is kept is theirs.
    role, party = plan.initiator
    own = plan.job_parameters[role][str(party)]
    common = plan.runtime_conf["job_parameters"]["common"]
    common |= {name: copy_tree(own[name]) for name in _ADAPTED}
    jobs.update_conf(plan.job_id, plan)
    return success(
        {
            "component_parameters": conf["component_parameters"],
            "components": [],
            "job_parameters": conf["job_parameters"],
            # Before 1.9 the one who asks shows in the answer.
            **_asker(plan.dialect),
        }
    )


def _asker(dialect: Dialect) -> dict[str, Any]:
    if dialect.reworked:
        return {}
    version = {"src_fate_ver": dialect.fate_version} if dialect.tells_versions else {}
    return {**version, "src_party_id": "", "src_role": ""}


def _updated(plan: Plan, components: Any, parameters: Any) -> Plan:
    """Return a plan with other parameters: those of components are laid over, those of the job replaced."""
    conf = copy_tree(plan.runtime_conf)
    common = plan.common_parameters
    own = plan.job_parameters
    if components:
        _lay_over(components, conf.setdefault("component_parameters", {}))
    if parameters and parameters.get("common"):
        by_party = plan.dialect.parameters_by_party
        fresh = known_parameters(parameters["common"], later=True, by_party=by_party)
        fresh |= {name: common[name] for name in ("model_id", "model_version")}
        engine = str(plan.common_parameters["computing_engine"])
        common = complete_baseline(fresh, job_id=plan.job_id, later=engine, by_party=by_party)
        conf["job_parameters"]["common"] = common
        own = {
            role: {
                party: on_party(common, role, later=engine, by_party=by_party) for party in parties
            }
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
