"""Prediction rows: label, result, score, detail, and the set a sample belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import TableData, order_of
from flowkit_mockserver.components.rows.instance import Instances, prediction_table

__all__ = ["binary_rows", "merged_predictions", "multi_rows", "regression_rows"]

Row = list[Any]


def binary_rows(
    labels: Sequence[Any],
    scores: Sequence[float],
    threshold: float = 0.5,
    classes: Sequence[Any] = (0, 1),
) -> list[Row]:
    """Return rows of a binary classification from the probabilities of the second class."""
    low, high = classes
    low_name, high_name = str(low), str(high)
    return [
        [
            label,
            high if score > threshold else low,
            score,
            {low_name: 1 - score, high_name: score},
        ]
        for label, score in zip(labels, scores, strict=True)
    ]


def regression_rows(labels: Sequence[Any], values: Sequence[float]) -> list[Row]:
    """Return rows of a regression."""
    return [
        [label, value, value, {"label": value}] for label, value in zip(labels, values, strict=True)
    ]


def multi_rows(
    labels: Sequence[Any], scores: Sequence[Sequence[float]], classes: Sequence[Any]
) -> list[Row]:
    """Return rows of a classification into several classes, from one score a class."""
    names = [str(name) for name in classes]
    rows = []
    for label, row in zip(labels, scores, strict=True):
        best = max(range(len(classes)), key=row.__getitem__)
        rows.append([label, classes[best], row[best], dict(zip(names, row, strict=True))])
    return rows


def merged_predictions(
    parts: Sequence[tuple[Instances, list[Row], str]], *, int_detail: bool = False
) -> TableData:
    """Return one prediction table of several sets; of a sample in two sets the first prediction stays."""
    first = parts[0][0]
    if len(parts) == 1:
        data, rows, name = parts[0]
        return prediction_table(data, [[*row, name] for row in rows], int_detail=int_detail)
    merged: dict[str, Row] = {}
    for data, rows, name in parts:
        for key, row in zip(data.keys, rows, strict=True):
            merged.setdefault(key, [*row, name])
    keys = sorted(merged, key=order_of)
    samples = Instances(keys, [[] for _ in keys], extra=first.extra, partitions=first.partitions)
    return prediction_table(samples, [merged[key] for key in keys], int_detail=int_detail)
