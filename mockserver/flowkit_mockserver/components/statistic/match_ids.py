"""What the later lines say of an intersection, and intersections of match ids, which several samples may share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Positions, as_ids, positions_of
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["match", "report_count", "told_roles"]

Array = NDArray[Any]


def told_roles(asked: Any) -> set[str]:
    """Return the roles that learn the common ids, or their number."""
    if asked["sync_cardinality" if asked["cardinality_only"] else "sync_intersect_ids"]:
        return {"guest", "host"}
    owner = asked["raw_params"]["join_role"]
    raw = not asked["cardinality_only"] and asked["intersect_method"] == "raw"
    return {owner if raw else "guest"}


def report_count(
    kept: TableData | None,
    own: int,
    common: int | None,
    asked: Any,
    behaviour: Behaviour,
    samples: int | None = None,
) -> PartyResult:
    """Return what a party is told and keeps.

    Args:
        kept: the table it keeps; None for none.
        own: how many ids it has.
        common: how many of them the others have; None if it is not told.
        asked: the parameter of the component.
        behaviour: how the line of the server counts.
        samples: how many samples it keeps, where ids are match ids.
    """
    only_counted = asked["cardinality_only"]
    method = asked["cardinality_method" if only_counted else "intersect_method"]
    if behaviour.hides_raw_ids and method.lower() == "raw":
        method = "ecdh"  # what was exchanged in the clear once goes over curves now
    count: float = -1 if common is None else common
    rate: float = -1 if common is None else common / own
    data = {
        "intersect_count": count,
        **({"input_match_id_count": own} if behaviour.counts_own_ids else {}),
        "intersect_rate": rate,
        "unmatched_count": -1 if common is None else own - common,
        "unmatched_rate": -1 if common is None else 1 - rate,
    }
    if samples is not None:
        data["intersect_sample_id_count"] = samples
    meta = {
        "name": "intersection",
        "metric_type": "INTERSECTION",
        "intersect_method": method,
        "join_method": asked["join_method"],
    }
    result = PartyResult(
        tables=[] if kept is None else [kept],
        summary={
            "intersect_num": count,
            "intersect_rate": rate,
            "cardinality_only": only_counted,
            **({"unique_id_num": own} if behaviour.counts_own_ids else {}),
        },
    )
    metric = Metric([[name, value] for name, value in data.items()], meta)
    result.add_metric("train", "intersection", metric)
    return result


def match(
    tables: Mapping[Party, TableData], asked: Any, behaviour: Behaviour
) -> dict[Party, PartyResult]:
    """Join by match ids: every sample of the owner whose match id all have stays, the others repeat theirs for it.

    A left join keeps all samples of the owner; what the others do not have of them is NaN there, without a label.

    Raises:
        ComponentFailed: it asks for what is not computed here.
    """
    owner = _owner(list(tables), asked)
    if asked["only_output_key"]:
        raise ComponentFailed("this mock server puts out no match ids without values", owner)
    data = {party: Instances.of(table) for party, table in tables.items()}
    ids = {party: as_ids([str(one) for one in _match_ids(own)]) for party, own in data.items()}
    unique = {party: np.unique(its) for party, its in ids.items()}
    for party, its in ids.items():
        if party != owner and len(unique[party]) < len(its):
            raise ComponentFailed(
                "this mock server repeats match ids on the side that makes the sample ids only",
                party,
            )
    common = unique[owner]
    for others in unique.values():
        common = common[positions_of(common, others) >= 0]
    kept = data[owner].take(positions_of(ids[owner], common) >= 0)
    joined = data[owner] if asked.get("join_method") == "left_join" else kept
    wanted = as_ids([str(one) for one in _match_ids(joined)])
    told = told_roles(asked)
    results = {}
    for party, own in data.items():
        taken = joined
        if party != owner:
            places = np.where(
                positions_of(wanted, common) >= 0, positions_of(wanted, ids[party]), -1
            )
            taken = replace(_with_gaps(own, places), ids=joined.ids)
        shown = None if asked["cardinality_only"] or party[0] not in told else taken.table()
        number = len(common) if party[0] in told else None
        samples = len(kept) if shown is not None else -1
        results[party] = report_count(shown, len(unique[party]), number, asked, behaviour, samples)
        if asked["new_sample_id"]:
            results[party].warnings.append("samples keep the ids of their owner")
    return results


def _owner(parties: list[Party], asked: Any) -> Party:
    """Return the party whose samples are kept.

    Raises:
        ComponentFailed: it cannot be that one.
    """
    role = asked["sample_id_generator"]
    if len(parties) > 2 and role != "guest":
        raise ComponentFailed("While multi-host, sample_id_generator should be guest.", parties[0])
    if asked["intersect_method"] == "raw":
        if role != asked["raw_params"]["join_role"]:
            raise ComponentFailed(
                "When using raw intersect with match id process,'join_role' should be same role as"
                " 'sample_id_generator'",
                parties[0],
            )
    elif not asked["sync_intersect_ids"]:
        role = "guest"
    return next(party for party in parties if party[0] == role)


def _with_gaps(own: Instances, places: Positions) -> Instances:
    """Return the samples at `places`; where that is -1, one without values."""
    gaps = places < 0
    rows = own.take(places)
    if not gaps.any():
        return rows
    features = rows.features.copy()
    features[gaps] = np.nan
    return replace(
        rows,
        features=features,
        labels=_emptied(rows.labels, gaps),
        weights=_emptied(rows.weights, gaps),
        match_ids=_emptied(rows.match_ids, gaps),
    )


def _emptied(values: Array | None, gaps: Array) -> Array | None:
    if values is None:
        return None
    found = values.astype(object)
    found[gaps] = None
    return found


def _match_ids(data: Instances) -> list[Any]:
    assert data.match_ids is not None
    found: list[Any] = data.match_ids.tolist()
    return found
