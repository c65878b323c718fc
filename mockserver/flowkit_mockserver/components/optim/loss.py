"""What boosted trees minimise: start, gradients, loss and final answer of every objective.

Raw scores are arrays of shape (samples, dimensions): one dimension for two classes and for values, one a class
otherwise. Gradients g and second derivatives h have the same shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.exponential import exponential
from flowkit_mockserver.components.core.partition import sum_by_partition
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    multi_predictions,
    regression_predictions,
)
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour

__all__ = ["Objective", "class_labels", "objective_of", "starting_value"]

Floats = NDArray[np.float64]
Labels = NDArray[Any]

_SMALL = 1e-8
_LEAST_ANSWER = 1e-10
_MOST_CLASSES = 1000


class Objective(Protocol):
    """One objective.

    Attributes:
        dimensions: of the scores.
        eval_type: binary, multi or regression.
        classes: the labels there are, in order; none for values.
    """

    dimensions: int
    eval_type: str
    classes: list[Any]

    def targets(self, labels: Labels) -> Floats:
        """Return what labels aim at: the place among the classes, or the value itself."""

    def gradients(self, targets: Floats, scores: Floats) -> tuple[Floats, Floats]:
        """Return g and h of every sample and dimension."""

    def losses(self, targets: Floats, scores: Floats) -> Floats:
        """Return the loss of every sample."""

    def predictions(self, labels: Labels | None, scores: Floats, threshold: float) -> Predictions:
        """Return what the model says of samples."""


def _sigmoid(scores: Floats) -> Floats:
    grown = exponential(-np.abs(scores))
    return np.where(scores <= 0, grown / (1.0 + grown), 1.0 / (1.0 + grown))


def _places(labels: Labels, classes: Sequence[Any]) -> Floats:
    place = {label: float(number) for number, label in enumerate(classes)}
    return np.array([place[label] for label in labels.tolist()], dtype=np.float64)


class _Binary:
    """Cross entropy of two classes: the sum of -y log p - (1 - y) log (1 - p) with p = 1 / (1 + e^-score)."""

    eval_type, dimensions = "binary", 1

    def __init__(self, classes: list[Any]) -> None:
        self.classes = classes

    def targets(self, labels: Labels) -> Floats:
        return _places(labels, self.classes)

    def gradients(self, targets: Floats, scores: Floats) -> tuple[Floats, Floats]:
        chances = _sigmoid(scores)
        return chances - targets[:, None], chances * (1 - chances)

    def losses(self, targets: Floats, scores: Floats) -> Floats:
        chances = _sigmoid(scores[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = targets * np.log(chances) + (1 - targets) * np.log(1 - chances)
        return -np.nan_to_num(logs)

    def predictions(self, labels: Labels | None, scores: Floats, threshold: float) -> Predictions:
        return binary_predictions(labels, _sigmoid(scores[:, 0]), threshold, self.classes)


def _softmax(scores: Floats) -> Floats:
    grown = exponential(scores - scores.max(axis=1, keepdims=True))
    chances: Floats = grown / grown.sum(axis=1, keepdims=True)
    return chances


class _Several:
    """Cross entropy of any number of classes: the sum of -log p of the true class, p = softmax of the scores."""

    eval_type = "multi"

    def __init__(self, classes: list[Any]) -> None:
        self.classes = classes
        self.dimensions = len(classes) if len(classes) > 2 else 1

    def targets(self, labels: Labels) -> Floats:
        return _places(labels, self.classes)

    def gradients(self, targets: Floats, scores: Floats) -> tuple[Floats, Floats]:
        chances = _softmax(scores)
        first = chances.copy()
        first[np.arange(len(targets)), targets.astype(np.intp)] -= 1
        return first, chances * (1 - chances)

    def losses(self, targets: Floats, scores: Floats) -> Floats:
        chances = _softmax(scores)[np.arange(len(targets)), targets.astype(np.intp)]
        with np.errstate(divide="ignore"):
            losses: Floats = -np.nan_to_num(np.log(chances))
        return losses

    def predictions(self, labels: Labels | None, scores: Floats, threshold: float) -> Predictions:
        return multi_predictions(labels, _softmax(scores), self.classes)


class _Values:
    """Losses of values with d = score - label and a parameter s.

    lse d²; lae |d|; huber s² (√(1 + (d / s)²) - 1); log_cosh log cosh d; tweedie (before 1.10)
    -y e^(1-s) log(p) / (1 - s) + e^(2-s) log(p) / (2 - s) for label y and score p. No line of the server has a loss for
    fair: training fails after its first tree.
    """

    eval_type, dimensions = "regression", 1

    def __init__(self, kind: str, size: float) -> None:
        self.classes: list[Any] = []
        self._kind, self._size = kind, size
        if kind in {"huber", "fair"} and abs(size) < _SMALL:
            self._size = _SMALL

    def targets(self, labels: Labels) -> Floats:
        return labels.astype(np.float64)

    def gradients(self, targets: Floats, scores: Floats) -> tuple[Floats, Floats]:
        label, size = targets[:, None], self._size
        gap = scores - label
        if self._kind == "lse":
            return 2 * gap, np.full_like(gap, 2.0)
        if self._kind == "lae":
            # A gap of (nearly) nothing counts as one below, as on the server.
            return np.where(gap > _SMALL, 1.0, -1.0), np.ones_like(gap)
        if self._kind == "huber":
            spread = 1.0 + gap * gap / size**2
            return gap / np.sqrt(spread), 1.0 / spread**1.5
        if self._kind == "fair":
            return size * gap / (np.abs(gap) + size), size**2 / (np.abs(gap) + size) ** 2
        if self._kind == "log_cosh":
            return np.tanh(gap), 1 - np.tanh(gap) ** 2
        low, high = math.exp(1 - size), math.exp(2 - size)
        return (
            -label * low * scores + high * scores,
            -label * (1 - size) * low * scores + (2 - size) * high * scores,
        )

    def losses(self, targets: Floats, scores: Floats) -> Floats:
        score, size = scores[:, 0], self._size
        gap = score - targets
        if self._kind == "lae":
            return np.abs(gap)
        if self._kind == "huber":
            bent: Floats = size**2 * (np.sqrt(1 + (gap / size) ** 2) - 1)
            return bent
        if self._kind == "fair":
            raise ValueError(
                "UnboundLocalError: local variable 'loss' referenced before assignment"
            )
        if self._kind == "log_cosh":
            with np.errstate(over="ignore"):
                spread: Floats = np.log(np.cosh(gap))
            return spread
        if self._kind == "tweedie":
            grown = np.log(np.maximum(score, _SMALL))
            low, high = math.exp(1 - size), math.exp(2 - size)
            return -targets * low * grown / (1 - size) + high * grown / (2 - size)
        return gap * gap

    def predictions(self, labels: Labels | None, scores: Floats, threshold: float) -> Predictions:
        return regression_predictions(labels, scores[:, 0])


class _Tweedie(_Values):
    """Tweedie's loss -y p^(1-s) / (1 - s) + p^(2-s) / (2 - s) of labels y and answers p = e^score."""

    def __init__(self, size: float) -> None:
        super().__init__("tweedie", size)

    def gradients(self, targets: Floats, scores: Floats) -> tuple[Floats, Floats]:
        label, size = targets[:, None], self._size
        if (negative := targets[targets < 0]).size:
            raise ValueError(
                f"y < 0, in tweedie loss label must be non-negative, but got {float(negative[0])}"
            )
        low, high = exponential((1 - size) * scores), exponential((2 - size) * scores)
        return -label * low + high, -label * (1 - size) * low + (2 - size) * high

    def losses(self, targets: Floats, scores: Floats) -> Floats:
        grown = np.log(np.maximum(exponential(scores[:, 0]), _LEAST_ANSWER))
        low, high = exponential((1 - self._size) * grown), exponential((2 - self._size) * grown)
        return -targets * low / (1 - self._size) + high / (2 - self._size)

    def predictions(self, labels: Labels | None, scores: Floats, threshold: float) -> Predictions:
        return regression_predictions(labels, exponential(scores[:, 0]))


