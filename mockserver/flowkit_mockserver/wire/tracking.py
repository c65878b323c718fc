"""tracking/…: what the components of jobs were given and what they left behind."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.data.archives import output_archive
from flowkit_mockserver.data.tables import Table
from flowkit_mockserver.dispatch import NO_RESPONSE
from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.dsl.parameters import parameters_answer
from flowkit_mockserver.envelope import file_response, request_json, required, success
from flowkit_mockserver.errors import FlowFault, HttpFault
from flowkit_mockserver.models.training import DEFAULT_ALIAS
from flowkit_mockserver.state import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("tracking", __name__, url_prefix="/tracking")

#: How many digits of a job id are the day whose tables hold its metrics.
DAY_DIGITS = 8
SHOWN_ROWS = 100

_NO_SUMMARY = "No component summary found, please check if arguments are specified correctly."
_METRIC_COLUMNS = frozenset(
    {
        "id",
        "job_id",
        "component_name",
        "task_id",
        "task_version",
        "role",
        "party_id",
        "metric_namespace",
        "metric_name",
        "key",
        "value",
        "type",
        "create_time",
        "create_date",
        "update_time",
        "update_date",
    }
)

Metric = dict[str, Any]


def _request() -> Any:
    """Return the body; without role and party it is about the initiator of the job."""
    config = request_json()
    if "role" not in config and "party_id" not in config:
        initiator = current_state().jobs.initiator(str(config.get("job_id", "")))
        if initiator is not None:
            config["role"], config["party_id"] = initiator
    return config


def _check_day(job_id: Any) -> None:
    day = job_id[:DAY_DIGITS]
    if not current_state().jobs.metric_day_known(day):
        raise FlowFault(f"SQLError: no such table: t_tracking_metric_{day}")


def _metrics(config: Any) -> dict[str, dict[str, Metric]]:
    """Return the metrics of a component: namespace → name → data and meta."""
    job_id, component = config["job_id"], config["component_name"]
    role, party_id = config["role"], config["party_id"]
    _check_day(job_id)
    output = current_state().jobs.outputs(job_id, component, role, party_id)
    metrics: dict[str, dict[str, Metric]] = output["metrics"] if output else {}
    return metrics


def _shown(metric: Metric | None) -> tuple[list[Any], dict[str, Any]]:
    """Return data, by key, and meta of a metric, of which there may be none."""
    data, meta = (metric["data"], metric["meta"]) if metric else ([], {})
    with server_texts():
        ordered = sorted(data, key=lambda pair: pair[0])
    return ordered, {"name": None, "metric_type": None, **meta}


@blueprint.post("/component/metrics")
def metrics() -> Response:
    """Name the metrics of a component (POST tracking/component/metrics)."""
    with server_texts():
        found = _metrics(_request())
    if not found:
        return success({}, retmsg="no data")
    return success({namespace: list(named) for namespace, named in found.items()})


@blueprint.post("/component/metric/all")
def metric_all() -> Response:
    """Show the metrics of a component (POST tracking/component/metric/all)."""
    with server_texts():
        found = _metrics(_request())
    if not found:
        return success({}, retmsg="no data")
    shown: dict[str, dict[str, Any]] = {}
    for namespace, named in found.items():
        shown[namespace] = {}
        for name, metric in named.items():
            data, meta = _shown(metric)
            shown[namespace][name] = {"data": data, "meta": meta}
    return success(shown)


@blueprint.post("/component/metric_data")
def metric_data() -> Response:
    """Show one metric of a component (POST tracking/component/metric_data)."""
    with server_texts():
        config = _request()
        _ = [config[name] for name in ("job_id", "component_name", "role", "party_id")]
        namespace, name = config["metric_namespace"], config["metric_name"]
        data, meta = _shown(_metrics(config).get(namespace, {}).get(name))
    return success(data, meta=meta)


@blueprint.post("/component/metric/delete")
def metric_delete() -> Response:
    """Delete the metrics of a job, or of all jobs of a day (POST tracking/component/metric/delete)."""
    jobs = current_state().jobs
    with server_texts():
        config = request_json()
        if day := config.get("model"):
            if not jobs.delete_metrics_of_day(str(day)):
                raise FlowFault(f"SQLError: no such table: t_tracking_metric_{day}")
            return success(f"drop table t_tracking_metric_{day}")
        job_id = config["job_id"]
        columns = {name: value for name, value in config.items() if name in _METRIC_COLUMNS}
        del columns["job_id"]
        statement = (
            f'delete from t_tracking_metric_{job_id[:DAY_DIGITS]}  where f_job_id="{job_id}"'
        )
        statement += "".join(f' and f_{name}="{value}"' for name, value in columns.items())
        _check_day(job_id)
        jobs.delete_metrics(job_id, columns)
    return success(statement)


@blueprint.post("/component/parameters")
def parameters() -> Response:
    """Show the complete parameters of a component (POST tracking/component/parameters)."""
    with server_texts():
        config = _request()
        plan = current_state().jobs.plan(str(config.get("job_id", "")))
        if plan is None:
            raise FlowFault("can not found this job", 101)
        name = config["component_name"]
        plan.graph.component(name)
        by_role = plan.parameters.get(plan.graph.model_source(name) or name, {})
        if by_role:
            stored = by_role.get(config["role"], {}).get(str(int(config["party_id"])))
            if stored is not None:
                return success(parameters_answer(stored))
    return success(retmsg="can not found this component parameters")


@blueprint.post("/component/output/model")
def output_model() -> Response:
    """Show the model of a component (POST tracking/component/output/model)."""
    state = current_state()
    with server_texts():
        config = _request()
        job_id, role, party_id = config["job_id"], config["role"], config["party_id"]
        plan = state.jobs.plan(str(job_id))
        if plan is None or state.jobs.runtime_conf_on_party(job_id, role, party_id) is None:
            # Where the real server stumbles when it looks for the model among the deployed ones instead.
            raise FlowFault("'int' object has no attribute 'get'")
        component = config["component_name"]
        aliases = plan.graph.component(component).get("output", {}).get("model")
    model = state.models.component_model(
        role,
        party_id,
        plan.model_id,
        plan.model_version,
        component,
        aliases[0] if aliases else DEFAULT_ALIAS,
    )
    if model is None:
        # The cache of a model is complete when its job has ended; until then the job knows more.
        output = state.jobs.outputs(str(job_id), component, role, party_id)
        model = output["model"] if output else None
    if not model:
        return success({}, retmsg="no data")
    return success(
        model["param"], meta={"meta_data": model["meta"], "module_name": model["module"]}
    )


def _output_tables(config: Any) -> list[tuple[str, Table | None]]:
    """Return the output tables of a component by data name; None for those that are gone."""
    state = current_state()
    job_id, component = config["job_id"], config["component_name"]
    role, party_id = config["role"], config["party_id"]
    plan = state.jobs.plan(str(job_id))
    if plan is None:
        raise FlowFault("can not get dag parser, please check if the parameters are correct")
    plan.graph.component(component)
    output = state.jobs.outputs(str(job_id), component, role, party_id)
    return [
        (table["data_name"], state.tables.get(table["namespace"], table["name"]))
        for table in (output["tables"] if output else ())
    ]


@blueprint.post("/component/output/data")
def output_data() -> Response:
    """Show the first rows of what a component put out (POST tracking/component/output/data)."""
    with server_texts():
        tables = _output_tables(_request())
    rows: list[list[list[Any]]] = []
    meta: dict[str, list[Any]] = {"header": [], "total": [], "names": []}
    for name, table in tables:
        shown = list(table.cells(SHOWN_ROWS)) if table else []
        if table:
            rows.append(shown)
            meta["names"].append(name)
            meta["total"].append(table.count)
        meta["header"].append(table.header() if table and shown else None)
    if not tables or rows == [[]]:
        return success([], retmsg="no data")
    return success(rows, meta=meta)


@blueprint.get("/component/output/data/download")
def output_data_download() -> Response:
    """Hand out what a component put out as an archive (GET tracking/component/output/data/download)."""
    state = current_state()
    try:
        with server_texts():
            config = _request()
            found = _output_tables(config)
    except FlowFault as fault:
        raise HttpFault(210, fault.retmsg) from fault
    limit = config.get("limit", -1)
    if not found:
        raise HttpFault(210, "no data")
    if limit == 0:
        raise HttpFault(210, "limit is 0")
    tables: list[tuple[str, Table]] = []
    for name, table in found:
        if table is None:
            raise FlowFault("'NoneType' object has no attribute 'get_name'")
        tables.append((name, table))
    archive = output_archive(
        tables,
        head=bool(config.get("head", True)),
        limit=limit if isinstance(limit, int) else -1,
        now=state.clock.now(),
    )
    if archive is None:
        raise FlowFault(NO_RESPONSE)  # The real server makes no answer for tables without rows.
    names = "_".join(str(config[name]) for name in ("job_id", "component_name", "role", "party_id"))
    return file_response(archive, f"job_{names}_output_data.tar.gz", "application/x-tar")


@blueprint.post("/component/output/data/table")
def output_data_table() -> Response:
    """Name the tables that a component put out (POST tracking/component/output/data/table)."""
    config = request_json()
    names = ("job_id", "role", "party_id", "component_name")
    required(config, names)
    job_id, role, party_id, component = (config[name] for name in names)
    jobs = current_state().jobs
    if not jobs.exists(str(job_id)):
        raise FlowFault("No found job")
    output = jobs.outputs(str(job_id), component, role, party_id)
    if not output or not output["tables"]:
        raise FlowFault("No found table, please check if the parameters are correct")
    return success(
        [
            {
                "table_name": table["name"],
                "table_namespace": table["namespace"],
                "data_name": table["data_name"],
            }
            for table in output["tables"]
        ]
    )


@blueprint.post("/component/summary/download")
def summary() -> Response:
    """Show what a component says of its result (POST tracking/component/summary/download)."""
    try:
        with server_texts():
            config = request_json()
            required(config, ("job_id", "component_name", "role", "party_id"))
            job_id = config["job_id"]
            jobs = current_state().jobs
            output = jobs.outputs(
                job_id, config["component_name"], config["role"], config["party_id"]
            )
            day = job_id[:DAY_DIGITS]
            if output is None and not any(other.startswith(day) for other in jobs):
                raise FlowFault(f"SQLError: no such table: t_component_summary_{day}")
    except FlowFault as fault:
        raise HttpFault(210, fault.retmsg) from fault
    found = output["summary"] if output else None
    if not found:
        raise HttpFault(210, _NO_SUMMARY)
    if filename := config.get("filename"):
        text = json.dumps(found, indent=4)
        return file_response(text.encode(), str(filename), "application/json")
    return success(found)


@blueprint.post("/component/list")
def component_list() -> Response:
    """Name the components of a job in the order of its DSL (POST tracking/component/list)."""
    config = request_json()
    plan = current_state().jobs.plan(str(config.get("job_id")))
    if plan is None:
        raise FlowFault("No job matched, please make sure the job id is valid.")
    return success({"components": list(plan.graph.declared)})


@blueprint.post("/job/data_view")
def data_view() -> Response:
    """Show who works on what data in a job (POST tracking/job/data_view)."""
    with server_texts():
        config = _request()
        job_id, role, party_id = config["job_id"], config["role"], config["party_id"]
        _check_day(job_id)
    view = current_state().jobs.data_view(job_id, role, party_id)
    if view is None:
        raise FlowFault("error", 101)
    return success({**view, "model_summary": {}})
