"""Union: several tables of one party under each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from flowkit_mockserver.columns.blocks import load
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.core.guards import check_names, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    Records,
    TableData,
    order_of,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["unite"]


def unite(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put the tables of each party together; the first record of a key stays."""
    return {
        party: _united(party, run, keep_duplicate=bool(parameter(run, party)["keep_duplicate"]))
        for party in run.parties
    }


def _named(run: ComponentRun, party: Party) -> list[tuple[str, TableData]]:
    """Return the tables with the names they are counted under: source, data key, place among the source's tables."""
    named: list[tuple[str, TableData]] = []
    places: dict[tuple[str, str], int] = {}
    for key, tables in run.inputs.get(party, {}).items():
        for source, table in tables:
            place = places.get((source, key), 0)
            places[source, key] = place + 1
            named.append((f"{source}.{key}.{place}", table))
    return named


def _check(first: TableData, other: TableData, party: Party) -> None:
    one, two = first.schema, other.schema
    if one.get("sid") != two.get("sid"):
        raise ComponentFailed(
            f"Id names {two.get('sid')} and {one.get('sid')} do not match! "
            "Please check id column names.",
            party,
        )
    if first.kind == "instance" and one.get("label_name") != two.get("label_name"):
        if not one.get("label_name") or not two.get("label_name"):
            raise ComponentFailed(
                "Union try to combine a labeled data set with an unlabelled one."
                "Please check labels.",
                party,
            )
        raise ComponentFailed("Label names do not match. Please check label column names.", party)
    if one.get("header") != two.get("header"):
        raise ComponentFailed("Table headers do not match! Please check header.", party)


def _united(party: Party, run: ComponentRun, *, keep_duplicate: bool) -> PartyResult:
    named = _named(run, party)
    if len(named) <= 1:
        raise ComponentFailed("Union module must receive more than one table as input.", party)
    counts: list[list[Any]] = [[name, len(table.records)] for name, table in named]
    filled = [(name, table) for name, table in named if len(table.records)]
    first = filled[0][1] if filled else named[0][1]
    for _, table in filled:
        if first.kind != table.kind:
            raise ComponentFailed(
                "Cannot combine DataInstance and non-DataInstance object. Union aborted.", party
            )
        if table.kind == "instance" and table.schema.get("header"):
            with guarded(party):
                check_names(table.schema)
        _check(first, table, party)
    records = _merged(first, filled, keep_duplicate=keep_duplicate)
    counts.append(["Total", len(records)])
    result = PartyResult(
        tables=[TableData(first.kind, first.schema, records, first.partitions)],
        summary={str(name): count for name, count in counts},
    )
    result.add_metric("train", "union", Metric(counts, {"name": "union", "metric_type": "UNION"}))
    return result


def _merged(
    first: TableData, filled: list[tuple[str, TableData]], *, keep_duplicate: bool
) -> Records:
    """Return the rows of all tables by id; of several rows with one id the first stays."""
    if first.kind == "text":
        return _merged_text(filled, keep_duplicate=keep_duplicate)
    blocks = []
    for name, table in filled:
        rows = load(table.records)
        if not isinstance(rows, Columns):
            data = Instances.of(table) if table.kind == "instance" else None
            if data is None:
                return _merged_pairs(filled, keep_duplicate=keep_duplicate)
            rows = data.columns()
        ids = np.strings.add(rows.ids, f"_{name}") if keep_duplicate else rows.ids
        blocks.append(Columns(ids, rows.parts))
    if not blocks:
        return []
    rows = Columns.joined(blocks, sum(map(len, blocks)))
    _, earliest = np.unique(rows.ids, return_index=True)
    return rows.take(np.sort(earliest)).in_order()


def _merged_text(filled: list[tuple[str, TableData]], *, keep_duplicate: bool) -> TextRows:
    merged: dict[str, str] = {}
    for name, table in filled:
        for key, line in table.records:
            merged.setdefault(f"{key}_{name}" if keep_duplicate else key, line)
    return TextRows(list(merged), list(merged.values())).in_order()


def _merged_pairs(
    filled: list[tuple[str, TableData]], *, keep_duplicate: bool
) -> list[tuple[str, Any]]:
    merged: dict[str, Any] = {}
    for name, table in filled:
        for key, value in table.records:
            merged.setdefault(f"{key}_{name}" if keep_duplicate else key, value)
    return sorted(merged.items(), key=lambda record: order_of(record[0]))