def class_labels(labels: Labels, asked: Mapping[str, Any]) -> list[Any]:
    """Return the classes among labels, in order; none for a regression.

    Raises:
        ValueError: there are too many of them, or one only, with which nothing can be told apart.
    """
    if asked["task_type"] == "regression":
        return []
    classes = sorted(set(labels.tolist()))
    if len(classes) > _MOST_CLASSES:
        raise ValueError(
            f"In Classify Task, max dif classes should no more than {_MOST_CLASSES}; there are {len(classes)}"
        )
    if len(classes) == 1:
        raise ValueError(
            "Model's classes type is <class 'list'>, classes must be None or list of length no less than 2."
        )
    return classes


def objective_of(
    classes: list[Any], asked: Mapping[str, Any], behaviour: Behaviour = FIRST_BEHAVIOUR
) -> Objective:
    """Return the objective that a parameter asks for.

    Args:
        classes: the labels there are.
        asked: the parameter of the component (task_type, objective_param).
        behaviour: how the line of the server computes.
    """
    if asked["task_type"] == "regression":
        kind = asked["objective_param"]["objective"]
        sizes = asked["objective_param"].get("params") or [1.5]
        if kind == "tweedie" and behaviour.grown_tweedie:
            return _Tweedie(float(sizes[0]))
        return _Values(kind, float(sizes[0]))
    return _Binary(classes) if len(classes) == 2 else _Several(classes)


def starting_value(
    targets: Floats,
    asked: Mapping[str, Any],
    parts: NDArray[np.intp],
    partitions: int,
    behaviour: Behaviour = FIRST_BEHAVIOUR,
) -> float:
    """Return the score that boosting starts from: 0 for classes, the mean of values, for lae their median.

    Raises:
        ValueError: a median is asked of a line that has none.
    """
    if asked["task_type"] != "regression" or not len(targets):
        return 0.0
    kind = asked["objective_param"]["objective"]
    if kind == "tweedie" and behaviour.grown_tweedie:
        return 0.0
    if kind == "lae":
        if behaviour.loses_medians:
            raise ValueError("TypeError: 'NoneType' object is not iterable")
        rows = [np.flatnonzero(parts == part) for part in range(partitions)]
        return QuantileSummary.of([targets], rows)[0].query(0.5)
    return sum_by_partition(targets, parts, partitions) / len(targets)
