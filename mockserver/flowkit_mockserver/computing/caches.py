"""Caches: the ids that a component keeps for later jobs, and how they are filed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict

from flowkit_mockserver.components.core.interface import Cache
from flowkit_mockserver.computing.access import Access
from flowkit_mockserver.computing.computation import Computation
from flowkit_mockserver.computing.outputs import OutputTable, table_name
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.party import Party

__all__ = ["CACHE_NAMESPACE", "CacheDocument", "find_documents", "keep_cache", "read_cache"]

#: How the namespaces of the tables begin in which ids are kept.
CACHE_NAMESPACE = "output_cache_"


class CacheDocument(TypedDict):
    """A cache: where it was put, what the server knows of it, and its tables by the id of the other party."""

    filed: dict[str, str]
    record: dict[str, Any]
    meta: dict[str, Any]
    tables: dict[str, OutputTable]


def find_documents(
    documents: Iterable[CacheDocument], asked: Mapping[str, Any]
) -> Iterator[CacheDocument]:
    """Yield the caches that the parameters of a CacheLoader name; a key says it all."""
    names = ["cache_key"] if asked.get("cache_key") is not None else list(asked)
    for document in documents:
        filed = {name: value for name, value in document["filed"].items() if name in names}
        if all(asked[name] is None or str(asked[name]) == value for name, value in filed.items()):
            yield document


def read_cache(access: Access, document: CacheDocument, party: Party) -> Cache:
    """Return a cache of a party with its tables, as far as they are still there."""
    found = {
        party_id: access.read_table(at["namespace"], at["name"], party)
        for party_id, at in document["tables"].items()
    }
    tables = {party_id: table for party_id, table in found.items() if table is not None}
    return Cache(tables, document["meta"], document["record"])


def keep_cache(
    tables: Tables, computation: Computation, task_id: str, party: Party, cache: Cache
) -> CacheDocument:
    """Store a cache; of one that a component only hands on it is told where it came from.

    Args:
        tables: the tables of the server.
        computation: the task that put it out.
        task_id: the id of the task.
        party: the party.
        cache: the cache.
    """
    job_id, component = computation.job_id, computation.component
    alias = next(iter(computation.plan.graph.cache_outputs(component)), "0")
    key = table_name(computation.key, party, alias)
    own = {
        "name": alias,
        "key": key,
        "job_id": job_id,
        "component_name": component,
        "task_id": task_id,
        "task_version": computation.version,
    }
    namespace = f"{CACHE_NAMESPACE}{task_id}_{computation.version}"
    kept: dict[str, OutputTable] = {}
    for party_id, table in cache.tables.items():
        name = f"{table_name(namespace, party, alias)}_{party_id}"
        tables.put(table, namespace, name, table.partitions)
        kept[party_id] = {"data_name": alias, "namespace": namespace, "name": name}
    return {
        "filed": {
            "cache_key": key,
            "job_id": job_id,
            "component_name": component,
            "cache_name": alias,
        },
        "record": {**own, **cache.record, "key": key},
        "meta": {party_id: dict(entry) for party_id, entry in cache.meta.items()},
        "tables": kept,
    }
