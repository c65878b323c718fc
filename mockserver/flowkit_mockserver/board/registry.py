"""The pages of tables, models and tags.

Servers have no list of their tables or models: those are shown that the newest jobs name in their configurations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flask import abort

from flowkit import FlowClient, OperationError
from flowkit_mockserver.board.blueprint import argument, board, render
from flowkit_mockserver.board.reading import Job, newest_jobs
from flowkit_mockserver.board.source import attempt, current_client

__all__ = ["model", "models", "table", "tables", "tables_named", "tags"]

TableName = tuple[str, str]
#: So many of the tables that jobs name are shown.
MOST_TABLES = 100
MOST_TAGS = 200


@board.get("/tables")
def tables() -> str:
    """The tables that the newest jobs name, and a form for any other."""
    client = current_client()
    used: dict[TableName, list[Job]] = {}
    for job in newest_jobs(client):
        for name in dict.fromkeys(tables_named(job.conf)):
            used.setdefault(name, []).append(job)
    shown = [
        (name, jobs, attempt(client.table.info, *name))
        for name, jobs in islice(used.items(), MOST_TABLES)
    ]
    return render("tables.html", tables=shown, left_out=len(used) - len(shown))


def tables_named(value: Any) -> Iterator[TableName]:
    """Yield namespace and name of each table that a configuration names."""
    if isinstance(value, Mapping):
        namespace, name = value.get("namespace"), value.get("name", value.get("table_name"))
        if isinstance(namespace, str) and isinstance(name, str) and namespace and name:
            yield namespace, name
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from tables_named(inner)


@board.get("/table")
def table() -> str:
    """One table, and the jobs that name it."""
    client = current_client()
    name = argument("namespace"), argument("name")
    info = client.table.info(*name).data
    jobs = [job for job in newest_jobs(client) if name in tables_named(job.conf)]
    schema = info.get("schema") or {}
    return render("table.html", name=name, info=info, schema=schema, jobs=jobs)


@board.get("/models")
def models() -> str:
    """The models that the newest jobs made or used."""
    found: dict[tuple[str, str], list[Job]] = {}
    for job in newest_jobs(current_client()):
        if job.model_id:
            found.setdefault((job.model_id, job.model_version), []).append(job)
    return render("models.html", models=found)


@board.get("/model")
def model() -> str:
    """One model: its part on each party, and its tags."""
    client = current_client()
    model_id, version = argument("model_id"), argument("model_version")
    info = attempt(client.model.get_model_info, model_id, version)
    names = attempt(_tags_of, client, version)
    jobs = [job for job in newest_jobs(client) if job.model_version == version]
    if not info.value and not jobs:
        abort(404, info.problem or f"there is no model {model_id}, version {version}")
    return render(
        "model.html", model_id=model_id, version=version, info=info, tags=names, jobs=jobs
    )


def _tags_of(client: FlowClient, version: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = client.model.tag_list(version).data.get("tags", [])
    return found


@board.get("/tags")
def tags() -> str:
    """The tags, and the models that bear one of them."""
    client = current_client()
    listed = client.tag.list(MOST_TAGS).data.get("tags", [])
    chosen = argument("tag", "")
    bearers = attempt(_bearers, client, chosen) if chosen else None
    return render("tags.html", tags=listed, chosen=chosen, bearers=bearers, most=MOST_TAGS)


def _bearers(client: FlowClient, tag: str) -> list[Mapping[str, Any]]:
    try:
        found: list[Mapping[str, Any]] = client.tag.query(tag, with_model=True).data["models"]
    except OperationError as error:
        if error.retcode == 100:
            return []
        raise
    return found
