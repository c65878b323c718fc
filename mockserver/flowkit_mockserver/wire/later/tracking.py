"""tracking/…: what components were given, how they did, and what they left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.data.archives import output_archive, quote, uploaded_header
from flowkit_mockserver.data.tables import Table
from flowkit_mockserver.dialects.answers import refusal, text
from flowkit_mockserver.dialects.model_fields import leave_out
from flowkit_mockserver.dsl.later_parameters import PARAMETER_KEY
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import JSON, file_response, request_json, success
from flowkit_mockserver.jobs.creation import day_of
from flowkit_mockserver.jobs.tracker import MetricDocument
from flowkit_mockserver.kinds.kind import LaterResults
from flowkit_mockserver.kinds.lookup import find_kind, reads_table
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire import outputs
from flowkit_mockserver.wire import tracking as first
from flowkit_mockserver.wire.dispatch import NO_RESPONSE, current_state
from flowkit_mockserver.wire.later.column_values import check_log_name, compared
from flowkit_mockserver.wire.outputs import preview_tables

__all__ = ["blueprint"]

blueprint = Blueprint("later_tracking", __name__, url_prefix="/tracking")

#: What a request may name besides the job whose metrics it deletes.
_DELETES_BY = ("role", "party_id", "component_name")
_NO_SUMMARY = "No component summary found, please check if arguments are specified correctly."
#: What stands for the job in place of a component.
_OF_JOB: tuple[Any, ...] = (None, "", 0, [], {}, "pipeline")
Metrics = dict[str, dict[str, MetricDocument]]


def party_request() -> Any:
    """Return the body; role and party, each for itself, are by default those of the initiator of the job."""
    config = request_json()
    missing = [name for name in ("role", "party_id") if name not in config]
    # Until 1.9 both or neither.
    if len(missing) == 2 or (missing and current_state().dialect.reworked):
        jobs = current_state().jobs
        job = jobs.store.get(str(config.get("job_id", "")))
        if job is not None and job.is_at(jobs.site, job.initiator):
            config.setdefault("role", job.initiator.role)
            config.setdefault("party_id", job.initiator.party_id)
    return config


def _metrics() -> Metrics:
    config = party_request()
    job_id, component = _metrics_id(config["job_id"]), config["component_name"]
    party = Party.of(compared(config["role"]), compared(config["party_id"]))
    if current_state().dialect.reworked and component in _OF_JOB:
        return _job_metrics(job_id, party)
    output = current_state().jobs.tracker.get(job_id, component, party)
    if not output:
        return {}
    later, asked = _later(job_id, component, party)
    # Until 1.9 nothing is said of the columns of tables.
    if later.metrics is None or not current_state().dialect.reworked:
        return output["metrics"]
    return {
        namespace: {
            name: {"data": metric["data"], "meta": {**metric["meta"], **later.metrics(name, asked)}}
            for name, metric in named.items()
        }
        for namespace, named in output["metrics"].items()
    }


def _job_metrics(job_id: str, party: Party) -> Metrics:
    """Return the metrics of a job as a whole on a party: the view of its data, which is shown elsewhere."""
    job = current_state().jobs.store.get(job_id)
    if job is None or party not in job.parties:
        return {}
    return {"job": {"job_view": {"data": [], "meta": {}}}}


def _metrics_id(job_id: Any) -> str:
    """Return a job id that metrics can be looked up by: the database has a table of them for each day.

    Raises:
        TypeError: nothing in it can be a day.
        Refusal: it is no SQL.
    """
    if isinstance(job_id, dict):
        # The words of the Python of the server.
        raise TypeError("unhashable type: 'slice'")
    day_of(job_id)
    return str(compared(job_id))


def _later(job_id: str, component: str, party: Party) -> tuple[LaterResults, dict[str, Any]]:
    """Return what the results of a component show besides, and its parameters."""
    plan = current_state().jobs.store.plan(job_id)
    kind = None if plan is None else find_kind(plan.graph.module(component))
    if plan is None or kind is None:
        return LaterResults(), {}
    stored = plan.parameters.get(component, {}).get(party.role, {}).get(party.party_id, {})
    return kind.later, stored.get(PARAMETER_KEY, {})


def _show(metric: MetricDocument | None) -> tuple[list[Any], dict[str, Any]]:
    """Return data, by key, and meta of a metric, of which there may be none."""
    data, meta = (metric["data"], metric["meta"]) if metric else ([], {})
    return sorted(data, key=lambda pair: pair[0]), {"name": None, "metric_type": None, **meta}


@blueprint.post("/component/metrics")
def metrics() -> Response:
    """Name the metrics of a component (POST tracking/component/metrics)."""
    found = _metrics()
    if not found:
        return success({}, retmsg="no data")
    return success({namespace: list(named) for namespace, named in found.items()})


@blueprint.post("/component/metric/all")
def metric_all() -> Response:
    """Show the metrics of a component (POST tracking/component/metric/all)."""
    found = _metrics()
    if not found:
        return success({}, retmsg="no data")
    shown: dict[str, dict[str, Any]] = {}
    for namespace, named in found.items():
        shown[namespace] = {}
        for name, metric in named.items():
            data, meta = _show(metric)
            shown[namespace][name] = {"data": data, "meta": meta}
    return success(shown)


@blueprint.post("/component/metric_data")
def metric_data() -> Response:
    """Show one metric of a component (POST tracking/component/metric_data)."""
    config = party_request()
    reworked = current_state().dialect.reworked
    if reworked:
        check_log_name(config["job_id"])
    found = _metrics()
    namespace, name = config["metric_namespace"], config["metric_name"]
    day = day_of(config["job_id"])
    # Since 1.9 there is a table of no day as well.
    if not current_state().jobs.tracker.metric_day_known(day) and not (reworked and not day):
        raise Refusal(f"SQLError: no such table: t_tracking_metric_{day}")
    data, meta = _show(found.get(str(compared(namespace)), {}).get(str(compared(name))))
    return success(data, meta=meta)


@blueprint.post("/component/metric/delete")
def metric_delete() -> Response:
    """Delete the metrics of a job (POST tracking/component/metric/delete); by day it is not to be had any more."""
    config = request_json()
    tracker = current_state().jobs.tracker
    job_id = config.get("job_id")
    if job_id is None:
        raise TypeError("'NoneType' object is not subscriptable")
    day = day_of(str(job_id))
    if not tracker.metric_day_known(day):
        raise Refusal(f"SQLError: no such table: t_tracking_metric_{day}")
    names = () if current_state().dialect.deletes_all_metrics else _DELETES_BY
    columns = {name: config[name] for name in names if name in config}
    known = current_state().jobs.store.get(str(job_id)) is not None
    return success(f"delete status: {known and tracker.delete_metrics(str(job_id), columns)}")


@blueprint.post("/component/list")
def component_list() -> Response:
    """Name the components of a job in the order of its DSL (POST tracking/component/list)."""
    if current_state().dialect.reworked:
        compared(request_json().get("job_id"))
    return first.component_list()


@blueprint.post("/job/data_view")
def data_view() -> Response:
    """Show who works on what data in a job (POST tracking/job/data_view)."""
    if not current_state().dialect.reworked:
        return first.data_view()
    config = party_request()
    job_id = config["job_id"]
    role, party_id = compared(config["role"]), compared(config["party_id"])
    if job_id in ("", []):
        compared(job_id)
        raise Refusal("error", 101)
    check_log_name(job_id)
    return first.view_of_job(job_id, role, party_id)


@blueprint.post("/component/output/data/table")
def output_data_table() -> Response:
    """Name the tables that a component put out (POST tracking/component/output/data/table)."""
    config = request_json()
    names = ("role", "party_id", "component_name")
    if current_state().dialect.reworked and "" in [config[name] for name in names]:
        # They make the path at which the server asks the one of the party.
        raise Refusal("<NotFound '404: Not Found'>")
    return outputs.output_data_table()


@blueprint.post("/component/parameters")
def parameters() -> Response:
    """Show the complete parameters of a component (POST tracking/component/parameters)."""
    filters = party_request()
    queries = current_state().jobs.queries
    known = any(f"f_{name}" in queries.task_columns for name in filters)
    tasks = queries.find_tasks(filters) if known else []
    if not tasks:
        raise Refusal("can not found this task", 101)
    stored = queries.task_columns["f_component_parameters"](tasks[0])
    return success({"module": stored.get("module", ""), PARAMETER_KEY: stored[PARAMETER_KEY]})


@blueprint.post("/component/output/model")
def output_model() -> Response:
    """Show the model of a component (POST tracking/component/output/model)."""
    config = party_request()
    state = current_state()
    job_id = str(compared(config["job_id"]))
    party = Party.of(compared(config["role"]), compared(config["party_id"]))
    job, plan = state.jobs.store.get(job_id), state.jobs.store.plan(job_id)
    if plan is None or job is None or not job.is_at(state.jobs.site, party):
        raise refusal(state.dialect, "no task to show the model of")
    component = config["component_name"]
    if not state.dialect.reworked:
        plan.graph.component(component)
    hash(component)
    output = state.jobs.tracker.get(job_id, component, party)
    model = output["model"] if output else None
    if not model:
        return success({}, retmsg=text(state.dialect, "no model to show"))
    later, _ = _later(job_id, component, party)
    shown = {**model["meta"], **later.meta}
    param = dict(model["param"])
    if later.model is not None:
        param |= later.model(param, *party)
    leave_out(model["meta_message"], shown, state.dialect.line)
    leave_out(model["param_message"], param, state.dialect.line)
    return success(param, meta={"meta_data": shown, "module_name": model["module"]})


@blueprint.post("/component/summary/download")
def summary() -> Response:
    """Show what a component says of its result (POST tracking/component/summary/download)."""
    config = request_json()
    job_id, component = str(config["job_id"]), config["component_name"]
    party = Party.of(config["role"], config["party_id"])
    output = current_state().jobs.tracker.get(job_id, component, party)
    found = output["summary"] if output else None
    if not found:
        state = current_state()
        if state.dialect.reworked:
            try:
                check_log_name(config["job_id"])
            except TypeError as error:
                raise HttpRefusal(210, str(error)) from error
        day = day_of(job_id)
        if not state.dialect.reworked and not state.jobs.tracker.metric_day_known(day):
            raise HttpRefusal(210, f"SQLError: no such table: t_component_summary_{day}")
        raise HttpRefusal(210, _NO_SUMMARY)
    later, asked = _later(job_id, component, party)
    if later.summary is not None:
        found = {**found, **later.summary(found, asked)}
    if filename := config.get("filename"):
        text = json.dumps(found, indent=4)
        return file_response(text.encode(), str(filename), JSON)
    return success(found)


def _task_tables() -> tuple[Any, list[tuple[str, Table | None]]]:
    """Return the body and the output tables of the component that it names.

    Raises:
        ValueError: there is no such task.
    """
    config = request_json()
    state = current_state()
    names = ("job_id", "component_name", "role", "party_id")
    filters = {name: config[name] for name in names}
    if not state.jobs.queries.find_tasks(filters):
        raise ValueError(f"no found task, please check if the parameters are correct:{config}")
    party = Party.of(config["role"], config["party_id"])
    output = state.jobs.tracker.get(str(config["job_id"]), config["component_name"], party)
    return config, [
        (table["data_name"], state.tables.get(table["namespace"], table["name"]))
        for table in (output["tables"] if output else ())
    ]


@blueprint.post("/component/output/data")
def output_data() -> Response:
    """Show the first rows of what a component put out (POST tracking/component/output/data)."""
    config, tables = _task_tables()
    source = _source(config)

    def shown_rows(table: Table) -> Iterator[list[Any]]:
        quoted = current_state().dialect.quoted_details
        for row in current_state().tables.first_rows(table, source=source):
            yield [quote(cell) if quoted and isinstance(cell, dict) else cell for cell in row]

    return preview_tables(
        tables, shown_rows, uploaded_header if _names_keys(config) else Table.header
    )


def _names_keys(config: Any) -> bool:
    if not current_state().dialect.reworked or config["component_name"] is None:
        return False
    party = Party.of(config["role"], config["party_id"])
    return _later(str(config["job_id"]), config["component_name"], party)[0].names_keys


def _source(config: Any) -> tuple[str, str] | None:
    """Return namespace and name of the table that a Reader copied on the party of a request; None for other kinds."""
    job_id, component = str(config["job_id"]), config["component_name"]
    plan = current_state().jobs.store.plan(job_id)
    if plan is None or component is None or not reads_table(plan.graph.module(component)):
        return None
    _, asked = _later(job_id, component, Party.of(config["role"], config["party_id"]))
    address = asked.get("table")
    return (address["namespace"], address["name"]) if isinstance(address, dict) else None


@blueprint.get("/component/output/data/download")
def output_data_download() -> Response:
    """Send what a component put out as an archive (GET tracking/component/output/data/download)."""
    config, found = _task_tables()
    limit = config.get("limit", -1)
    if not found:
        raise HttpRefusal(210, "no data")
    if limit == 0:
        raise HttpRefusal(210, "limit is 0")
    tables: list[tuple[str, Table]] = []
    for name, table in found:
        if table is None:
            raise AttributeError("'NoneType' object has no attribute 'get_name'")
        tables.append((name, table))
    archive = output_archive(
        tables,
        head=bool(config.get("head", True)),
        limit=limit if isinstance(limit, int) else -1,
        now=current_state().clock.now(),
        sid=True,
        quoted=current_state().dialect.quoted_details,
        empty=current_state().dialect.reworked,
    )
    if archive is None:
        raise Refusal(NO_RESPONSE)
    names = "_".join(str(config[name]) for name in ("job_id", "component_name", "role", "party_id"))
    # Until 1.9 archives of tables come without their name.
    named = f"job_{names}_output_data.tar.gz" if current_state().dialect.reworked else None
    return file_response(archive, named, "application/x-tar")
