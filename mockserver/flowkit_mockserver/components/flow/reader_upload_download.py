"""Reader, Upload, Download, ModelStore and ModelRestore: the components that meet the store."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flowkit_mockserver.columns.blocks import blocks_of
from flowkit_mockserver.columns.lines import EXTENDED_SID, UploadLines
from flowkit_mockserver.columns.meta import column_meta
from flowkit_mockserver.columns.text import TextRows, storage_order
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["download", "model_restore", "model_store", "read", "upload"]

PREVIEW_ROWS = 100
SHOWN_VALUES = 5
MAX_PARTITIONS = 1024


def read(run: ComponentRun) -> dict[Party, PartyResult]:
    """Copy a stored table into the job, with a glance at its columns as metric."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        table_key, address = next(iter(parameter(run, party).items()), ("table", None))
        if not isinstance(address, Mapping):
            raise ComponentFailed("'NoneType' object is not subscriptable", party)
        name, namespace = address["name"], address["namespace"]
        table = run.read_table(namespace, name, party)
        if table is None:
            raise ComponentFailed(f"can not found table name: {name} namespace: {namespace}", party)
        table = _in_order(table)
        if run.behaviour.keeps_names:
            table = _with_sid_name(table)
        result = PartyResult(tables=[table], data_names=None if run.aliases else [table_key])
        meta = {
            "name": "reader",
            "metric_type": "data_info",
            "table_name": name,
            "namespace": namespace,
            "table_info": _glance(table, random.Random(run.seed)),
            "partitions": table.partitions,
            "storage_engine": "STANDALONE",
            "count": len(table.records),
        }
        result.add_metric("reader_namespace", "reader_name", Metric([], meta))
        results[party] = result
    return results


def _with_sid_name(table: TableData) -> TableData:
    """Return a table that calls its ids as the upload did, which may be nothing at all."""
    if table.kind != "text":
        return table
    named = {"header": "", "sid": "", **table.schema}
    return replace(table, schema={**named, "sid_name": named["sid"]})


def _in_order(table: TableData) -> TableData:
    """Return a table in the order of the storage; the same object when it is in it, as an uploaded one is."""
    if table.kind != "text":
        return table
    last: tuple[int, str] | None = None
    for block in blocks_of(table.records):
        if not isinstance(block, TextRows) or not block.ordered():
            break
        if len(block) and last is not None and storage_order(block.keys[0]) < last:
            break
        last = storage_order(block.keys[-1]) if len(block) else last
    else:
        return table
    rows = TextRows(*map(list, zip(*table.records, strict=True)))
    return replace(table, records=rows.in_order())


def _glance(table: TableData, chance: random.Random) -> dict[str, str]:
    """Return up to five distinct values of each column of the preview, in no particular order."""
    header = table.schema.get("header")
    if table.kind != "text" or not header:
        return {}
    seen: list[dict[str, None]] = [{} for _ in header.split(",")]
    for position, (_, line) in enumerate(table.records):
        if position == PREVIEW_ROWS:
            break
        for column, value in zip(seen, line.split(","), strict=False):
            column[value] = None
    glance = {}
    for name, values in zip(header.split(","), seen, strict=True):
        chosen = chance.sample(list(values), min(SHOWN_VALUES, len(values)))
        glance[name] = ",".join(chosen)
    return glance


def upload(run: ComponentRun) -> dict[Party, PartyResult]:
    """Store a file of lines as a table; later duplicates of a key overwrite earlier ones."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked = parameter(run, party)
        path = run.locate(asked["file"])
        if not path.is_file():
            raise ComponentFailed(
                f"{asked['file']} is not exist, please check the configure", party
            )
        if path.stat().st_size == 0:
            raise ComponentFailed(f"{asked['file']} is an empty file", party)
        head, partitions = asked["head"], asked["partition"]
        if head not in {0, 1}:
            raise ComponentFailed("'head' in conf.json should be 0 or 1", party)
        if not 0 < partitions < MAX_PARTITIONS:
            raise ComponentFailed(
                f"Error number of partition, it should between 0 and {MAX_PARTITIONS}", party
            )
        delimiter = asked.get("id_delimiter", ",")
        if run.behaviour.keeps_names and asked.get("with_meta"):
            delimiter = asked["meta"].get("delimiter", ",")
        if not delimiter:
            raise ComponentFailed("empty separator", party)
        name, namespace = asked["name"], asked["namespace"]
        if run.behaviour.keeps_names and not (name and namespace):
            # Until 1.9 a table may have no name.
            raise ComponentFailed("'NoneType' object has no attribute 'update_metas'", party)
        numbered = _numbered(asked, f"{run.seed} {namespace} {name}")
        # Until 1.9 a key that the upload gave was called as any other.
        called = EXTENDED_SID if run.behaviour.keeps_names else "sid"
        lines = UploadLines(path, bool(head), delimiter, numbered=numbered, numbered_name=called)
        schema: dict[str, Any] = lines.schema
        if asked.get("with_meta"):
            schema = {
                "header": "",
                "sid": "",
                **schema,
                "meta": column_meta(asked.get("meta", {}), numbered=numbered is not None),
            }
        table = TableData("text", schema, lines, partitions)
        count = run.write_table(namespace, name, table, bool(asked.get("destroy")))
        result = PartyResult(stored=[("upload", namespace, name)])
        result.add_metric("upload", "data_access", _count(count, "upload"))
        results[party] = result
    return results


def _numbered(asked: Mapping[str, Any], seed: str) -> str | None:
    """Return what stands before the number of a line in its key; None when each line brings its own key."""
    if not asked.get("extend_sid"):
        return None
    if asked.get("auto_increasing_sid"):
        return ""
    return UUID(int=random.Random(seed).getrandbits(128), version=1).hex


def _count(count: int, name: str) -> Metric:
    return Metric([["count", count]], {"name": name, "metric_type": name.upper()})


def download(run: ComponentRun) -> dict[Party, PartyResult]:
    """Write a stored table into a file on the server, one record a line."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked = parameter(run, party)
        table = run.read_table(asked["namespace"], asked["name"], party)
        if table is None:
            raise ComponentFailed("'NoneType' object has no attribute 'count'", party)
        delimiter = asked.get("delimiter") or ","
        lines = (
            f"{key}{delimiter}{value}\n" if value else f"{key}\n" for key, value in table.records
        )
        run.write_file(asked["output_path"], lines)
        result = PartyResult()
        result.add_metric("download", "data_access", _count(len(table.records), "download"))
        results[party] = result
    return results


def _model_storage(
    run: ComponentRun, act: Callable[[Mapping[str, Any]], None]
) -> dict[Party, PartyResult]:
    for party in run.parties:
        asked = parameter(run, party)
        if not isinstance(asked.get("store_address"), Mapping):
            raise ComponentFailed("'NoneType' object is not subscriptable", party)
        try:
            act(asked)
        except (LookupError, OSError, RuntimeError, ValueError) as problem:
            raise ComponentFailed(str(problem), party) from problem
    return {party: PartyResult() for party in run.parties}


def model_store(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put a pipelined model into external storage."""
    return _model_storage(run, run.store_model)


def model_restore(run: ComponentRun) -> dict[Party, PartyResult]:
    """Fetch a pipelined model back from external storage."""
    return _model_storage(run, run.restore_model)
