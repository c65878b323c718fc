"""What boosted trees minimise: start, gradients, loss and final answer of every objective."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from flowkit_mockserver.components.rows.predict_output import (
    Row,
    binary_rows,
    multi_rows,
    regression_rows,
)
from flowkit_mockserver.components.rows.scalars import sigmoid

__all__ = ["Objective", "objective_of"]

_SMALL = 1e-8
_FLOOR = 1e-15
Scores = list[list[float]]
"""Raw scores: one list over all samples for each dimension."""


class Objective(Protocol):
    """One objective over the labels of a training set."""

    dimensions: int
    eval_type: str
    classes: list[Any]
    start: list[float]

    def gradients(self, scores: Scores, dimension: int) -> tuple[list[float], list[float]]:
        """Return gradient and second derivative of every sample in one dimension."""

    def loss(self, scores: Scores) -> float:
        """Return the mean loss of all samples."""

    def rows(self, labels: Sequence[Any], scores: Scores, threshold: float) -> list[Row]:
        """Return prediction rows."""


class _Binary:
    eval_type, dimensions = "binary", 1

    def __init__(self, labels: Sequence[Any], classes: list[Any]) -> None:
        self.classes, self.start = classes, [0.0]
        self._targets = [1.0 if label == classes[-1] else 0.0 for label in labels]

    def gradients(self, scores: Scores, dimension: int) -> tuple[list[float], list[float]]:
        chances = [sigmoid(score) for score in scores[0]]
        pairs = list(zip(chances, self._targets, strict=True))
        return [p - y for p, y in pairs], [p * (1 - p) for p, _ in pairs]

    def loss(self, scores: Scores) -> float:
        total = 0.0
        for score, target in zip(scores[0], self._targets, strict=True):
            chance = sigmoid(score)
            total -= math.log(max(chance if target else 1 - chance, _FLOOR))
        return total / len(self._targets)

    def rows(self, labels: Sequence[Any], scores: Scores, threshold: float) -> list[Row]:
        chances = [sigmoid(score) for score in scores[0]]
        return binary_rows(labels, chances, threshold, self.classes)


def _softmax(values: Sequence[float]) -> list[float]:
    highest = max(values)
    grown = [math.exp(value - highest) for value in values]
    total = sum(grown)
    return [value / total for value in grown]


class _Several:
    eval_type = "multi"

    def __init__(self, labels: Sequence[Any], classes: list[Any]) -> None:
        self.classes, self.dimensions = classes, len(classes)
        self.start = [0.0] * len(classes)
        self._places = [classes.index(label) if label in classes else -1 for label in labels]

    def gradients(self, scores: Scores, dimension: int) -> tuple[list[float], list[float]]:
        chances = [_softmax(row)[dimension] for row in zip(*scores, strict=True)]
        pairs = zip(chances, self._places, strict=True)
        first = [p - 1 if place == dimension else p for p, place in pairs]
        return first, [p * (1 - p) for p in chances]

    def loss(self, scores: Scores) -> float:
        rows = zip(zip(*scores, strict=True), self._places, strict=True)
        total = sum(-math.log(max(_softmax(row)[place], _FLOOR)) for row, place in rows)
        return total / len(self._places)

    def rows(self, labels: Sequence[Any], scores: Scores, threshold: float) -> list[Row]:
        return multi_rows(
            labels, [_softmax(row) for row in zip(*scores, strict=True)], self.classes
        )


class _Numbers:
    eval_type, dimensions = "regression", 1

    def __init__(self, labels: Sequence[float], kind: str, size: float) -> None:
        self.classes: list[Any] = []
        self._kind, self._size, self._labels = kind, size, labels
        ordered = sorted(labels)
        middle = ordered[max(0, math.ceil(len(ordered) / 2) - 1)] if ordered else 0.0
        mean = sum(labels) / len(labels) if labels else 0.0
        self.start = [middle if kind == "lae" else mean]

    def _both(self, label: float, score: float) -> tuple[float, float]:
        gap, size = score - label, self._size
        if self._kind == "lae":
            return (0.0 if abs(gap) <= _SMALL else math.copysign(1.0, gap)), 1.0
        if self._kind == "huber":
            spread = 1.0 + gap * gap / size**2
            return gap / math.sqrt(spread), 1.0 / spread**1.5
        if self._kind == "fair":
            return size * gap / (abs(gap) + size), size**2 / (abs(gap) + size) ** 2
        if self._kind == "log_cosh":
            return math.tanh(gap), 1 - math.tanh(gap) ** 2
        if self._kind == "tweedie":
            low, high = math.exp(1 - size), math.exp(2 - size)
            return (high - label * low) * score, (
                (2 - size) * high - label * (1 - size) * low
            ) * score
        return 2 * gap, 2.0

    def _loss(self, label: float, score: float) -> float:
        gap, size = score - label, self._size
        if self._kind == "lae":
            return abs(gap)
        if self._kind == "huber":
            return size**2 * (math.sqrt(1 + (gap / size) ** 2) - 1)
        if self._kind == "fair":
            return size * abs(gap) - size**2 * math.log(abs(gap) / size + 1)
        if self._kind == "log_cosh":
            return abs(gap) + math.log1p(math.exp(-2 * abs(gap))) - math.log(2)
        if self._kind == "tweedie":
            grown = math.log(max(score, _SMALL))
            low, high = math.exp(1 - size), math.exp(2 - size)
            return -label * low * grown / (1 - size) + high * grown / (2 - size)
        return gap * gap

    def gradients(self, scores: Scores, dimension: int) -> tuple[list[float], list[float]]:
        both = [self._both(y, s) for y, s in zip(self._labels, scores[0], strict=True)]
        return [g for g, _ in both], [h for _, h in both]

    def loss(self, scores: Scores) -> float:
        pairs = zip(self._labels, scores[0], strict=True)
        return sum(self._loss(y, s) for y, s in pairs) / len(self._labels)

    def rows(self, labels: Sequence[Any], scores: Scores, threshold: float) -> list[Row]:
        return regression_rows(labels, scores[0])


def objective_of(
    labels: Sequence[Any], asked: Mapping[str, Any], classes: list[Any] | None = None
) -> Objective:
    """Return the objective that a parameter asks for.

    Args:
        labels: of the training samples.
        asked: the parameter of the component (task_type, objective_param).
        classes: the labels there are; found among `labels` when None.
    """
    if asked["task_type"] == "regression":
        kind = asked["objective_param"]["objective"]
        sizes = asked["objective_param"].get("params") or [1.5]
        return _Numbers(labels, kind, max(abs(float(sizes[0])), _SMALL))
    found = sorted(set(labels)) if classes is None else classes
    return _Binary(labels, found) if len(found) <= 2 else _Several(labels, found)
