"""tracking/component/output/… and summary: the models, data and summaries that components left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.data.archives import output_archive
from flowkit_mockserver.data.tables import SHOWN_ROWS, Table
from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import HttpRefusal, Refusal, require_fields
from flowkit_mockserver.http.envelope import (
    JSON,
    file_response,
    request_json,
    success,
)
from flowkit_mockserver.jobs.creation import day_of
from flowkit_mockserver.models.training import DEFAULT_ALIAS
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import NO_RESPONSE, current_state

__all__ = ["blueprint", "output_data_table", "party_request", "preview_tables"]

blueprint = Blueprint("outputs", __name__, url_prefix="/tracking")

_NO_SUMMARY = "No component summary found, please check if arguments are specified correctly."


def party_request() -> Any:
    """Return the body; without role and party it is about the initiator of the job."""
    config = request_json()
    if "role" not in config and "party_id" not in config:
        jobs = current_state().jobs
        job = jobs.store.get(str(config.get("job_id", "")))
        if job is not None and job.is_at(jobs.site, job.initiator):
            config["role"], config["party_id"] = job.initiator
    return config


@blueprint.post("/component/output/model")
def output_model() -> Response:
    """Show the model of a component (POST tracking/component/output/model)."""
    state = current_state()
    with server_texts():
        config = party_request()
        job_id, party = config["job_id"], Party.of(config["role"], config["party_id"])
        job, plan = state.jobs.store.get(job_id), state.jobs.store.plan(str(job_id))
        if plan is None or job is None or not job.is_at(state.jobs.site, party):
            # The real server looks for the model among the deployed ones, and fails there.
            raise Refusal("'int' object has no attribute 'get'")
        component = config["component_name"]
        aliases = plan.graph.component(component).get("output", {}).get("model")
    model = state.models.component_model(
        party,
        plan.model_id,
        plan.model_version,
        component,
        aliases[0] if aliases else DEFAULT_ALIAS,
    )
    if model is None:
        # The cache of a model is complete when its job has ended; until then the job knows more.
        output = state.jobs.tracker.get(str(job_id), component, party)
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
    party = Party.of(config["role"], config["party_id"])
    plan = state.jobs.store.plan(str(job_id))
    if plan is None:
        raise Refusal("can not get dag parser, please check if the parameters are correct")
    plan.graph.component(component)
    output = state.jobs.tracker.get(str(job_id), component, party)
    return [
        (table["data_name"], state.tables.get(table["namespace"], table["name"]))
        for table in (output["tables"] if output else ())
    ]


def preview_tables(
    tables: Sequence[tuple[str, Table | None]],
    shown_rows: Callable[[Table], Iterable[list[Any]]] = lambda table: table.cells(SHOWN_ROWS),
    header: Callable[[Table], list[str | None] | None] = Table.header,
) -> Response:
    """Answer with the first rows of output tables, given by name; None is one that is gone."""
    rows: list[list[list[Any]]] = []
    meta: dict[str, list[Any]] = {"header": [], "total": [], "names": []}
    for name, table in tables:
        shown = list(shown_rows(table)) if table else []
        if table:
            rows.append(shown)
            meta["names"].append(name)
            meta["total"].append(table.count)
        meta["header"].append(header(table) if table and shown else None)
    if not tables or rows == [[]]:
        return success([], retmsg="no data")
    return success(rows, meta=meta)


@blueprint.post("/component/output/data")
def output_data() -> Response:
    """Show the first rows of what a component put out (POST tracking/component/output/data)."""
    with server_texts():
        tables = _output_tables(party_request())
    return preview_tables(tables)


@blueprint.get("/component/output/data/download")
def output_data_download() -> Response:
    """Send what a component put out as an archive (GET tracking/component/output/data/download)."""
    state = current_state()
    try:
        with server_texts():
            config = party_request()
            found = _output_tables(config)
    except Refusal as refusal:
        raise HttpRefusal(210, refusal.retmsg) from refusal
    limit = config.get("limit", -1)
    if not found:
        raise HttpRefusal(210, "no data")
    if limit == 0:
        raise HttpRefusal(210, "limit is 0")
    tables: list[tuple[str, Table]] = []
    for name, table in found:
        if table is None:
            raise Refusal("'NoneType' object has no attribute 'get_name'")
        tables.append((name, table))
    archive = output_archive(
        tables,
        head=bool(config.get("head", True)),
        limit=limit if isinstance(limit, int) else -1,
        now=state.clock.now(),
    )
    if archive is None:
        raise Refusal(NO_RESPONSE)  # The real server makes no answer for tables without rows.
    names = "_".join(str(config[name]) for name in ("job_id", "component_name", "role", "party_id"))
    return file_response(archive, f"job_{names}_output_data.tar.gz", "application/x-tar")


@blueprint.post("/component/output/data/table")
def output_data_table() -> Response:
    """Name the tables that a component put out (POST tracking/component/output/data/table)."""
    config = request_json()
    names = ("job_id", "role", "party_id", "component_name")
    require_fields(config, names)
    job_id, role, party_id, component = (config[name] for name in names)
    jobs = current_state().jobs
    if str(job_id) not in jobs.store:
        raise Refusal("No found job")
    # The server of the party is asked, wherever that is.
    everywhere = current_state().world.jobs.tracker
    output = everywhere.get(str(job_id), component, Party.of(role, party_id))
    if not output or not output["tables"]:
        raise Refusal("No found table, please check if the parameters are correct")
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
            require_fields(config, ("job_id", "component_name", "role", "party_id"))
            job_id = config["job_id"]
            jobs = current_state().jobs
            party = Party.of(config["role"], config["party_id"])
            output = jobs.tracker.get(job_id, config["component_name"], party)
            day = day_of(job_id)
            if output is None and not any(other.startswith(day) for other in jobs.store):
                raise Refusal(f"SQLError: no such table: t_component_summary_{day}")
    except Refusal as refusal:
        raise HttpRefusal(210, refusal.retmsg) from refusal
    found = output["summary"] if output else None
    if not found:
        raise HttpRefusal(210, _NO_SUMMARY)
    if filename := config.get("filename"):
        text = json.dumps(found, indent=4)
        return file_response(text.encode(), str(filename), JSON)
    return success(found)
