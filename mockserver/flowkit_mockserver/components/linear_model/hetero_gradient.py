"""Fitting logistic, linear and Poisson regression over the columns of a guest and its hosts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
    Optimizer,
    dot,
    initial_weights,
)

__all__ = ["LinearWeights", "Training", "fit"]

_LARGEST_EXPONENT = 70.0
Rows = Sequence[Sequence[float]]


def _exp(value: float) -> float:
    return math.exp(min(value, _LARGEST_EXPONENT))


@dataclass(frozen=True)
class LinearWeights:
    """The weights of all parties: `blocks` by party, the guest's first."""

    blocks: list[list[float]]
    intercept: float

    def linear(self, features: Sequence[Rows]) -> list[float]:
        """Return the weighted sum of every sample."""
        total = [self.intercept] * len(features[0])
        for rows, weights in zip(features, self.blocks, strict=True):
            total = [t + dot(row, weights) for t, row in zip(total, rows, strict=True)]
        return total


@dataclass
class Training:
    """How a training went.

    Attributes:
        weights: the final weights.
        losses: one an iteration; empty with several hosts, where nobody can compute it.
        iterations: how many were counted.
        converged: whether it stopped because it had converged.
        snapshots: the weights after each iteration.
    """

    weights: LinearWeights
    losses: list[float] = field(default_factory=list)
    iterations: int = 0
    converged: bool = False


class _Batch:
    """Consecutive samples: features by party, labels, weights and offsets."""

    def __init__(
        self, features: Sequence[Rows], labels: Sequence[float], extra: Sequence[float], at: slice
    ) -> None:
        self.rows = [rows[at] for rows in features]
        self.columns = [[list(c) for c in zip(*rows, strict=True)] for rows in self.rows]
        self.labels = labels[at]
        self.extra = extra[at]


def _forward(rows: Rows, weights: Sequence[float], intercept: float = 0.0) -> list[float]:
    return [dot(row, weights) + intercept for row in rows]


def _logistic(
    guest: list[float], hosts: list[list[float]], batch: _Batch, everything: tuple[int, float]
) -> tuple[list[float], float]:
    """Return the residuals of a batch and its loss, by the second-order approximation that encryption permits.

    `everything` are the number of all samples and the sum of the guest's squared forwards over them: the loss of a
    batch is measured against the whole table.
    """
    size, squares = everything
    total = [sum(parts) for parts in zip(guest, *hosts, strict=True)]
    residuals = [
        (0.25 * t - 0.5 * y) * w for t, y, w in zip(total, batch.labels, batch.extra, strict=True)
    ]
    if len(hosts) > 1:
        return residuals, math.nan
    host = hosts[0] if hosts else [0.0] * len(guest)
    agreement = sum(y * t for y, t in zip(batch.labels, total, strict=True))
    host_squares = sum(h * h for h in host)
    mixed = sum(g * 0.25 * h for g, h in zip(guest, host, strict=True))
    loss = (
        math.log(2) - 0.5 * agreement / size + 0.125 * (squares + host_squares + 2 * mixed) / size
    )
    return residuals, loss


def _linear(
    guest: list[float], hosts: list[list[float]], batch: _Batch, everything: tuple[int, float]
) -> tuple[list[float], float]:
    total = [sum(parts) for parts in zip(guest, *hosts, strict=True)]
    residuals = [(t - y) * w for t, y, w in zip(total, batch.labels, batch.extra, strict=True)]
    return residuals, sum(r * r for r in residuals) / (2 * everything[0])


def _poisson(
    guest: list[float], hosts: list[list[float]], batch: _Batch, everything: tuple[int, float]
) -> tuple[list[float], float]:
    offset = [math.log(e) if e > 0 else 0.0 for e in batch.extra]
    total = [
        sum(parts) + o for parts, o in zip(zip(guest, *hosts, strict=True), offset, strict=True)
    ]
    means = [_exp(t) for t in total]
    residuals = [m - y for m, y in zip(means, batch.labels, strict=True)]
    loss = sum(m - y * t for m, y, t in zip(means, batch.labels, total, strict=True))
    return residuals, loss / everything[0]


