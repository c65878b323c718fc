"""The stochastic quasi-Newton optimizer: an inverse Hessian from curvature along the way of the weights.

Every L batches the parties average their weights over these batches and, from the second time on, multiply the Hessian
of the batch with the change s of that average. Pairs of s and the product y, at most M of them, give the inverse
Hessian by the update of Broyden, Fletcher, Goldfarb and Shanno, which starts from the identity times yᵀs / yᵀy of
the last pair. As in FATE, the arbiter goes by an average of its own, over weights that it adds up from the steps: it
starts from the first step itself, not from its negative, and is a batch ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from flowkit_mockserver.components.optim.optimizer import Floats, Optimizer

__all__ = ["QuasiNewton"]


class _Average:
    """The mean of the weights over the batches of an interval, and of the interval before."""

    def __init__(self) -> None:
        self._sum: Floats | float = 0.0
        self._last: Floats | None = None

    def add(self, weights: Floats) -> None:
        self._sum = self._sum + weights

    def change(self, interval: int) -> Floats | None:
        """Close an interval; return how the mean changed, None after the first."""
        mean = np.asarray(self._sum / interval)
        change = None if self._last is None else mean - self._last
        self._last, self._sum = mean, 0.0
        return change


class QuasiNewton:
    """Keeps the inverse Hessian of an optimizer of kind sqn.

    Args:
        asked: the ``sqn_param`` (update_interval_L, memory_M).
        optimizer: whose `hessian` is set.
    """

    def __init__(self, asked: Mapping[str, Any], optimizer: Optimizer) -> None:
        self._interval: int = asked["update_interval_L"]
        self._memory: int = asked["memory_M"]
        self._optimizer = optimizer
        self._parties, self._arbiter = _Average(), _Average()
        self._weights: Floats | None = None
        self._pairs: list[tuple[Floats, Floats]] = []
        self._batches = 0

    def after_step(
        self, weights: Floats, step: Floats, product: Callable[[Floats], Floats]
    ) -> None:
        """Take note of a batch.

        Args:
            weights: shape (D,), those the step was computed at.
            step: shape (D,).
            product: the Hessian of the batch times a vector of shape (D,).
        """
        self._parties.add(weights)
        self._weights = step.copy() if self._weights is None else self._weights - step
        self._arbiter.add(self._weights)
        self._batches += 1
        if self._batches % self._interval:
            return
        change, own = self._parties.change(self._interval), self._arbiter.change(self._interval)
        if change is None or own is None:
            return
        self._pairs = [*self._pairs, (product(change), own)][-self._memory :]
        self._optimizer.hessian = self._inverse()

    def _inverse(self) -> Floats:
        product, change = self._pairs[-1]
        unit = np.identity(len(change))
        inverse = np.dot(product, change) / np.dot(product, product) * unit
        for product, change in self._pairs:
            rho = 1.0 / np.dot(product, change)
            left = unit - rho * np.outer(change, product)
            inverse = left.dot(inverse).dot(left.T) + rho * np.outer(change, change)
        return np.asarray(inverse)
