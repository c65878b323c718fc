"""SampleWeight: how much each sample counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from flowkit_mockserver.columns.parts import values_array
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import (
    instances,
    parameter,
    pass_through,
    switched_off,
)
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["weigh"]


def weigh(run: ComponentRun) -> dict[Party, PartyResult]:
    """Give every sample a weight: of its class, or from a column."""
    resting = [party for party in run.parties if switched_off(run, party)]
    results = pass_through(replace(run, parties=resting))
    active = [party for party in run.parties if party not in resting]
    if not run.behaviour.weighs_samples:
        return results | {party: _weighed(run, party, parameter(run, party)) for party in active}
    for party in resting:
        results[party].model = _saved(parameter(run, party))
    for party in active:
        model = run.models.get(party)
        asked = parameter(run, party) if model is None else _loaded(model)
        result = _weighed(run, party, asked)
        if result.metrics:
            meta = result.metrics["train"]["sample_weight"].meta
            data = instances(run, party, "data", "train_data", "test_data")
            header = [] if data is None else data.header
            result.model = model or _saved(asked, header, meta)
        results[party] = result
    return results


def _saved(
    asked: Mapping[str, Any], header: Sequence[str] = (), meta: Mapping[str, Any] | None = None
) -> Model:
    """Return the model that the later lines save, also where samples are not weighed.

    Args:
        asked: the parameter of the component.
        header: the columns of the table.
        meta: of the metric that tells the weights; None where there are none.
    """
    known = meta or {"weight_mode": "", "class_weight": {}}
    return saved_model(
        "SampleWeight",
        message(
            "SampleWeightModelMeta",
            sampleWeightName=asked["sample_weight_name"],
            normalize=asked["normalize"],
            needRun=meta is not None,
        ),
        message(
            "SampleWeightModelParam",
            header=list(header),
            weightMode=known["weight_mode"],
            classWeight=known["class_weight"],
        ),
    )


def _loaded(model: Model) -> dict[str, Any]:
    named = model.param["weightMode"] == "sample weight name"
    return {
        "class_weight": None if named else model.param["classWeight"],
        "sample_weight_name": model.meta["sampleWeightName"] if named else None,
        "normalize": model.meta["normalize"],
    }


def _weighed(run: ComponentRun, party: Party, asked: Mapping[str, Any]) -> PartyResult:
    data = instances(run, party, "data", "train_data", "test_data")
    if data is None:
        raise ComponentFailed("input data is None", party)
    by_class, column = asked["class_weight"], asked["sample_weight_name"]
    if column is None and by_class is None:
        return PartyResult([data.table()])
    if column and column not in data.header:
        raise ComponentFailed(
            f"Cannot find weight column of given sample_weight_name '{column}'.", party
        )
    labels = np.full(len(data), None, dtype=object) if data.labels is None else data.labels
    names, places, counts = _classes(labels)
    if by_class == "balanced":
        by_class = {
            name: len(data) / (len(counts) * count)
            for name, count in zip(names, counts, strict=True)
        }
    if by_class is not None:
        by_class = {str(name): weight for name, weight in by_class.items()}
    if column:
        weights = data.column(column).astype(np.float64)
        if asked["normalize"]:
            weights = weights / (weights.sum() / len(data))
        weighted = replace(data.without(column), weights=weights)
    else:
        weighted = _by_class(data, names, places, by_class)
    meta: dict[str, Any] = {
        "name": "train",
        "metric_type": "SAMPLE_WEIGHT",
        "weight_mode": "sample weight name" if column else "class weight",
        "class_weight": by_class,
        "classes": None if by_class is None else sorted(by_class),
        "sample_weight_name": column,
    }
    result = PartyResult([weighted.table()])
    result.add_metric("train", "sample_weight", Metric([["sample_weight", 0]], meta))
    return result


def _classes(labels: Any) -> tuple[list[str], Any, list[int]]:
    """Return the names of the labels, the number of the label of each sample, and how often each occurs."""
    if labels.dtype == object:
        labels = np.array([str(label) for label in labels.tolist()], dtype=np.str_)
    found, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return [str(label) for label in found.tolist()], places, counts.tolist()


def _by_class(data: Instances, names: list[str], places: Any, weights: Any) -> Instances:
    by_label = values_array([weights.get(name, 1) for name in names])
    return replace(data, weights=by_label[places])
