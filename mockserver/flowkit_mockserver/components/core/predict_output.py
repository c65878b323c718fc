"""Prediction tables as columns: label, result, score, detail, and the set a sample belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.blocks import load
from flowkit_mockserver.columns.ids import Ids, positions_of
from flowkit_mockserver.columns.parts import Constant, Part, Scores, Values, values_array
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import TableData

__all__ = [
    "PREDICTION_HEADER",
    "Predictions",
    "binary_predictions",
    "first_of_each",
    "merged_predictions",
    "multi_predictions",
    "prediction_table",
    "regression_predictions",
    "stored_predictions",
]

PREDICTION_HEADER = ["label", "predict_result", "predict_score", "predict_detail", "type"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of n samples.

    Attributes:
        labels: (n,); object array of None where the samples have none.
        results: (n,): the predicted class or value.
        scores: (n,): the probability (or value) behind the result.
        names: what the k entries of a detail are called; integers for one-vs-rest models.
        details: (n, k) float64.
    """

    labels: Array
    results: Array
    scores: Array
    names: list[str | int]
    details: Array

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]]) -> Predictions:
        """Return predictions given as rows of label, result, score and detail (a map with the same names in each)."""
        columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
        names = list(columns[3][0]) if rows else []
        details = np.empty((len(rows), len(names)), dtype=object)
        for place, detail in enumerate(columns[3]):
            details[place] = [detail[name] for name in names]
        labels, results, scores = (values_array(column) for column in columns[:3])
        return cls(labels, results, scores, names, _floats_where_possible(details))

    def __len__(self) -> int:
        return len(self.results)

    def take(self, selection: Array | slice) -> Predictions:
        """Return the predictions at positions, or where a mask says so."""
        return Predictions(
            self.labels[selection],
            self.results[selection],
            self.scores[selection],
            self.names,
            self.details[selection],
        )

    def rows(self) -> list[list[Any]]:
        """Return each prediction as a list: label, result, score, detail."""
        cells = [part.cells() for part in self.parts()]
        return [[cell for part in row for cell in part] for row in zip(*cells, strict=True)]

    def parts(self) -> list[Part]:
        """Return the columns of a prediction table but the last, the type."""
        columns: list[Part] = [Values(a) for a in (self.labels, self.results, self.scores)]
        return [*columns, Scores(self.names, self.details)]


def _labels(labels: Array | None, count: int) -> Array:
    return np.full(count, None, dtype=object) if labels is None else labels


def binary_predictions(
    labels: Array | None,
    scores: Floats,
    threshold: float = 0.5,
    classes: Sequence[Any] = (0, 1),
) -> Predictions:
    """Return the predictions of a binary classification.

    Args:
        labels: (n,), or None.
        scores: (n,): the probabilities of the second class.
        threshold: above it (not at it) a sample is of the second class.
        classes: the two classes, as they show.
    """
    results = values_array(list(classes))[(scores > threshold).astype(np.intp)]
    details = np.column_stack((1 - scores, scores))
    names: list[str | int] = [str(name) for name in classes]
    return Predictions(_labels(labels, len(scores)), results, scores, names, details)


def regression_predictions(labels: Array | None, values: Floats) -> Predictions:
    """Return the predictions of a regression; `labels` and `values` have shape (n,)."""
    return Predictions(_labels(labels, len(values)), values, values, ["label"], values[:, None])


def multi_predictions(
    labels: Array | None, scores: Floats, classes: Sequence[Any], *, integers: bool = False
) -> Predictions:
    """Return the predictions of a classification into several classes; of equal scores the first wins.

    Args:
        labels: (n,), or None.
        scores: (n, k), one column a class.
        classes: the k classes, as they show.
        integers: whether the names in the details are integers (one-vs-rest), not texts.
    """
    best = np.argmax(scores, axis=1) if len(scores) else np.empty(0, dtype=np.intp)
    results = values_array(list(classes))[best]
    names = [int(name) if integers else str(name) for name in classes]
    top = np.take_along_axis(scores, best[:, None], axis=1)[:, 0]
    return Predictions(_labels(labels, len(scores)), results, top, names, scores)


def prediction_table(data: Instances, parts: Sequence[Part]) -> TableData:
    """Return a prediction table over the samples of `data`; `parts` show below `PREDICTION_HEADER`."""
    return _table(data, Columns(data.ids, parts))


def _table(data: Instances, rows: Columns) -> TableData:
    schema: dict[str, Any] = {"header": PREDICTION_HEADER, "sid_name": data.extra.get("sid_name")}
    if data.extra.get("int_keys"):
        schema["int_keys"] = True
    return TableData("prediction", schema, rows, data.partitions)


def merged_predictions(parts: Sequence[tuple[Instances, Predictions, str]]) -> TableData:
    """Return one prediction table of several sets; of a sample in two sets the first prediction stays.

    Args:
        parts: samples, what the model says of them, and the type they get (``train``, ``validate``, ``predict``).
    """
    first, said, name = parts[0]
    if len(parts) == 1:
        return prediction_table(first, [*said.parts(), Constant(name, len(first))])
    blocks = [
        Columns(data.ids, [*said.parts(), Values(np.full(len(data), name, dtype=object))])
        for data, said, name in parts
    ]
    merged = Columns.joined(blocks, sum(map(len, blocks)))
    _, earliest = np.unique(merged.ids, return_index=True)
    return _table(first, merged.take(np.sort(earliest)).in_order())


def stored_predictions(table: TableData) -> tuple[Ids, Predictions, Array]:
    """Return a prediction table taken apart: ids, predictions, and the type of each sample (text).

    Raises:
        ValueError: the table does not have the columns of `PREDICTION_HEADER`.
    """
    if list(table.schema.get("header") or []) != PREDICTION_HEADER:
        raise ValueError(
            f"a table of predictions is needed, not one of {table.schema.get('header')}"
        )
    records = load(table.records)
    if isinstance(records, Columns) and len(records.parts) == len(PREDICTION_HEADER):
        labels, results, scores, details, sets = records.parts
        if isinstance(details, Scores):
            said = Predictions(
                _cells(labels), _cells(results), _cells(scores), details.names, details.data
            )
            return records.ids, said, _cells(sets)
    rows = list(records)
    ids = np.array([key for key, _ in rows], dtype=np.str_)
    types = np.array([row[-1] for _, row in rows], dtype=object)
    return ids, Predictions.of_rows([row[:-1] for _, row in rows]), types


def first_of_each(sets: Sequence[Ids]) -> list[NDArray[np.bool_]]:
    """Return, for each of some sets of ids, which of them no earlier set has; shapes (n of the set,)."""
    kept = []
    seen: Ids | None = None
    for ids in sets:
        if seen is None:
            kept.append(np.ones(len(ids), dtype=bool))
            seen = ids
        else:
            kept.append(positions_of(ids, seen) < 0)
            seen = np.concatenate((seen, ids[kept[-1]]))
    return kept


def _floats_where_possible(values: Array) -> Array:
    """Return an object array of floats as float64; one that holds anything else as it is."""
    if all(type(value) is float for value in values.flat):
        return values.astype(np.float64)
    return values


def _cells(part: Part) -> Array:
    if isinstance(part, Values):
        return part.array
    return values_array([cell for (cell,) in part.cells()])
