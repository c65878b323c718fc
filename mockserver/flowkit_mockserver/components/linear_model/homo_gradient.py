"""Logistic regression over samples that lie with several parties, by averaging their weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
    Optimizer,
    initial_weights,
)
from flowkit_mockserver.components.rows.federation import text_order
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.predict_output import Row, binary_rows
from flowkit_mockserver.components.rows.scalars import dot, sigmoid
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["HomoTraining", "homo_rows", "is_blind", "train_together"]

_STEEP = 700.0


def _softplus(value: float) -> float:
    return value if value > _STEEP else math.log1p(math.exp(value))


@dataclass
class HomoTraining:
    """How a federated training went: the common weights, and the losses by party and together."""

    weights: list[float]
    intercept: float
    losses: dict[Party, list[float]]
    mean_losses: list[float]
    iterations: int = 0
    converged: bool = False

    def scores(self, data: Instances) -> list[float]:
        """Return the probability of every sample."""
        return [sigmoid(dot(row, self.weights) + self.intercept) for row in data.rows]


class _Client:
    """One party's share of the training.

    Args:
        data: its samples.
        asked: its parameter.
        clients: how many parties share the work.
        seed: for weights that start at random.
        slows: whether its learning rate decays; on the real server only the guest's does.
        blind: whether it sees the weights encrypted only; it cannot take a sigmoid then, and follows the second-order
            approximation.
    """

    def __init__(
        self,
        data: Instances,
        asked: Mapping[str, Any],
        clients: int,
        seed: int,
        *,
        slows: bool,
        blind: bool,
    ) -> None:
        self.slows = slows
        order = text_order(data.keys)
        weights = data.weights or [1.0] * len(data)
        self.rows = [[float(v) * weights[i] for v in data.rows[i]] for i in order]
        self.labels = [1.0 if (data.labels or [])[i] == 1 else -1.0 for i in order]
        self.size = asked["batch_size"] if asked["batch_size"] > 0 else len(order)
        self.proximal: float | None = asked["mu"] if asked["use_proximal"] else None
        self.optimizer = Optimizer(asked)
        self.approximate = blind
        self.has_intercept = asked["init_param"]["fit_intercept"]
        start = initial_weights(
            asked["init_param"], len(data.header), intercept=self.has_intercept, seed=seed
        ).tolist()
        self.intercept = start.pop() if self.has_intercept else 0.0
        if asked["init_param"]["init_method"] == "zeros" and self.has_intercept:
            ones = sum(1 for label in data.labels or [] if label == 1)
            rest = len(data) - ones
            self.intercept = math.log(ones / rest) if ones and rest else 0.0
        self.weights = start

    def loss(self, weights: Sequence[float], intercept: float) -> float:
        total = sum(
            _softplus(-label * (dot(row, weights) + intercept))
            for row, label in zip(self.rows, self.labels, strict=True)
        )
        return (total + self.optimizer.loss(np.array(weights))) / len(self.rows)

    def _residual(self, label: float, linear: float) -> float:
        if self.approximate:
            return 0.25 * linear - 0.5 * label
        return (sigmoid(label * linear) - 1.0) * label

    def train(self, iteration: int, common: Sequence[float]) -> int:
        """Go once through the batches; return how many samples that were."""
        self.optimizer.iteration = iteration if self.slows else 0
        for start in range(0, len(self.rows), self.size):
            rows = self.rows[start : start + self.size]
            labels = self.labels[start : start + self.size]
            residuals = [
                self._residual(label, dot(row, self.weights) + self.intercept)
                for row, label in zip(rows, labels, strict=True)
            ]
            count = len(rows)
            gradient = [dot(column, residuals) / count for column in zip(*rows, strict=True)]
            before = np.array(self.weights)
            gradient = self.optimizer.regular(np.array(gradient), before).tolist()
            gradient.append(sum(residuals) / count if self.has_intercept else 0.0)
            moves = self.optimizer.step(np.array(gradient)).tolist()
            self.weights = self.optimizer.updated(before, np.array(moves[:-1])).tolist()
            self.intercept -= moves[-1] if self.has_intercept else 0.0
            if self.proximal is not None:
                mu = self.proximal
                self.weights = [w - mu * (w - c) for w, c in zip(self.weights, common, strict=True)]
        return len(self.rows)


def is_blind(party: Party, asked: Mapping[str, Any]) -> bool:
    """Say whether a party works on encrypted weights: a host that was given a cipher."""
    method = asked["encrypt_param"]["method"]
    return party[0] == "host" and bool(method) and str(method).lower() == "paillier"


def _mean(values: Sequence[float], shares: Sequence[float]) -> float:
    return sum(v * s for v, s in zip(values, shares, strict=True)) / sum(shares)


def homo_rows(
    training: HomoTraining, data: Instances, asked: Mapping[str, Any], party: Party
) -> list[Row]:
    """Return the predictions of a party's samples, as that party may see them."""
    labels = data.labels or [None] * len(data)
    rows = binary_rows(labels, training.scores(data), asked["predict_param"]["threshold"])
    if is_blind(party, asked):
        # The arbiter tells such a party the result, never the score.
        return [[row[0], row[1], None, dict.fromkeys(row[3])] for row in rows]
    if party[0] == "host":
        # A host writes the detail the other way round.
        for row in rows:
            row[3] = dict(reversed(row[3].items()))
    return rows


