"""Reader, Upload, Download, ModelStore and ModelRestore: the components that meet the store."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
    order_of,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["download", "model_restore", "model_store", "read", "upload"]

SORTED_UP_TO = 20_000
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
        table = run.read_table(namespace, name)
        if table is None:
            raise ComponentFailed(f"can not found table name: {name} namespace: {namespace}", party)
        table = _in_order(table)
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


def _in_order(table: TableData) -> TableData:
    """Sort a table of moderate size; a large one keeps the order (and the storage) it has."""
    if len(table.records) > SORTED_UP_TO or table.kind != "text":
        return table
    records = list(table.records)
    ordered = sorted(records, key=lambda record: order_of(record[0]))
    return (
        table
        if ordered == records
        else TableData(table.kind, table.schema, ordered, table.partitions)
    )


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


class _Lines:
    """The records of an uploaded file, read as they are asked for."""

    def __init__(self, path: Path, delimiter: str, *, head: bool) -> None:
        self.path, self._delimiter, self._head = path, delimiter, head

    def __len__(self) -> int:
        with self.path.open(encoding="utf-8") as file:
            return sum(1 for _ in file) - self._head

    def __iter__(self) -> Iterator[tuple[str, str]]:
        with self.path.open(encoding="utf-8") as file:
            if self._head:
                file.readline()
            for line in file:
                key, _, value = line.rstrip().partition(self._delimiter)
                yield key, value


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
        delimiter = asked.get("id_delimiter") or ","
        schema: dict[str, Any] = {}
        if head:
            with path.open(encoding="utf-8") as file:
                names = file.readline().split(delimiter)
            schema = {"header": delimiter.join(names[1:]).strip(), "sid": names[0].strip()}
        name, namespace = asked["name"], asked["namespace"]
        table = TableData("text", schema, _Lines(path, delimiter, head=bool(head)), partitions)
        count = run.write_table(namespace, name, table, bool(asked.get("destroy")))
        result = PartyResult(stored=[("upload", namespace, name)])
        result.add_metric("upload", "data_access", _count(count, "upload"))
        results[party] = result
    return results


def _count(count: int, name: str) -> Metric:
    return Metric([["count", count]], {"name": name, "metric_type": name.upper()})


def download(run: ComponentRun) -> dict[Party, PartyResult]:
    """Write a stored table into a file on the server, one record a line."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked = parameter(run, party)
        table = run.read_table(asked["namespace"], asked["name"])
        if table is None:
            raise ComponentFailed("'NoneType' object has no attribute 'count'", party)
        delimiter = asked.get("delimiter") or ","
        with run.locate(asked["output_path"]).open("w", encoding="utf-8") as file:
            for key, value in table.records:
                file.write(f"{key}{delimiter}{value}\n" if value else f"{key}\n")
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
