"""PositiveUnlabeled: samples without a label that a model is sure of become positive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.predict_output import stored_predictions
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["convert_unlabeled"]

_COUNT = "count of converted unlabeled"


def _chosen(
    labels: NDArray[Any], scores: NDArray[np.float64], asked: Mapping[str, Any]
) -> NDArray[np.bool_]:
    """Return which samples become positive: some of those whose label is 0."""
    unlabeled: NDArray[np.bool_] = labels == 0
    strategy, threshold = asked["strategy"], asked["threshold"]
    if strategy == "probability":
        sure: NDArray[np.bool_] = unlabeled & (scores >= threshold)
        return sure
    order = np.argsort(-scores, kind="stable")
    if strategy == "quantity":
        best = order[unlabeled[order]][: int(threshold)]
    else:
        # By distribution the server takes a share of a share for a number of samples, which is 0 nearly always.
        of = int(unlabeled.sum()) / len(labels) if strategy == "distribution" else len(labels)
        best = order[: int(of * threshold)]
    chosen = np.zeros(len(labels), dtype=np.bool_)
    chosen[best] = True
    return chosen & unlabeled


def _convert(tables: list[TableData], asked: Mapping[str, Any]) -> tuple[Instances, int]:
    """Return the guest's samples with their new labels, and how many of them changed."""
    predicted = next(table for table in tables if table.kind == "prediction")
    data = Instances.of(next(table for table in tables if table.kind == "instance"))
    ids, said, _ = stored_predictions(predicted)
    chosen = _chosen(said.labels, said.scores.astype(np.float64), asked)
    labels = np.where(chosen, 1, said.labels.astype(np.int64))
    places = positions_of(data.ids, ids)
    kept = data.take(np.flatnonzero(places >= 0))
    new = np.empty(len(kept), dtype=object)
    new[:] = labels[places[places >= 0]].tolist()
    return replace(kept, labels=new), int(chosen.sum())


def convert_unlabeled(run: ComponentRun) -> dict[Party, PartyResult]:
    """Convert labels on the guest; a host hands its table on."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        tables = [table for _, table in run.inputs.get(party, {}).get("data", [])]
        if not tables:
            raise ComponentFailed("input data is None", party)
        if party[0] != "guest":
            results[party] = PartyResult([tables[0]])
            continue
        try:
            data, count = _convert(tables, parameter(run, party))
        except (StopIteration, TypeError, ValueError) as problem:
            text = str(problem) or "a table of samples and one of predictions are needed"
            raise ComponentFailed(text, party) from problem
        result = PartyResult([data.table()], summary={_COUNT: count})
        meta = {"name": "positive_unlabeled", "metric_type": "PU_MODEL"}
        result.add_metric("train", "positive_unlabeled", Metric([[_COUNT, count]], meta))
        results[party] = result
    return results
