"""table/…: what is known of tables, where they come from, and forgetting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from flowkit_mockserver.data.archives import output_archive, uploaded_header
from flowkit_mockserver.data.tables import Table
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import NO_RESPONSE, current_state
from flowkit_mockserver.wire.later.column_values import compared

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan

__all__ = ["blueprint"]

blueprint = Blueprint("later_table", __name__, url_prefix="/table")

#: What the description of a table tells on every line.
_TABLE_FACTS = ("table_name", "namespace", "exist", "count", "partition", "schema")
#: The longest preview.
PREVIEW_ROWS = 100


@blueprint.post("/table_info")
def table_info() -> Response:
    """Describe a table, whether it exists or not (POST table/table_info)."""
    config = request_json()
    name = config.get("name") or config.get("table_name")
    state = current_state()
    described = state.dialect.reworked
    info = state.tables.later_info(config.get("namespace"), name, described=described)
    known = state.dialect.table_facts
    return success({key: info[key] for key in info if key in _TABLE_FACTS or key in known})


def _find(config: Any) -> Table:
    namespace, name = config.get("namespace"), config.get("name")
    table = current_state().tables.get(namespace, name)
    if table is None:
        raise HttpRefusal(210, f"no found table:{namespace}, {name}")
    return table


@blueprint.post("/preview")
def preview() -> Response:
    """Show the first rows of a table (POST table/preview)."""
    config = request_json()
    table, state = _find(config), current_state()
    limit = config.get("limit") or PREVIEW_ROWS
    # What can never be the number of rows bounds nothing.
    if limit > PREVIEW_ROWS or limit < 0 or limit != int(limit):
        limit = PREVIEW_ROWS
    tables = state.tables
    counted = tables.notes(table.namespace, table.name).get("counted_keys")
    rows = [
        [row[0] if counted else str(row[0]), *map(str, row[1:])]
        for row in tables.first_rows(table, int(limit))
    ]
    unnamed = not rows and state.dialect.reworked
    return success({"data": rows, "header": None if unnamed else uploaded_header(table)})


@blueprint.get("/download")
def download() -> Response:
    """Send a table as an archive (GET table/download)."""
    config = request_json()
    table = _find(config)
    state = current_state()
    notes = state.tables.notes(table.namespace, table.name)
    if notes.get("disabled"):
        raise Exception(f"table {table.namespace} {table.name} disable: True")
    archive = output_archive(
        [("table", table)],
        head=bool(config.get("head", True)),
        now=state.clock.now(),
        sid=True,
        quoted=state.dialect.quoted_details,
        delimiter=notes.get("id_delimiter") or ",",
        empty=state.dialect.reworked,
    )
    if archive is None:
        raise Refusal(NO_RESPONSE)
    name = f"table_{config.get('namespace')}_{config.get('name')}.tar.gz"
    # Until 1.9 archives of tables come without their name.
    named = name if state.dialect.reworked else None
    return file_response(archive, named, "application/x-tar")


@blueprint.post("/disable")
@blueprint.post("/enable")
def switch() -> Response:
    """Disable or enable the tables that match (POST table/disable, table/enable)."""
    config = request_json()
    given = config.get("table_name")
    wanted = {field: config[field] for field in ("name", "namespace") if field in config}
    if given:
        wanted["name"] = given
    wanted = {field: compared(value) for field, value in wanted.items()}
    tables = current_state().tables
    disabled = request.path.rstrip("/").endswith("disable")
    # Without a filter the real server takes no table, not all of them.
    found = [
        table
        for table in tables
        if wanted and all(getattr(table, field) == value for field, value in wanted.items())
    ]
    if not found:
        raise Refusal("no find table", 101)
    for table in found:
        tables.note(table.namespace, table.name, disabled=disabled)
    return success([{"table_name": table.name, "namespace": table.namespace} for table in found])


@blueprint.post("/disable/delete")
def delete_disabled() -> Response:
    """Forget all disabled tables (POST table/disable/delete)."""
    _ = request_json().get("table_name")
    tables = current_state().tables
    found = [table for table in tables if tables.notes(table.namespace, table.name).get("disabled")]
    if not found:
        raise Refusal("no find table", 101)
    for table in found:
        tables.delete(table.namespace, table.name)
    return success([{"table_name": table.name, "namespace": table.namespace} for table in found])


@blueprint.post("/schema/update")
def update_schema() -> Response:
    """Change the schema of a table (POST table/schema/update)."""
    config = request_json()
    state = current_state()
    tables = state.tables
    namespace, name = config.get("namespace"), config.get("name")
    table = tables.get(namespace, name)
    if table is None:
        raise AttributeError("'NoneType' object has no attribute 'get_schema'")
    given = config.get("schema", {})
    given.get("meta")
    given = dict(given)
    schema = tables.later_info(namespace, name)["schema"]
    meta = given.pop("meta", None)
    if meta and not state.dialect.guards_meta:
        if not schema.get("meta"):
            tables.note(namespace, name, recovered=True)
        meta = {**(schema.get("meta") or {}), **meta}
        tables.set_schema(namespace, name, {**table.schema, "meta": meta, **given})
        return success(tables.later_info(namespace, name)["schema"])
    if meta:
        if not schema.get("meta"):
            raise Refusal("no found meta", 101)
        schema = {
            "header": _text_header(schema),
            "meta": {**schema["meta"], **meta},
            "sid": schema.get("sid", ""),
        }
        tables.note(namespace, name, recovered=True)
    schema |= given
    tables.set_schema(namespace, name, schema)
    return success(schema)


def _text_header(schema: dict[str, Any]) -> str:
    """Return the header as it was uploaded: label first, and one text."""
    header = schema.get("header")
    if isinstance(header, str):
        return header
    label = schema.get("label_name")
    return ",".join([*([label] if label else []), *(header or [])])


@blueprint.post("/schema/anonymous/migrate")
def migrate_anonymous() -> Response:
    """Give the anonymous names of a table's columns another party (POST table/schema/anonymous/migrate)."""
    config = request_json()
    namespace, name = config.get("namespace"), config.get("name")
    tables = current_state().tables
    if tables.get(namespace, name) is None:
        raise AttributeError("'NoneType' object has no attribute 'get_schema'")
    return success(tables.later_info(namespace, name)["schema"])