def train_together(
    tables: Mapping[Party, Instances],
    asked: Mapping[Party, Mapping[str, Any]],
    watches: Mapping[Party, Validation],
    held: Mapping[Party, Instances],
    seed: int,
) -> HomoTraining:
    """Train in rounds: everybody from the common weights on, then the mean of what they came to.

    Args:
        tables: the samples by client.
        asked: the parameter of each.
        watches: who looks at the rounds.
        held: samples for these looks.
        seed: where the initial weights come from.
    """
    clients = {
        party: _Client(
            data,
            asked[party],
            len(tables),
            seed,
            slows=party[0] == "guest",
            blind=is_blind(party, asked[party]),
        )
        for party, data in tables.items()
    }
    first = next(iter(asked.values()))
    convergence = Convergence(first["early_stop"], first["tol"])
    training = HomoTraining([], 0.0, {party: [] for party in tables}, [])
    degrees = [0.0] * len(clients)
    last = first["max_iter"]
    for iteration in range(last + 1):
        training.iterations = iteration
        if (iteration + 1) % first["aggregate_iters"] == 0 or iteration == last:
            shares = degrees if any(degrees) else [1.0] * len(clients)
            members = list(clients.values())
            training.weights = [
                _mean(values, shares)
                for values in zip(*(client.weights for client in members), strict=True)
            ]
            training.intercept = _mean([client.intercept for client in members], shares)
            losses = []
            for party, client in clients.items():
                client.weights, client.intercept = list(training.weights), training.intercept
                if is_blind(party, asked[party]):
                    continue
                losses.append(client.loss(training.weights, training.intercept))
                training.losses[party].append(losses[-1])
            seen = [s for s, party in zip(shares, clients, strict=True) if training.losses[party]]
            training.mean_losses.append(_mean(losses, seen))
            degrees = [0.0] * len(clients)
            training.converged = convergence.settled(
                training.mean_losses[-1], np.array([*training.weights, training.intercept])
            )
            if training.converged or iteration == last:
                break
        for place, client in enumerate(clients.values()):
            degrees[place] += client.train(iteration, training.weights)
        for party, watch in watches.items():
            if watch.due(iteration):
                parts = [("train", tables[party])]
                parts += [("validate", held[party])] if party in held else []
                sets = [
                    (name, part.keys, homo_rows(training, part, asked[party], party))
                    for name, part in parts
                ]
                watch.look(iteration, sets)
    return training
