"""Intersection: the ids that guest and hosts have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.blocks import ids_of
from flowkit_mockserver.columns.ids import Ids, as_ids, order_positions, positions_of
from flowkit_mockserver.columns.parts import Constant, Forms, Matrix
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import first_table, parameter, party_order
from flowkit_mockserver.components.statistic.cached_ids import cached_ids, make_caches, tell_method
from flowkit_mockserver.components.statistic.match_ids import match, report_count, told_roles
from flowkit_mockserver.party import Party

__all__ = ["intersect"]

_DATA = ("data", "train_data", "test_data")
_SHARED = "share_info"

Mask = NDArray[np.bool_]


def intersect(run: ComponentRun) -> dict[Party, PartyResult]:
    """Join the ids of all parties; each keeps its own columns of the common samples."""
    tables: dict[Party, TableData] = {}
    for party in run.parties:
        table = first_table(run, party, *_DATA)
        if table is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = table
    asked = parameter(run, party_order(run)[0])
    _refuse_what_is_not_computed(run, tables, asked)
    if asked["repeated_id_process"] and not run.behaviour.counts_match_ids:
        return _with_repeated_ids(tables, asked)
    ids = {party: ids_of(table.records) for party, table in tables.items()}
    if any(run.caches.values()):
        return _with_caches(run, tables, ids, asked)
    if asked.get("run_cache"):
        return make_caches(run, ids, asked)
    common = _common(ids)
    informed = _informed_roles(asked)
    if run.behaviour.counts_match_ids and all(t.schema.get("matched") for t in tables.values()):
        return match(tables, asked, run.behaviour)
    if run.behaviour.counts_match_ids:
        return {
            party: _counted(run, party, table, ids[party], common[party], asked)
            for party, table in tables.items()
        }
    return {
        party: _report(
            table,
            _kept(party[0], table, ids[party], common[party], asked)
            if party[0] in informed
            else None,
        )
        for party, table in tables.items()
    }


def _refuse_what_is_not_computed(
    run: ComponentRun, tables: Mapping[Party, TableData], asked: Any
) -> None:
    guest = party_order(run)[0]
    cached = asked.get("run_cache") or any(run.caches.values())
    if cached and any(table.schema.get("matched") for table in tables.values()):
        raise ComponentFailed("this mock server makes no caches of match ids", guest)
    matched = all(table.schema.get("matched") for table in tables.values())
    if asked.get("join_method", "inner_join") == "left_join" and not matched:
        raise ComponentFailed(
            "Only data with match_id may apply left_join method. Please check input data format",
            guest,
        )


def _with_caches(
    run: ComponentRun, tables: Mapping[Party, TableData], ids: dict[Party, Ids], asked: Any
) -> dict[Party, PartyResult]:
    """Join the ids of the guest and those that hosts have cached; a host may have other samples by now."""
    guest = party_order(run)[0]
    kept, meta = cached_ids(run, guest, asked)
    cached = {host: ids_of(table.records) for host, table in kept.items()}
    shared = _common({guest: ids[guest], **cached})
    common = ids[guest][shared[guest]]
    results = {}
    for party, table in tables.items():
        if party != guest and party[0] not in told_roles(asked):
            # The server counts what the host was not told.
            raise ComponentFailed("'NoneType' object has no attribute 'count'", party)
        own = len(ids[guest] if party == guest else cached[party])
        mask = positions_of(ids[party], common) >= 0
        left = _later_kept(party[0], table, ids[party], mask, asked)
        results[party] = report_count(left, own, len(common), asked, run.behaviour)
        tell_method(results[party], meta)
    return results


def _counted(
    run: ComponentRun, party: Party, table: TableData, ids: Ids, common: Mask, asked: Any
) -> PartyResult:
    told = party[0] in told_roles(asked)
    hidden = asked["cardinality_only"] or not told
    kept = None if hidden else _later_kept(party[0], table, ids, common, asked)
    number = int(common.sum()) if told else None
    return report_count(kept, len(ids), number, asked, run.behaviour)


def _later_kept(role: str, table: TableData, ids: Ids, common: Mask, asked: Any) -> TableData:
    if not asked["only_output_key"]:
        return _kept(role, table, ids, common, asked)
    schema = {"sid_name": table.schema.get("sid_name", "sid"), "header": []}
    return _words(schema, table, ids[common], None)


def _common(ids: dict[Party, Ids]) -> dict[Party, Mask]:
    """Return by party which of its ids all the others have as well."""
    first, *others = ids
    ours = np.ones(len(ids[first]), dtype=np.bool_)
    for party in others:
        ours &= positions_of(ids[first], ids[party]) >= 0
    shared = ids[first][ours]
    found = {party: positions_of(ids[party], shared) >= 0 for party in others}
    return {first: ours, **found}


def _informed_roles(asked: Any) -> set[str]:
    """Return the roles that learn the common ids."""
    if asked["sync_intersect_ids"]:
        return {"guest", "host"}
    return {"guest" if asked["intersect_method"] == "rsa" else asked["join_role"]}


def _kept(role: str, table: TableData, ids: Ids, common: Mask, asked: Any) -> TableData:
    """Return what a party puts out of its table, of which the rows with `common` ids stay."""
    if asked["allow_info_share"] and role != asked["info_owner"]:
        shares = _SHARED in (table.schema.get("header") or [])
        return _words({"header": [_SHARED]}, table, ids[common], None if shares else "null")
    if asked["only_output_key"]:
        return _words({}, table, ids[common], _key_word(role, asked))
    ordered = bool(table.schema.get("int_keys")) or order_positions(ids) is None
    if table.kind == "instance" and ordered:
        # Where nothing is left out, the table is handed on as it is stored.
        return table if common.all() else Instances.of(table).take(common).table()
    return Instances.of(table).take_ids(ids[common]).table()


def _words(schema: dict[str, Any], table: TableData, ids: Ids, word: Any) -> TableData:
    """Return a table that shows the same word for each of `ids`."""
    records = Columns(ids, [Constant(word, len(ids))])
    if not table.schema.get("int_keys"):
        records = records.in_order()
    return TableData("prediction", schema, records, table.partitions)


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
    real_ids = as_ids([str(row[0]) for row in Matrix(owned.features[:, :1], _first(owned)).cells()])
    common = np.ones(len(owned), dtype=np.bool_)
    for party, taken in data.items():
        if party[0] != owner:
            common &= positions_of(real_ids, taken.ids) >= 0
    results: dict[Party, PartyResult] = {}
    for party, taken in data.items():
        if party[0] == owner:
            kept = taken.take(common).select(range(1, taken.width))
        else:
            rows = taken.take(positions_of(real_ids[common], taken.ids))
            kept = replace(rows, ids=owned.ids[common])
        results[party] = _report(tables[party], kept.table())
    return results


def _first(data: Instances) -> Forms | None:
    return None if data.forms is None else data.forms[:1]
