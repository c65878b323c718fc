"""Iterations of a regression on shares.

With the samples X of a batch of m, weights w (intercept included) and z = Xw:

==========  ===================  =======================================================
regression  error e              loss of the batch
==========  ===================  =======================================================
logistic    z / 4 + 1/2 - y      log 2 - Σ (y z - z / 2 - z² / 8) / m
linear      z - y                Σ (z - y)² / 2m
==========  ===================  =======================================================

The gradient is Xᵀe / m. Where weights are revealed in every iteration, each party penalises its own, without the
intercept; where they are not, the penalty counts the intercept as well. Weights of samples count for nothing: the real
server scales them and forgets them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import Federation
from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.components.linear_model.hetero_gradient import LinearWeights, Start
from flowkit_mockserver.components.optim.optimizer import Optimizer, initial_weights

__all__ = ["Shares"]

Floats = NDArray[np.float64]


class Shares:
    """A training under way; of `event` against the rest if it is given, from `start` on if there is one."""

    def __init__(
        self,
        run: ComponentRun,
        data: Federation,
        asked: Mapping[str, Any],
        event: Any = None,
        start: Start | None = None,
    ) -> None:
        self._asked, self._logistic = asked, run.module == "HeteroSSHELR"
        ordered = data.in_batch_order()
        assert ordered.labels is not None
        found = ordered.labels if event is None else ordered.labels == event
        labels: Floats = found.astype(np.float64)
        guest, host = (x.astype(np.float64) for x in ordered.features)
        init = asked["init_param"]
        self._intercept = bool(init["fit_intercept"])
        if self._intercept:
            guest = np.column_stack((guest, np.ones(len(guest))))
        size = len(labels) if asked["batch_size"] == -1 else asked["batch_size"]
        self._batches = [
            ([guest[at], host[at]], labels[at])
            for at in (slice(start, start + size) for start in range(0, len(labels), size))
        ]
        self.count = len(labels)
        widths = (guest.shape[1] - self._intercept, host.shape[1])
        self._weights = [
            initial_weights(init, widths[0], intercept=self._intercept, seed=run.seed),
            initial_weights(init, widths[1], intercept=False, seed=run.seed + 1),
        ]
        if start is not None:
            own, theirs = start.weights.blocks
            last = [start.weights.intercept] if self._intercept else []
            self._weights = [np.append(own, last), theirs.copy()]
        self._optimizers = [Optimizer(asked), Optimizer(asked)]

    @property
    def weights(self) -> LinearWeights:
        """The weights as they would be revealed."""
        guest, host = self._weights
        if not self._intercept:
            return LinearWeights([guest, host], 0.0)
        return LinearWeights([guest[:-1], host], float(guest[-1]))

    def iterate(self, number: int) -> tuple[float, Floats]:
        """Go through all batches; return the mean loss and by how much the weights moved, shape (D,)."""
        before, total = np.concatenate(self._weights), 0.0
        for optimizer in self._optimizers:
            optimizer.iteration = number
        for features, labels in self._batches:
            total += self._move(features, labels) * len(labels)
        return total / self.count, np.concatenate(self._weights) - before

    def _move(self, features: list[Floats], labels: Floats) -> float:
        sums = sum((x @ w for x, w in zip(features, self._weights, strict=True)), np.zeros(1))
        count = len(labels)
        if self._logistic:
            errors = 0.25 * sums + 0.5 - labels
            terms = np.sum(labels * sums - 0.5 * sums - 0.125 * sums * sums)
            loss = math.log(2) - float(terms) / count
        else:
            errors = sums - labels
            loss = float(errors @ errors) / (2 * count)
        loss += sum(self._penalty(place) for place in range(len(features)))
        self._weights = [
            self._stepped(place, x.T @ errors / count) for place, x in enumerate(features)
        ]
        return loss

    def _penalised(self, place: int) -> slice:
        """Return which weights of a party are penalised."""
        alone = self._asked["reveal_every_iter"] and self._intercept and place == 0
        return slice(0, -1) if alone else slice(None)

    def _penalty(self, place: int) -> float:
        optimizer = self._optimizers[place]
        if not self._asked["reveal_every_iter"] and optimizer.penalty != "L2":
            return 0.0
        return optimizer.loss(self._weights[place][self._penalised(place)])

    def _stepped(self, place: int, gradient: Floats) -> Floats:
        optimizer, weights = self._optimizers[place], self._weights[place]
        those = self._penalised(place)
        gradient[those] = optimizer.regular(gradient[those], weights[those])
        step = optimizer.step(gradient)
        new = weights - step
        if self._asked["reveal_every_iter"]:
            new[those] = optimizer.updated(weights[those], step[those])
        return new
