"""A small network: one linear layer over standardised columns, trained epoch by epoch.

The layers a user defines are kept in the model but not built: what counts is a loss that falls, and scores that have
learned something from the data.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import (
    Row,
    binary_rows,
    multi_rows,
    regression_rows,
)
from flowkit_mockserver.components.rows.scalars import dot, sigmoid

__all__ = ["Network", "network_rows"]

Rows = Sequence[Sequence[float]]
_PAIR = 2
_PUSH = 0.9
_TINY = 1e-12


def _softmax(values: Sequence[float]) -> list[float]:
    highest = max(values)
    grown = [math.exp(value - highest) for value in values]
    total = sum(grown)
    return [value / total for value in grown]


def _log(value: float) -> float:
    return math.log(max(value, _TINY))


class Network:
    """A trained network.

    Args:
        classes: how many classes it tells apart; 0 for a regression.
        centres: what is subtracted from each column.
        scales: what each column is divided by then.
        weights: by output and column; one output for two classes or a regression.
        biases: by output.
    """

    def __init__(
        self,
        classes: int,
        centres: list[float],
        scales: list[float],
        weights: list[list[float]],
        biases: list[float],
    ) -> None:
        self.classes = classes
        self.centres, self.scales = centres, scales
        self.weights, self.biases = weights, biases

    @classmethod
    def untrained(cls, rows: Rows, classes: int) -> Network:
        """Return a network for such rows that knows nothing yet."""
        columns = list(zip(*rows, strict=True))
        centres = [sum(column) / len(column) for column in columns]
        scales = []
        for column, centre in zip(columns, centres, strict=True):
            spread = math.sqrt(sum((value - centre) ** 2 for value in column) / len(column))
            scales.append(spread if spread > _TINY else 1.0)
        outputs = classes if classes > _PAIR else 1
        return cls(classes, centres, scales, [[0.0] * len(columns)] * outputs, [0.0] * outputs)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Network:
        """Return the network that `state` was taken from."""
        return cls(**state)

    def state(self) -> dict[str, Any]:
        """Return the network as JSON."""
        return {
            "classes": self.classes,
            "centres": self.centres,
            "scales": self.scales,
            "weights": self.weights,
            "biases": self.biases,
        }

    def saved(self, columns: slice = slice(None)) -> str:
        """Return the network, or what it knows of some columns, as the bytes of a saved model in base64."""
        state = self.state() | {
            "centres": self.centres[columns],
            "scales": self.scales[columns],
            "weights": [weights[columns] for weights in self.weights],
        }
        return base64.b64encode(json.dumps(state, sort_keys=True).encode()).decode()

    def standard(self, rows: Rows) -> list[list[float]]:
        """Return rows centred and scaled."""
        return [
            [(v - c) / s for v, c, s in zip(row, self.centres, self.scales, strict=True)]
            for row in rows
        ]

    def _outputs(self, standard: Rows) -> list[list[float]]:
        raw = [
            [dot(row, w) + b for w, b in zip(self.weights, self.biases, strict=True)]
            for row in standard
        ]
        if not self.classes:
            return raw
        if len(self.biases) == 1:
            return [[sigmoid(value) for value in row] for row in raw]
        return [_softmax(row) for row in raw]

    def outputs(self, rows: Rows) -> list[list[float]]:
        """Return per row the value, the probability of the second class, or those of all classes."""
        return self._outputs(self.standard(rows))

    def _errors(self, outputs: Rows, targets: Sequence[float]) -> list[list[float]]:
        if len(self.biases) == 1:
            return [[row[0] - y] for row, y in zip(outputs, targets, strict=True)]
        return [
            [p - (i == y) for i, p in enumerate(row)]
            for row, y in zip(outputs, targets, strict=True)
        ]

    def _loss(self, outputs: Rows, targets: Sequence[float]) -> float:
        pairs = zip(outputs, targets, strict=True)
        if not self.classes:
            losses = [(row[0] - y) ** 2 for row, y in pairs]
        elif len(self.biases) == 1:
            losses = [-_log(row[0] if y else 1 - row[0]) for row, y in pairs]
        else:
            losses = [-_log(row[int(y)]) for row, y in pairs]
        return sum(losses) / len(losses)

    def loss(self, rows: Rows, targets: Sequence[float]) -> float:
        """Return the mean loss over some samples."""
        return self._loss(self.outputs(rows), targets)

    def train(
        self,
        rows: Rows,
        targets: Sequence[float],
        epochs: int,
        after: Callable[[int, float], bool],
    ) -> None:
        """Train for some epochs.

        Args:
            rows: the samples.
            targets: values of a regression, else the index of each sample's class.
            epochs: how many at most.
            after: called after each epoch with its number and its loss; True ends the training.
        """
        standard = self.standard(rows)
        columns = list(zip(*standard, strict=True))
        rate = 1.0 / ((0.25 if self.classes else 1.0) * (len(columns) + 1))
        speeds = [[0.0] * (len(columns) + 1) for _ in self.biases]
        for epoch in range(epochs):
            outputs = self._outputs(standard)
            errors = list(zip(*self._errors(outputs, targets), strict=True))
            weights, biases = [], []
            for place, (speed, wrong) in enumerate(zip(speeds, errors, strict=True)):
                slope = [*(dot(column, wrong) for column in columns), sum(wrong)]
                speed[:] = [
                    _PUSH * v - rate * (1 - _PUSH) * g / len(rows)
                    for v, g in zip(speed, slope, strict=True)
                ]
                weights.append([w + v for w, v in zip(self.weights[place], speed, strict=False)])
                biases.append(self.biases[place] + speed[-1])
            self.weights, self.biases = weights, biases
            if after(epoch, self._loss(outputs, targets)):
                return


def network_rows(
    network: Network, data: Instances, features: list[list[Any]], threshold: float
) -> list[Row]:
    """Return the predictions of a network; classes are numbered."""
    labels = data.labels or [None] * len(data)
    outputs = network.outputs(features)
    if not network.classes:
        return regression_rows(labels, [row[0] for row in outputs])
    if network.classes > _PAIR:
        return multi_rows(labels, outputs, range(network.classes))
    return binary_rows(labels, [row[0] for row in outputs], threshold)
