"""table/…: what is known of tables, and forgetting them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.errors import Refusal, require_fields
from flowkit_mockserver.http.envelope import (
    request_json,
    success,
)
from flowkit_mockserver.jobs.data_views import component_tables
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("table", __name__, url_prefix="/table")

ENGINES = {
    "STANDALONE",
    "EGGROLL",
    "HDFS",
    "MYSQL",
    "FILE",
    "PATH",
    "HIVE",
    "LINKIS_HIVE",
}
EXISTS = (
    "The data table already exists.If you still want to continue uploading, please add the"
    " parameter -drop.1 means to add again after deleting the table"
)


@blueprint.post("/table_info")
def table_info() -> Response:
    """Describe a table, whether it exists or not (POST table/table_info)."""
    config = request_json()
    name = config.get("name") or config.get("table_name")
    return success(current_state().tables.info(config.get("namespace"), name))


@blueprint.post("/delete")
def delete() -> Response:
    """Forget a table (POST table/delete); filters by job are ignored, as on the real server."""
    config = request_json()
    name, namespace = config.get("table_name"), config.get("namespace")
    if not current_state().tables.delete(namespace, name):
        raise Refusal("no find table", 101)
    return success({"table_name": name, "namespace": namespace})


@blueprint.post("/list")
def list_tables() -> Response:
    """List the tables that each component of a job takes and puts out (POST table/list)."""
    config = request_json()
    require_fields(config, ("job_id", "role", "party_id"))
    state = current_state()
    rows = state.jobs.queries.find_jobs(config)
    if not rows:
        raise Refusal("no find job", 101)
    row = rows[0]
    return success(component_tables(row.plan(), row.party, state.jobs.tracker, state.tables))


@blueprint.post("/add")
@blueprint.post("/bind")
def bind() -> Response:
    """Register a table whose data lies elsewhere (POST table/bind, table/add)."""
    config = request_json()
    require_fields(
        config, ("engine", "address", "namespace", "name", ("head", (0, 1)), "id_delimiter")
    )
    tables = current_state().tables
    if config["engine"] not in ENGINES:
        # The real server looks for the fields of the address, and has no class for it.
        raise Refusal("'method-wrapper' object has no attribute '__code__'")
    namespace, name = config["namespace"], config["name"]
    if tables.get(namespace, name) is not None and int(config.get("drop", 0)) != 1:
        raise Refusal(EXISTS)
    schema: dict[str, Any] = {}
    if config.get("id_name") and config.get("feature_name"):
        schema = {"header": config["feature_name"], "sid": config["id_name"]}
    tables.bind(namespace, name, schema, config.get("partitions"))
    return success({"table_name": name, "namespace": namespace})


@blueprint.post("/<word>")
def anything(word: str) -> Response:
    """Succeed at nothing, as the real server does for any other word."""
    return success()
