"""Homogeneous logistic regression as a network of one neuron, trained on each side and averaged after every epoch.

Numbers are float32, as those of the network are. With n samples in a batch, p = 1 / (1 + exp(-Xw - b)) and labels y of
0 and 1, an optimizer is given Xᵀ(p - y) / n plus alpha times the weights, intercept included, and a rate that decays
with every batch. A side's loss is the mean of the cross entropies of its batches, of which a smaller last one counts
like the others; weights and losses are averaged by the number of samples. Where samples have weights, these cancel
out, and gradients are not divided by n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import text_order
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.predict_output import Predictions, binary_predictions
from flowkit_mockserver.components.nn.backend import torch_installed
from flowkit_mockserver.components.optim.optimizer import Convergence, initial_weights
from flowkit_mockserver.party import Party

__all__ = ["Average", "Start", "average_together", "chances_of", "scores_of"]

Floats = NDArray[np.float32]
#: The lowest logarithm that counts in a cross entropy.
_LOWEST = np.float32(-100.0)


@dataclass
class Average:
    """How a training went.

    Attributes:
        own: by party its weights after each epoch, shape (d,), the intercept last if there is one. They are the same
            ones for all after an epoch that ended with an average, which the last need not have been.
        has_intercept: whether one is fitted.
        losses: by party, one an epoch.
        converged: whether it stopped because it had converged.
    """

    own: dict[Party, list[Floats]]
    has_intercept: bool
    losses: dict[Party, list[float]]
    converged: bool = False

    def of(self, party: Party, epoch: int = -1) -> tuple[Floats, float]:
        """Return a party's weights, shape (d,), and its intercept after an epoch; 0 without one."""
        values = self.own[party][epoch]
        return (values[:-1], float(values[-1])) if self.has_intercept else (values, 0.0)

    def best_epoch(self, party: Party) -> int:
        """Return the epoch in which a party's loss was lowest."""
        return int(np.argmin(self.losses[party]))


@dataclass(frozen=True)
class Start:
    """What a training goes on from.

    Attributes:
        own: by party its weights, shape (d,), the intercept last if there is one.
        epochs: how many it had: learning rates have decayed by as many batches.
    """

    own: Mapping[Party, Floats]
    epochs: int


class _Optimizer:
    """One side's optimizer, with the defaults of the network library and a decaying rate."""

    def __init__(self, asked: Mapping[str, Any], count: int) -> None:
        self._asked, self._count = asked, count
        self._first: Any = None
        self._second: Any = np.float32(0)

    def moved(self, weights: Floats, gradient: Floats) -> Floats:
        """Return the weights after the step of a batch."""
        decayed = 1 + self._count * self._asked["decay"]
        rate = self._asked["learning_rate"] / (
            np.sqrt(decayed) if self._asked["decay_sqrt"] else decayed
        )
        self._count += 1
        gradient = gradient + np.float32(self._asked["alpha"]) * weights
        step: Floats = _STEPS[self._asked["optimizer"]](self, gradient)
        new: Floats = weights - np.float32(rate) * step
        return new

    def _plain(self, gradient: Floats) -> Floats:
        return gradient

    def _nesterov(self, gradient: Floats) -> Floats:
        first = gradient if self._first is None else np.float32(0.9) * self._first + gradient
        self._first = first
        found: Floats = gradient + np.float32(0.9) * first
        return found

    def _rmsprop(self, gradient: Floats) -> Floats:
        self._second = np.float32(0.99) * self._second + np.float32(0.01) * gradient * gradient
        found: Floats = gradient / (np.sqrt(self._second) + np.float32(1e-8))
        return found

    def _adam(self, gradient: Floats) -> Floats:
        first = np.float32(0) if self._first is None else self._first
        self._first = np.float32(0.9) * first + np.float32(0.1) * gradient
        self._second = np.float32(0.999) * self._second + np.float32(0.001) * gradient * gradient
        root = np.sqrt(self._second / np.float32(1 - 0.999**self._count)) + np.float32(1e-8)
        found: Floats = self._first / np.float32(1 - 0.9**self._count) / root
        return found

    def _adagrad(self, gradient: Floats) -> Floats:
        self._second = self._second + gradient * gradient
        found: Floats = gradient / (np.sqrt(self._second) + np.float32(1e-10))
        return found


_STEPS: Mapping[str, Callable[[_Optimizer, Floats], Floats]] = {
    "sgd": _Optimizer._plain,
    "nesterov_momentum_sgd": _Optimizer._nesterov,
    "rmsprop": _Optimizer._rmsprop,
    "adam": _Optimizer._adam,
    "adagrad": _Optimizer._adagrad,
}


def _sigmoid(values: Floats) -> Floats:
    with np.errstate(over="ignore"):
        found: Floats = np.float32(1) / (np.float32(1) + np.exp(-values))
    return found


def _loss(chances: Floats, labels: Floats) -> float:
    with np.errstate(divide="ignore"):
        for_one = np.maximum(np.log(chances), _LOWEST)
        for_zero = np.maximum(np.log1p(-chances), _LOWEST)
    entropies = -(labels * for_one + (np.float32(1) - labels) * for_zero)
    return float(np.mean(entropies, dtype=np.float32))


