"""Intersection: the ids that guest and hosts have in common."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
    order_of,
)
from flowkit_mockserver.components.core.run import first_table, parameter, party_order
from flowkit_mockserver.party import Party

__all__ = ["intersect"]

_DATA = ("data", "train_data", "test_data")
_SHARED = "share_info"


def intersect(run: ComponentRun) -> dict[Party, PartyResult]:
    """Join the ids of all parties; each keeps its own columns of the common samples."""
    tables: dict[Party, TableData] = {}
    for party in run.parties:
        table = first_table(run, party, *_DATA)
        if table is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = table
    asked = parameter(run, party_order(run)[0])
    if asked["repeated_id_process"]:
        return _with_repeated_ids(tables, asked)
    common: set[str] = set.intersection(
        *({key for key, _ in table.records} for table in tables.values())
    )
    informed = _informed_roles(asked)
    return {
        party: _report(
            table,
            _kept(party[0], table, common, asked) if party[0] in informed else None,
        )
        for party, table in tables.items()
    }


def _informed_roles(asked: Any) -> set[str]:
    """Return the roles that learn the common ids."""
    if asked["sync_intersect_ids"]:
        return {"guest", "host"}
    return {"guest" if asked["intersect_method"] == "rsa" else asked["join_role"]}


def _kept(role: str, table: TableData, common: set[str], asked: Any) -> TableData:
    keys_only = asked["only_output_key"]
    if asked["allow_info_share"] and role != asked["info_owner"]:
        header = table.schema.get("header") or []
        shares = _SHARED in header
        schema: dict[str, Any] = {"header": [_SHARED]}
        value: list[Any] = ["null"] if not shares else [None]
        records = [(key, value) for key in _ordered(table) if key in common]
        return TableData("prediction", schema, records, table.partitions)
    if keys_only:
        word = _key_word(role, asked)
        records = [(key, [word]) for key in _ordered(table) if key in common]
        return TableData("prediction", {}, records, table.partitions)
    data = Instances.of(table)
    return data.take([i for i, key in enumerate(data.keys) if key in common]).table()


def _ordered(table: TableData) -> list[str]:
    """Return the ids of a table, be it one of instances or as it was uploaded."""
    if table.schema.get("int_keys"):
        return [key for key, _ in table.records]
    return sorted((key for key, _ in table.records), key=order_of)


def _key_word(role: str, asked: Any) -> Any:
    """Return what stands for the value of a sample of which only the id is put out."""
    if asked["intersect_method"] == "raw":
        return "intersect_id"
    unified = not asked["rsa_params"]["split_calculation"]
    return "id" if role == "host" and unified else 1


def _report(table: TableData, kept: TableData | None) -> PartyResult:
    count: int = -1
    rate: float = -1
    if kept is not None:
        count = len(kept.records)
        rate = count / len(table.records)
    result = PartyResult(
        tables=[] if kept is None else [kept],
        summary={"intersect_num": count, "intersect_rate": rate},
    )
    result.add_metric(
        "train",
        "intersection",
        Metric(
            [["intersect_count", count], ["intersect_rate", rate]],
            {"name": "intersection", "metric_type": "INTERSECTION"},
        ),
    )
    return result


def _with_repeated_ids(tables: dict[Party, TableData], asked: Any) -> dict[Party, PartyResult]:
    """Join where the owner's first feature is the real id, which may occur several times.

    Every sample of the owner whose real id the others have is kept under its own key; the partners' rows are repeated
    under the owner's keys.
    """
    owner = asked["repeated_id_owner"]
    data = {party: Instances.of(table) for party, table in tables.items()}
    owned = next(taken for party, taken in data.items() if party[0] == owner)
    real_ids = [str(row[0]) for row in owned.rows]
    partners = [set(taken.keys) for party, taken in data.items() if party[0] != owner]
    common = set(real_ids).intersection(*partners)
    pairs = [(i, real_id) for i, real_id in enumerate(real_ids) if real_id in common]
    results: dict[Party, PartyResult] = {}
    for party, taken in data.items():
        if party[0] == owner:
            kept = taken.take([i for i, _ in pairs])
            kept = kept.with_rows([row[1:] for row in kept.rows], kept.header[1:])
        else:
            at = {key: i for i, key in enumerate(taken.keys)}
            rows = taken.take([at[real_id] for _, real_id in pairs])
            kept = Instances(
                [owned.keys[i] for i, _ in pairs],
                rows.rows,
                rows.labels,
                rows.weights,
                rows.header,
                rows.extra,
                rows.partitions,
            )
        results[party] = _report(tables[party], kept.table())
    return results
