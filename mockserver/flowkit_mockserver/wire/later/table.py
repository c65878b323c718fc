"""table/…: what is known of tables, where they come from, and forgetting them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.columns.lines import EXTENDED_SID
from flowkit_mockserver.columns.meta import column_meta
from flowkit_mockserver.data.archives import output_archive
from flowkit_mockserver.data.tables import Table
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.wire.dispatch import NO_RESPONSE, current_state
from flowkit_mockserver.wire.later.addresses import connection_of, full_address
from flowkit_mockserver.wire.later.data import EXISTS

__all__ = ["blueprint"]

blueprint = Blueprint("later_table", __name__, url_prefix="/table")

#: What the description of a table tells on every line.
_TABLE_FACTS = ("table_name", "namespace", "exist", "count", "partition", "schema")
#: The longest preview.
PREVIEW_ROWS = 100

#: What the lines that lack a package of an engine say: engine → package. The package of EggRoll comes with a cluster.
_ABSENT_PACKAGES = {"EGGROLL": "eggroll"}


@blueprint.post("/connector/create")
def create_connector() -> Response:
    """Keep how to reach an engine (POST table/connector/create)."""
    config = request_json()
    kept = connection_of(config.get("engine"), config.get("connector_info") or {})
    current_state().store.collection("connectors")[str(config.get("connector_name"))] = kept
    return success()


@blueprint.post("/connector/query")
def query_connector() -> Response:
    """Tell how to reach an engine (POST table/connector/query)."""
    name = str(request_json().get("connector_name"))
    return success(current_state().store.collection("connectors").get(name, {}))


@blueprint.post("/add")
@blueprint.post("/bind")
def bind() -> Response:
    """Register a table whose data lies elsewhere (POST table/bind, table/add)."""
    config = request_json()
    state = current_state()
    tables, dialect = state.tables, state.dialect
    engine, partitions = config["engine"], config.get("partitions")
    connectors = state.store.collection("connectors")
    address = full_address(engine, config["address"], connectors)
    namespace, name = config["namespace"], config["name"]
    if tables.get(namespace, name) is not None and int(config.get("drop", 0)) != 1:
        raise Refusal(EXISTS)
    tables.delete(namespace, name)
    if engine in _ABSENT_PACKAGES:
        raise ModuleNotFoundError(f"No module named '{_ABSENT_PACKAGES[engine]}'")
    if engine == "MYSQL":
        text = (
            f"Can't connect to MySQL server on '{address['host']}' ([Errno 111] Connection refused)"
        )
        raise Refusal("2003", data=text)
    if engine == "STANDALONE" and dialect.checks_partitions and not isinstance(partitions, int):
        raise AssertionError
    numbered = bool(config.get("extend_sid")) and dialect.reworked
    schema, given = _bound_schema(config), dict(config.get("schema", {}))
    if dialect.reworked:
        if config.get("with_meta"):
            given["meta"] = column_meta(config.get("meta") or {}, numbered=numbered)
        schema |= given
    tables.bind(namespace, name, schema, partitions)
    tables.note(
        namespace,
        name,
        origin="table_bind",
        address=address,
        extend_sid=config.get("extend_sid", False),
    )
    if numbered:
        if not dialect.guards_meta:
            given = config.get("schema", {})
        tables.set_schema(namespace, name, _numbered_schema(config) | given)
    return success({"table_name": name, "namespace": namespace})


def _bound_schema(config: Any) -> dict[str, Any]:
    sid = config.get("id_column") or config.get("id_name")
    header = config.get("feature_column") or config.get("feature_name")
    return {"header": header or "", "sid": sid} if sid else {}


def _numbered_schema(config: Any) -> dict[str, Any]:
    """Return the schema of a bound table whose rows are numbered: the names of all columns are its header."""
    if not (names := _bound_schema(config)):
        raise AttributeError("'NoneType' object has no attribute 'update'")
    sid, header, delimiter = names["sid"], names["header"], config.get("id_delimiter")
    if header and delimiter is None:
        raise AttributeError("'NoneType' object has no attribute 'join'")
    joined = delimiter.join([sid, header]) if header else sid
    return {"header": joined, "sid": EXTENDED_SID, "extend_tag": True}


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
    table = _find(config)
    limit = config.get("limit") or PREVIEW_ROWS
    tables = current_state().tables
    rows = [
        [str(cell) for cell in row]
        for row in tables.first_rows(table, min(int(limit), PREVIEW_ROWS))
    ]
    header = table.header() if table.schema.get("header") or table.schema.get("sid") else []
    # The first column is called as the upload called it.
    sid = table.schema.get("sid")
    return success({"data": rows, "header": [sid or header[0], *header[1:]] if header else []})


@blueprint.get("/download")
def download() -> Response:
    """Send a table as an archive (GET table/download)."""
    config = request_json()
    table = _find(config)
    state = current_state()
    archive = output_archive(
        [("table", table)],
        head=bool(config.get("head", True)),
        now=state.clock.now(),
        sid=True,
        quoted=state.dialect.quoted_details,
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
    name, namespace = config.get("table_name") or config.get("name"), config.get("namespace")
    tables = current_state().tables
    disabled = request.path.rstrip("/").endswith("disable")
    found = [
        table
        for table in tables
        if (name is None or table.name == name)
        and (namespace is None or table.namespace == namespace)
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
    given = dict(config.get("schema") or {})
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
    if current_state().tables.get(namespace, name) is None:
        raise Refusal(f"no found table: table name {name}, table namespace {namespace}")
    return success([])


@blueprint.post("/tracking/job")
def tracking_job() -> Response:
    """Name the jobs that read a table (POST table/tracking/job)."""
    config = request_json()
    name, namespace = config["table_name"], config["namespace"]
    store = current_state().jobs.store
    found = []
    for job_id in store:
        plan = store.plan(job_id)
        job = store.get(job_id)
        if plan is None or job is None or not job.attempts:
            continue
        read = [
            source.get("table") or {}
            for per_party in plan.sources.values()
            for sources in per_party
            for source in sources.values()
        ]
        if any(one.get("name") == name and one.get("namespace") == namespace for one in read):
            found.append(job_id)
    return success({"count": len(found), "job": found})