_KINDS: dict[str, Callable[..., tuple[list[float], float]]] = {
    "HeteroLR": _logistic,
    "HeteroLinR": _linear,
    "HeteroPoisson": _poisson,
}


def _batches(
    features: Sequence[Rows], labels: Sequence[float], extra: Sequence[float], size: int
) -> list[_Batch]:
    count = len(labels)
    size = count if size in {-1, 0} else min(size, count)
    return [
        _Batch(features, labels, extra, slice(start, start + size))
        for start in range(0, count, size)
    ]


def fit(
    module: str,
    features: Sequence[Rows],
    labels: Sequence[float],
    extra: Sequence[float],
    asked: Mapping[str, Any],
    *,
    seed: int,
    after: Callable[[int, LinearWeights], bool] | None = None,
) -> Training:
    """Train one model.

    Args:
        module: which regression.
        features: rows by party, the guest first.
        labels: 1 and -1 for logistic regression, numbers otherwise.
        extra: sample weights, or for Poisson regression the exposures.
        asked: the parameter of the component.
        seed: for weights that start at random.
        after: called after every iteration with its number and the weights; True stops.
    """
    step = _KINDS[module]
    widths = [len(rows[0]) if rows else 0 for rows in features]
    features = [[list(map(float, row)) for row in rows] for rows in features]
    has_intercept = asked["init_param"]["fit_intercept"]
    blocks = []
    intercept = 0.0
    for place, width in enumerate(widths):
        start = initial_weights(
            asked["init_param"], width, intercept=has_intercept and place == 0, seed=seed + place
        )
        if place == 0 and has_intercept:
            intercept = start.pop()
        blocks.append(start)
    optimizer = Optimizer(asked)
    convergence = Convergence(asked["early_stop"], asked["tol"])
    training = Training(LinearWeights(blocks, intercept))
    batches = _batches(features, labels, extra, asked["batch_size"])
    for iteration in range(asked["max_iter"]):
        optimizer.iteration = iteration
        iteration_loss = 0.0
        moved = [0.0] * (sum(widths) + 1)
        for batch in batches:
            guest = _forward(batch.rows[0], blocks[0], intercept)
            hosts = [
                _forward(rows, weights)
                for rows, weights in zip(batch.rows[1:], blocks[1:], strict=True)
            ]
            whole = guest if len(batches) == 1 else _forward(features[0], blocks[0], intercept)
            squares = sum(g * g for g in whole)
            residuals, loss = step(guest, hosts, batch, (len(labels), squares))
            penalty = sum(optimizer.loss(weights) for weights in blocks)
            iteration_loss += loss + penalty
            count = len(batch.labels)
            gradient: list[float] = []
            # Hosts first, the guest with its intercept last: the order in which they are put together.
            for place in [*range(1, len(blocks)), 0]:
                own = [dot(column, residuals) / count for column in batch.columns[place]]
                gradient += optimizer.regular(own, blocks[place])
            gradient.append(sum(residuals) / count if has_intercept else 0.0)
            moves = optimizer.step(gradient)
            moved = [a + b for a, b in zip(moved, moves, strict=True)]
            at = 0
            new = list(blocks)
            for place in [*range(1, len(blocks)), 0]:
                new[place] = optimizer.updated(blocks[place], moves[at : at + widths[place]])
                at += widths[place]
            blocks = new
            if has_intercept:
                intercept -= moves[-1]
        mean_loss: float | None = iteration_loss / len(batches)
        if mean_loss is None or math.isnan(mean_loss):
            mean_loss = None
        else:
            training.losses.append(mean_loss)
        training.weights = LinearWeights(blocks, intercept)
        training.converged = convergence.reached(mean_loss, moved)
        if after is not None and after(iteration, training.weights):
            break
        training.iterations += 1
        if training.converged:
            break
    return training
