"""Logistic regression over samples that lie with several parties, by averaging their weights.

Notation, as in ``federatedml/optim/gradient/homo_lr_gradient.py``: n samples of a party, m of a batch; X (m, d) its
features, each row times its sample weight; y = ±1, u = X w + b.

==========  ======================================================================
loss        (Σ ln(1 + exp(-y u)) + penalty) / n; infinite where exp overflows
residual r  y (1 / (1 + exp(-y u)) - 1); of a party that is blind u / 4 - y / 2
gradient    Xᵀ r / m, and Σ r / m for the intercept
==========  ======================================================================

Every `aggregate_iters` iterations the weights become the mean over the parties, each by the number of samples it went
through since. The guest's learning rate decays and its L1 shrinkage falls; so do a host's on lines that count its
iterations, which the first ones leave at 0. The proximal term pulls the guest to the last common weights, a host to the
very first ones; only sgd knows its strength.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import text_order
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.optim.activation import sigmoid
from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
    Floats,
    Optimizer,
    initial_weights,
)
from flowkit_mockserver.party import Party

__all__ = ["HomoStart", "HomoTraining", "HomoWeights", "is_blind", "train_together"]

#: Weights beyond it are taken for diverged.
LARGEST_WEIGHT = 1e8


@dataclass(frozen=True, eq=False)
class HomoWeights:
    """The weights that all parties share.

    Attributes:
        weights: shape (d,).
        intercept: 0 when none is fitted.
    """

    weights: Floats
    intercept: float

    def scores(self, data: Instances) -> Floats:
        """Return the probability of every sample, shape (n,)."""
        return sigmoid(data.numbers @ self.weights + self.intercept)

    def joined(self) -> Floats:
        """Return weights and intercept in one array."""
        return np.append(self.weights, self.intercept)


@dataclass
class HomoTraining:
    """How a federated training went.

    Attributes:
        common: the last common weights.
        losses: of every aggregation, by party; none of a party that is blind.
        mean_losses: of every aggregation, over the parties that told theirs.
        iterations: the number of the last iteration.
        converged: whether it stopped because it had converged.
        first: the number of the first iteration; not 0 where it goes on from a model.
        told: the numbers of the iterations that began with an aggregation.
        rounds: after each iteration but the last the common weights, and how many aggregations there had been.
    """

    common: HomoWeights
    losses: dict[Party, list[float]]
    mean_losses: list[float]
    iterations: int = 0
    converged: bool = False
    first: int = 0
    told: list[int] = field(default_factory=list)
    rounds: list[tuple[HomoWeights, int]] = field(default_factory=list)

    def at(self, iteration: int) -> HomoTraining:
        """Return how far it had come after an iteration that was not the last."""
        common, count = self.rounds[iteration - self.first]
        losses = {party: curve[:count] for party, curve in self.losses.items()}
        return HomoTraining(common, losses, self.mean_losses[:count], iteration, first=self.first)


@dataclass(frozen=True)
class HomoStart:
    """What a training goes on from: the weights in the model of each party, and how many iterations they had."""

    own: Mapping[Party, HomoWeights]
    iterations: int


class _Client:
    """One party's share of the training.

    Args:
        data: its samples.
        asked: its parameter.
        seed: for weights that start at random.
        guest: whether it is the guest.
        blind: whether it sees the weights encrypted only; it cannot take a sigmoid then, and follows the second-order
            approximation.
        counts: whether it counts its iterations.
        start: the weights to go on from; None to begin.
    """

    def __init__(
        self,
        data: Instances,
        asked: Mapping[str, Any],
        seed: int,
        *,
        guest: bool,
        blind: bool,
        counts: bool,
        start: HomoWeights | None = None,
    ) -> None:
        order = text_order(data.ids)
        self._guest, self._blind, self._counts = guest, blind, counts
        features = data.numbers[order]
        if data.weights is not None:
            features = features * data.weights[order, None]
        labels = np.zeros(len(data)) if data.labels is None else data.labels
        self._features = features
        self._labels = np.where(labels[order] == 1, 1.0, -1.0)
        self._size = asked["batch_size"] if asked["batch_size"] > 0 else len(data)
        self._optimizer = Optimizer(asked)
        self._has_intercept: bool = asked["init_param"]["fit_intercept"]
        self._pull: float | None = None
        if asked["use_proximal"]:
            self._pull = asked["mu"] if self._optimizer.kind == "sgd" else 0.0
        self.current = start or self._start(asked["init_param"], data.width, labels, seed)
        self._anchor = self.current.weights

    def _start(
        self, init: Mapping[str, Any], width: int, labels: NDArray[Any], seed: int
    ) -> HomoWeights:
        start = initial_weights(init, width, intercept=self._has_intercept, seed=seed)
        if not self._has_intercept:
            return HomoWeights(start, 0.0)
        if init["init_method"] != "zeros":
            return HomoWeights(start[:-1], float(start[-1]))
        ones, rest = int(np.sum(labels == 1)), int(np.sum((labels == 0) | (labels == -1)))
        if not ones:
            raise ValueError("unsupported operand type(s) for /: 'NoneType' and 'int'")
        if not rest:
            raise ValueError("division by zero")
        return HomoWeights(start[:-1], float(np.log(ones / rest)))

    def take(self, common: HomoWeights) -> None:
        """Go on from the common weights."""
        self.current = common
        if self._guest:
            self._anchor = common.weights

    def loss(self) -> float:
        """Return the loss of the current weights."""
        with np.errstate(over="ignore"):
            total = np.sum(np.log(1 + np.exp(-self._labels * self._linear(slice(None)))))
        total += self._optimizer.loss(self.current.weights)
        if self._pull is not None:
            change = self.current.weights - self._anchor
            total += self._pull * 0.5 * (change @ change)
        return float(total) / len(self._labels)

    def _linear(self, batch: slice) -> Floats:
        linear: Floats = self._features[batch] @ self.current.weights + self.current.intercept
        return linear

    def _residuals(self, batch: slice) -> Floats:
        labels, linear = self._labels[batch], self._linear(batch)
        if self._blind:
            return 0.25 * linear - 0.5 * labels
        return (sigmoid(labels * linear) - 1.0) * labels

    def train(self, iteration: int) -> int:
        """Go once through the batches; return how many samples that were.

        Raises:
            OverflowError: the weights diverge.
        """
        optimizer, count = self._optimizer, len(self._labels)
        optimizer.iteration = iteration if self._counts else 0
        for start in range(0, count, self._size):
            batch = slice(start, start + self._size)
            residuals, features = self._residuals(batch), self._features[batch]
            before = self.current
            gradient = optimizer.regular(features.T @ residuals / len(features), before.weights)
            last = [residuals.sum() / len(features)] if self._has_intercept else []
            step = optimizer.step(np.append(gradient, last))
            weights = optimizer.updated(before.weights, step[: len(before.weights)])
            if self._pull is not None:
                weights = weights - self._pull * (weights - self._anchor)
            intercept = before.intercept - (float(step[-1]) if self._has_intercept else 0.0)
            self.current = HomoWeights(weights, intercept)
            if not self._blind:
                _check(self.current.joined())
        return count


def _check(values: Floats) -> None:
    if np.max(np.abs(values)) > LARGEST_WEIGHT:
        raise OverflowError(
            "The model weights are overflow, please check if the input data has been normalized"
        )


def is_blind(party: Party, asked: Mapping[str, Any]) -> bool:
    """Say whether a party works on encrypted weights: a host that was given a cipher."""
    method = asked["encrypt_param"]["method"]
    return party[0] == "host" and bool(method) and str(method).lower() == "paillier"


def _mean(values: list[Any], shares: list[float]) -> Any:
    return sum(v * s for v, s in zip(values, shares, strict=True)) / sum(shares)


def train_together(
    tables: Mapping[Party, Instances],
    asked: Mapping[Party, Mapping[str, Any]],
    seed: int,
    after: Callable[[int, HomoWeights], None],
    *,
    hosts_count: bool = False,
    start: HomoStart | None = None,
) -> HomoTraining:
    """Train in rounds: everybody from the common weights on, then the mean of what they came to.

    Args:
        tables: the samples by client, the guest first.
        asked: the parameter of each.
        seed: where the initial weights come from.
        after: called after every iteration with its number and the weights that the guest predicts with.
        hosts_count: whether hosts count their iterations, too.
        start: what to go on from; None to begin.

    Raises:
        OverflowError: the weights diverge.
        ValueError: a party cannot start from its labels.
    """
    blind = {party: is_blind(party, asked[party]) for party in tables}
    clients = {
        party: _Client(
            data,
            asked[party],
            seed,
            guest=party[0] == "guest",
            blind=blind[party],
            counts=hosts_count or party[0] == "guest",
            start=None if start is None else start.own[party],
        )
        for party, data in tables.items()
    }
    first = next(iter(asked.values()))
    convergence = Convergence(first["early_stop"], first["tol"])
    before = 0 if start is None else start.iterations
    training = HomoTraining(
        next(iter(clients.values())).current,
        {party: [] for party in tables},
        [],
        iterations=before,
        first=before,
    )
    degrees = dict.fromkeys(clients, 0.0)
    last = first["max_iter"]
    for iteration in range(before, last + 1):
        training.iterations = iteration
        if (iteration + 1) % first["aggregate_iters"] == 0 or iteration == last:
            shares = [degree or 1.0 for degree in degrees.values()]
            everybody = [client.current for client in clients.values()]
            training.common = HomoWeights(
                _mean([one.weights for one in everybody], shares),
                _mean([one.intercept for one in everybody], shares),
            )
            _check(training.common.joined())
            training.told.append(iteration)
            for party, client in clients.items():
                client.take(training.common)
                if not blind[party]:
                    training.losses[party].append(client.loss())
            seen = [party for party in clients if not blind[party]]
            training.mean_losses.append(
                _mean(
                    [training.losses[party][-1] for party in seen],
                    [degrees[party] or 1.0 for party in seen],
                )
            )
            degrees = dict.fromkeys(clients, 0.0)
            joined = training.common.joined()
            training.converged = convergence.settled(training.mean_losses[-1], joined)
            if training.converged or iteration == last:
                break
        for party, client in clients.items():
            degrees[party] += client.train(iteration)
        training.rounds.append((training.common, len(training.mean_losses)))
        after(iteration, training.common)
    return training