class _Side:
    """One party: its samples, with a column of ones for the intercept if there is one, and its optimizer."""

    def __init__(self, data: Instances, asked: Mapping[str, Any], count: int) -> None:
        data = data.take(text_order(data.ids))
        features = data.numbers.astype(np.float32)
        if asked["init_param"]["fit_intercept"]:
            features = np.column_stack((features, np.ones(len(data), dtype=np.float32)))
        self._features = features
        assert data.labels is not None
        self._labels: Floats = data.labels.astype(np.float32)
        size = asked["batch_size"]
        self._size = len(data) if size == -1 else min(size, len(data))
        self._optimizer = _Optimizer(asked, count)
        self._weighted = data.weights is not None

    def train(self, weights: Floats) -> tuple[Floats, float]:
        """Return the weights after an epoch, and its loss."""
        total, count = 0.0, len(self._labels)
        for start in range(0, count, self._size):
            features = self._features[start : start + self._size]
            labels = self._labels[start : start + self._size]
            chances = _sigmoid(features @ weights)
            divided = np.float32(1 if self._weighted else len(labels))
            loss = _loss(chances, labels) * (len(labels) if self._weighted else 1)
            total += loss * self._size
            gradient = (features.T @ (chances - labels) / divided).astype(np.float32)
            weights = self._optimizer.moved(weights, gradient)
        return weights, total / count


def average_together(
    tables: Mapping[Party, Instances],
    asked: Mapping[str, Any],
    seed: int,
    after: Callable[[int, Average], None],
    start: Start | None = None,
) -> Average:
    """Train the common model.

    Args:
        tables: by party, the guest first.
        asked: the parameter of the component.
        seed: for weights that start at random without a seed.
        after: called after every epoch with its number and how the training went so far.
        start: what to go on from; None to start anew.

    Raises:
        ValueError: there is no such optimizer, or a party has no labels.
    """
    if asked["optimizer"] not in _STEPS:
        raise ValueError("NotImplementedError: Sqn optimizer is not supported in Homo-LR")
    if asked["aggregate_iters"] < 1:
        raise ValueError("AssertionError: aggregate_every_n_epoch is not a positive int")
    if any(data.labels is None for data in tables.values()):
        # No label counts as one of its own, beside the two of those that have some.
        raise ValueError("Homo LR support binary classification only now")
    intercept = asked["init_param"]["fit_intercept"]
    own = _initial(tables, asked, seed) if start is None else dict(start.own)
    before = 0 if start is None else start.epochs
    sides = {party: _side(data, asked, before) for party, data in tables.items()}
    counts = {party: len(data) for party, data in tables.items()}
    stops = asked["early_stop"] != "weight_diff"
    convergence = Convergence(asked["early_stop"], asked["tol"])
    found = Average({party: [] for party in tables}, intercept, {party: [] for party in tables})
    for epoch in range(asked["max_iter"]):
        for party, side in sides.items():
            own[party], loss = side.train(own[party])
            found.losses[party].append(loss)
        if (epoch + 1) % asked["aggregate_iters"] == 0:
            common = _weighted(own, counts).astype(np.float32)
            own = dict.fromkeys(own, common)
            losses = {party: np.float64(curve[-1]) for party, curve in found.losses.items()}
            mean = float(_weighted(losses, counts))
            found.converged = stops and convergence.reached(mean, np.zeros(1))
        for party, weights in own.items():
            found.own[party].append(weights)
        after(epoch, found)
        if found.converged:
            break
    return found


def _initial(
    tables: Mapping[Party, Instances], asked: Mapping[str, Any], seed: int
) -> dict[Party, Floats]:
    """Return the weights from which every party starts."""
    init = asked["init_param"]
    width = next(iter(tables.values())).width
    start = initial_weights(init, width, intercept=init["fit_intercept"], seed=seed)
    own = {party: start.astype(np.float32) for party in tables}
    if init["fit_intercept"] and init["init_method"] == "zeros":
        for party, data in tables.items():
            own[party][-1] = _log_odds(data)
    return own


def _side(data: Instances, asked: Mapping[str, Any], count: int) -> Any:
    """Return a party's side, on torch where it is installed; its learning rate has decayed `count` times."""
    if not torch_installed():
        return _Side(data, asked, count)
    from flowkit_mockserver.components.linear_model.averaged.torch_side import TorchSide

    return TorchSide(data, asked, count)


def _log_odds(data: Instances) -> float:
    """Return the logarithm of how many samples are 1 for each that is not, from which an intercept starts."""
    assert data.labels is not None
    ones = int(np.sum(data.labels == 1))
    if not 0 < ones < len(data):
        raise ValueError("the labels of every party must be of two classes")
    return float(np.log(ones / (len(data) - ones)))


def _weighted(values: Mapping[Party, Any], counts: Mapping[Party, int]) -> Any:
    whole = sum(counts.values())
    return sum(
        np.asarray(value, dtype=np.float64) * (counts[at] / whole) for at, value in values.items()
    )


def scores_of(
    weights: NDArray[Any], intercept: float, data: Instances, batch_size: int
) -> NDArray[np.float64]:
    """Return the probability of each sample, shape (n,)."""
    if torch_installed():
        from flowkit_mockserver.components.linear_model.averaged.torch_side import torch_chances

        return torch_chances(weights, intercept, data, batch_size)
    sums = data.numbers.astype(np.float32) @ weights.astype(np.float32) + np.float32(intercept)
    return _sigmoid(sums).astype(np.float64)


def chances_of(
    weights: NDArray[Any], intercept: float, data: Instances, batch_size: int
) -> Predictions:
    """Return what a model says of samples, whose labels show as the floats that a network takes."""
    labels = None
    if data.labels is not None:
        labels = np.empty(len(data), dtype=object)
        labels[:] = [float(label) for label in data.labels.tolist()]
    return binary_predictions(labels, scores_of(weights, intercept, data, batch_size))
