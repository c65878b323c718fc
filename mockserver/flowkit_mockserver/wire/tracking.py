"""tracking/…: what the components of jobs were given, and how they did."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.jobs.creation import day_of
from flowkit_mockserver.jobs.tracker import MetricDocument
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.outputs import party_request

__all__ = ["blueprint", "component_list", "data_view", "view_of_job"]

blueprint = Blueprint("tracking", __name__, url_prefix="/tracking")

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


def _check_day(job_id: Any) -> None:
    day = day_of(job_id)
    if not current_state().jobs.tracker.metric_day_known(day):
        raise Refusal(f"SQLError: no such table: t_tracking_metric_{day}")


def _metrics(config: Any) -> dict[str, dict[str, MetricDocument]]:
    """Return the metrics of a component: namespace → name → data and meta."""
    job_id, component = config["job_id"], config["component_name"]
    party = Party.of(config["role"], config["party_id"])
    _check_day(job_id)
    output = current_state().jobs.tracker.get(job_id, component, party)
    return output["metrics"] if output else {}


def _show(metric: MetricDocument | None) -> tuple[list[Any], dict[str, Any]]:
    """Return data, by key, and meta of a metric, of which there may be none."""
    data, meta = (metric["data"], metric["meta"]) if metric else ([], {})
    with server_texts():
        ordered = sorted(data, key=lambda pair: pair[0])
    return ordered, {"name": None, "metric_type": None, **meta}


@blueprint.post("/component/metrics")
def metrics() -> Response:
    """Name the metrics of a component (POST tracking/component/metrics)."""
    with server_texts():
        found = _metrics(party_request())
    if not found:
        return success({}, retmsg="no data")
    return success({namespace: list(named) for namespace, named in found.items()})


@blueprint.post("/component/metric/all")
def metric_all() -> Response:
    """Show the metrics of a component (POST tracking/component/metric/all)."""
    with server_texts():
        found = _metrics(party_request())
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
    with server_texts():
        config = party_request()
        _ = [config[name] for name in ("job_id", "component_name", "role", "party_id")]
        namespace, name = config["metric_namespace"], config["metric_name"]
        data, meta = _show(_metrics(config).get(namespace, {}).get(name))
    return success(data, meta=meta)


@blueprint.post("/component/metric/delete")
def metric_delete() -> Response:
    """Delete the metrics of a job, or of all jobs of a day (POST tracking/component/metric/delete)."""
    tracker = current_state().jobs.tracker
    with server_texts():
        config = request_json()
        if day := config.get("model"):
            if not tracker.drop_day(str(day)):
                raise Refusal(f"SQLError: no such table: t_tracking_metric_{day}")
            return success(f"drop table t_tracking_metric_{day}")
        job_id = config["job_id"]
        columns = {name: value for name, value in config.items() if name in _METRIC_COLUMNS}
        del columns["job_id"]
        statement = f'delete from t_tracking_metric_{day_of(job_id)}  where f_job_id="{job_id}"'
        statement += "".join(f' and f_{name}="{value}"' for name, value in columns.items())
        _check_day(job_id)
        if job_id in current_state().jobs.store:
            tracker.delete_metrics(job_id, columns)
    return success(statement)


@blueprint.post("/component/parameters")
def parameters() -> Response:
    """Show the complete parameters of a component (POST tracking/component/parameters)."""
    with server_texts():
        config = party_request()
        plan = current_state().jobs.store.plan(str(config.get("job_id", "")))
        if plan is None:
            raise Refusal("can not found this job", 101)
        name = config["component_name"]
        plan.graph.component(name)
        by_role = plan.parameters.get(plan.graph.model_source(name) or name, {})
        if by_role:
            stored = by_role.get(config["role"], {}).get(str(int(config["party_id"])))
            if stored is not None:
                from flowkit_mockserver.dsl.parameters import parameters_answer

                return success(parameters_answer(stored))
    return success(retmsg="can not found this component parameters")


@blueprint.post("/component/list")
def component_list() -> Response:
    """Name the components of a job in the order of its DSL (POST tracking/component/list)."""
    config = request_json()
    plan = current_state().jobs.store.plan(str(config.get("job_id")))
    if plan is None:
        raise Refusal("No job matched, please make sure the job id is valid.")
    return success({"components": list(plan.graph.declared)})


@blueprint.post("/job/data_view")
def data_view() -> Response:
    """Show who works on what data in a job (POST tracking/job/data_view)."""
    with server_texts():
        config = party_request()
        asked = config["job_id"], config["role"], config["party_id"]
    return view_of_job(*asked)


def view_of_job(job_id: Any, role: Any, party_id: Any) -> Response:
    """Return the view that a party has of the data of a job.

    Raises:
        Refusal: the job is unknown to it, or the day of it to the server.
    """
    with server_texts():
        _check_day(job_id)
    jobs = current_state().jobs
    job, plan = jobs.store.get(job_id), jobs.store.plan(job_id)
    if job is None or plan is None or not job.is_at(jobs.site, Party.of(role, party_id)):
        raise Refusal("error", 101)
    if not jobs.tracker.views(job_id):
        raise Refusal("error", 101)
    from flowkit_mockserver.dsl.plan import job_view

    return success({**job_view(plan, role, int(party_id)), "model_summary": {}})
