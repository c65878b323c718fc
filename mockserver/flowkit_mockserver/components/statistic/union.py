"""Union: several tables of one party under each other."""

from __future__ import annotations

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
    if first.kind != other.kind:
        raise ComponentFailed(
            "Cannot combine DataInstance and non-DataInstance object. Union aborted.", party
        )
    one, two = first.schema, other.schema
    if one.get("sid") != two.get("sid"):
        raise ComponentFailed(
            f"Id names {two.get('sid')} and {one.get('sid')} do not match! "
            "Please check id column names.",
            party,
        )
    if first.kind == "instance" and one.get("label_name") != two.get("label_name"):
        raise ComponentFailed("Label names do not match. Please check label column names.", party)
    if one.get("header") != two.get("header"):
        raise ComponentFailed("Table headers do not match! Please check header.", party)


def _united(party: Party, run: ComponentRun, *, keep_duplicate: bool) -> PartyResult:
    named = _named(run, party)
    if len(named) <= 1:
        raise ComponentFailed("Union module must receive more than one table as input.", party)
    first = named[0][1]
    counts: list[list[Any]] = []
    merged: dict[str, Any] = {}
    for name, table in named:
        counts.append([name, len(table.records)])
        _check(first, table, party)
        for key, value in table.records:
            merged.setdefault(f"{key}_{name}" if keep_duplicate else key, value)
    counts.append(["Total", len(merged)])
    records = sorted(merged.items(), key=lambda record: order_of(record[0]))
    result = PartyResult(
        tables=[TableData(first.kind, first.schema, records, first.partitions)],
        summary={str(name): count for name, count in counts},
    )
    result.add_metric("train", "union", Metric(counts, {"name": "union", "metric_type": "UNION"}))
    return result
