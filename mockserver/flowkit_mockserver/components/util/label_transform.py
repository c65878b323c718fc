"""LabelTransform: labels become others, and those of predictions become what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from flowkit_mockserver.columns.parts import Constant, Values, values_array
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.predict_output import (
    PREDICTION_HEADER,
    stored_predictions,
)
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["transform_labels"]

_TYPES = {"int": int, "int64": int, "long": int, "float": float, "float64": float, "double": float}
Encoder = dict[Any, Any]


def _typed(text: Any, kind: str | None) -> Any:
    return _TYPES.get(kind or "str", str)(text)


def _labels_of(table: TableData) -> list[Any]:
    """Return the labels of a table, sorted; of predictions, what was true and what was said."""
    if table.kind == "prediction":
        _, said, _ = stored_predictions(table)
        return sorted({*said.labels.tolist(), *said.results.tolist()})
    labels = Instances.of(table).labels
    if labels is None:
        raise ValueError("None not found in given label encoder")
    return sorted(set(labels.tolist()))


def _fitted(table: TableData, asked: Mapping[str, Any]) -> Encoder:
    """Return label → new label: what the user gave, with labels that it lacks kept, or numbers from 0 on."""
    labels = _labels_of(table)
    given: dict[str, Any] | None = asked["label_encoder"] or None
    if given is None:
        return {label: number for number, label in enumerate(labels)}
    encoder: dict[str, Any] = {str(label): new for label, new in given.items()}
    known: Sequence[Any] = asked["label_list"] or labels
    kinds = {str(label): type(label).__name__ for label in known}
    if len(labels) != len(encoder):
        missing = [label for label in labels if str(label) not in encoder]
        encoder.update((str(label), label) for label in missing)
        kinds.update((str(label), type(label).__name__) for label in missing)
    return {_typed(label, kinds.get(label)): new for label, new in encoder.items()}


def _loaded(model: Model) -> Encoder:
    param = model.param
    return {
        _typed(label, param["encoderKeyType"].get(label)): _typed(
            new, param["encoderValueType"].get(label)
        )
        for label, new in param["labelEncoder"].items()
    }


def _saved(encoder: Encoder) -> Model:
    param = message(
        "LabelTransformParam",
        labelEncoder={str(label): str(new) for label, new in encoder.items()},
        encoderKeyType={str(label): type(label).__name__ for label in encoder},
        encoderValueType={str(label): type(new).__name__ for label, new in encoder.items()},
    )
    return saved_model("LabelTransform", message("LabelTransformMeta", needRun=True), param)


def _resting(asked: Mapping[str, Any]) -> Model:
    given = asked["label_encoder"] or {}
    encoder = {str(label): str(new) for label, new in given.items()}
    param = message("LabelTransformParam", labelEncoder=encoder)
    return saved_model("LabelTransform", message("LabelTransformMeta", needRun=False), param)


def _new_labels(labels: Sequence[Any], encoder: Encoder) -> Any:
    if missing := [label for label in labels if encoder.get(label) is None]:
        raise ValueError(f"{missing[0]} not found in given label encoder")
    return values_array([encoder[label] for label in labels])


def _transformed(table: TableData, encoder: Encoder) -> TableData:
    if table.kind != "prediction":
        data = Instances.of(table)
        if data.labels is None:
            raise ValueError("None not found in given label encoder")
        return replace(data, labels=_new_labels(data.labels.tolist(), encoder)).table()
    if list(table.schema.get("header") or []) != PREDICTION_HEADER:
        raise ValueError("this mock server does not transform the labels of clusters")
    ids, said, types = stored_predictions(table)
    if list(said.names) == ["label"]:
        # What a regression says is no label.
        return table
    names = {str(label): str(new) for label, new in encoder.items()}
    new = replace(
        said,
        labels=_new_labels(said.labels.tolist(), encoder),
        results=_new_labels(said.results.tolist(), encoder),
        names=[names[str(name)] for name in said.names],
    )
    modes = np.unique(types.astype(np.str_)).tolist()
    last = Constant(modes[0], len(ids)) if len(modes) == 1 else Values(types)
    return replace(table, records=Columns(ids, [*new.parts(), last]))


def transform_labels(run: ComponentRun) -> dict[Party, PartyResult]:
    """Replace the labels of each party that does not rest, by its parameter or by a fitted model."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked = parameter(run, party)
        table = first_table(run, party, "data", "train_data", "test_data")
        if asked.get("need_run") is False:
            tables = [] if table is None else [table]
            results[party] = PartyResult(tables, model=_resting(asked))
            continue
        if table is None:
            raise ComponentFailed("input data is None", party)
        model = run.models.get(party)
        try:
            encoder = _fitted(table, asked) if model is None else _loaded(model)
            used = encoder
            if model is not None and table.kind == "prediction":
                used = {new: label for label, new in encoder.items()}
            transformed = _transformed(table, used)
        except (LookupError, TypeError, ValueError) as problem:
            raise ComponentFailed.by(problem, party) from problem
        result = PartyResult([transformed], model=_saved(encoder))
        meta = {
            "name": "train",
            "metric_type": "LABEL_TRANSFORM",
            "label_encoder": {str(label): new for label, new in encoder.items()},
        }
        result.add_metric("train", "label_transform", Metric([["label_transform", 0]], meta))
        results[party] = result
    return results