@blueprint.post("/tracking/source")
def tracking_source() -> Response:
    """Name the tables that a table was made from (POST table/tracking/source)."""
    config = request_json()
    name, namespace = config["table_name"], config["namespace"]
    for value in (name, namespace):
        compared(value)
    if current_state().tables.get(namespace, name) is None:
        raise Refusal(f"no found table: table name {name}, table namespace {namespace}")
    return success([])


@blueprint.post("/tracking/job")
def tracking_job() -> Response:
    """Name the jobs that have read a table (POST table/tracking/job)."""
    config = request_json()
    name, namespace = config["table_name"], config["namespace"]
    for value in (name, namespace):
        compared(value)
    jobs = current_state().jobs
    plans = (plan for job_id in jobs.store if (plan := jobs.store.plan(job_id)) is not None)
    found = [
        plan.job_id
        for plan in plans
        if any(
            table.get("name") == name
            and table.get("namespace") == namespace
            and (output := jobs.tracker.get(plan.job_id, reader, party)) is not None
            and output["time"] <= jobs.now()
            for reader, party, table in _tables_read(plan)
        )
    ]
    return success({"count": len(found), "job": found})


def _tables_read(plan: Plan) -> Iterator[tuple[str, Party, Mapping[str, Any]]]:
    """Yield the readers of a job, each with its party and the table that it reads there."""
    for role, per_party in plan.sources.items():
        for party_id, sources in zip(plan.roles.get(role, ()), per_party, strict=False):
            for reader, source in sources.items():
                yield reader, Party.of(role, party_id), source.get("table") or {}
