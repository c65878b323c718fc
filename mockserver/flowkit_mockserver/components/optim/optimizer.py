"""Gradient descent: optimizers, regularisation, the ways of starting and of stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import mul
from typing import Any

from flowkit_mockserver.components.core.random_state import NumpyRandom

__all__ = ["Convergence", "Optimizer", "dot", "initial_weights"]


def dot(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the inner product."""
    total: float = sum(map(mul, one, two))
    return total


class Optimizer:
    """One optimizer over one vector of weights.

    Args:
        asked: the parameter of the component (optimizer, learning_rate, alpha, penalty, decay, decay_sqrt).
    """

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.kind: str = asked["optimizer"]
        self.rate: float = asked["learning_rate"]
        self.alpha: float = asked["alpha"]
        self.penalty: str | None = asked["penalty"]
        self._decay, self._root = asked["decay"], asked["decay_sqrt"]
        self.iteration = 0
        self._first: list[float] = []
        self._second: list[float] = []
        self._powers = (1.0, 1.0)

    def _step(self) -> float:
        slowing = 1 + self._decay * self.iteration
        return self.rate / (math.sqrt(slowing) if self._root else slowing)

    def regular(self, gradient: list[float], weights: Sequence[float]) -> list[float]:
        """Add the gradient of an L2 penalty; `weights` are without intercept, which is not penalised."""
        if self.penalty != "L2":
            return gradient
        alpha = self.alpha
        regular = [g + alpha * w for g, w in zip(gradient, weights, strict=False)]
        return regular + gradient[len(weights) :]

    def loss(self, weights: Sequence[float]) -> float:
        """Return what the penalty adds to the loss."""
        if self.penalty == "L2":
            return 0.5 * self.alpha * sum(w * w for w in weights)
        if self.penalty == "L1":
            return self.alpha * sum(map(abs, weights))
        return 0.0

    def step(self, gradient: list[float]) -> list[float]:
        """Return what is to be subtracted from the weights."""
        rate = self._step()
        first = self._first or [0.0] * len(gradient)
        second = self._second or [0.0] * len(gradient)
        if self.kind == "rmsprop":
            self._first = [0.99 * m + 0.01 * g * g for m, g in zip(first, gradient, strict=True)]
            return [
                rate * g / math.sqrt(m + 1e-6) for g, m in zip(gradient, self._first, strict=True)
            ]
        if self.kind == "adagrad":
            self._first = [m + g * g for m, g in zip(first, gradient, strict=True)]
            return [
                rate * g / (math.sqrt(m) + 1e-7) for g, m in zip(gradient, self._first, strict=True)
            ]
        if self.kind == "nesterov_momentum_sgd":
            moved = [0.9 * m - rate * g for m, g in zip(first, gradient, strict=True)]
            self._first = moved
            return [0.9 * m - 1.9 * v for m, v in zip(first, moved, strict=True)]
        if self.kind == "adam":
            one, two = self._powers[0] * 0.9, self._powers[1] * 0.999
            self._powers = one, two
            self._first = [0.9 * m + 0.1 * g for m, g in zip(first, gradient, strict=True)]
            self._second = [
                0.999 * v + 0.001 * g * g for v, g in zip(second, gradient, strict=True)
            ]
            return [
                rate * (m / (1 - one)) / (math.sqrt(v / (1 - two)) + 1e-8)
                for m, v in zip(self._first, self._second, strict=True)
            ]
        return [rate * g for g in gradient]

    def updated(self, weights: list[float], step: Sequence[float]) -> list[float]:
        """Return weights (without intercept) after a step; an L1 penalty shrinks them to zero."""
        new = [w - s for w, s in zip(weights, step, strict=False)]
        if self.penalty == "L1":
            shrinkage = self.alpha * self.rate / math.sqrt(self.iteration or 1)
            new = [math.copysign(max(0.0, abs(w) - shrinkage), w) for w in new]
        return new


class Convergence:
    """Decides after each iteration whether to stop.

    Args:
        how: ``diff`` of two losses, ``abs`` loss, or ``weight_diff``.
        tolerance: below which it is enough.
    """

    def __init__(self, how: str, tolerance: float) -> None:
        self._how, self._tolerance = how, tolerance
        self._last: float | None = None
        self._weights: list[float] | None = None

    def reached(self, loss: float | None, gradient: Sequence[float]) -> bool:
        """Say whether an iteration with this loss and total gradient was the last that is needed."""
        if self._how == "weight_diff":
            return math.sqrt(sum(g * g for g in gradient)) < self._tolerance
        if loss is None:
            return False
        if self._how == "abs":
            return loss <= self._tolerance
        last, self._last = self._last, loss
        return last is not None and abs(last - loss) < self._tolerance

    def settled(self, loss: float, weights: Sequence[float]) -> bool:
        """Say the same of federated averaging, where `weight_diff` compares the weights themselves."""
        if self._how != "weight_diff":
            return self.reached(loss, ())
        last, self._weights = self._weights, list(weights)
        if last is None:
            return False
        moved = math.sqrt(sum((a - b) ** 2 for a, b in zip(last, weights, strict=True)))
        size = math.sqrt(sum(w * w for w in weights))
        return moved < self._tolerance * max(size, 1.0)


def initial_weights(
    asked: Mapping[str, Any], size: int, *, intercept: bool, seed: int
) -> list[float]:
    """Return the weights to start from, with the intercept last when there is one.

    Args:
        asked: the ``init_param``.
        size: how many features.
        intercept: whether an intercept is fitted.
        seed: used when the user gave none.
    """
    width = size + intercept
    method = asked["init_method"]
    if method == "zeros":
        return [0.0] * width
    if method == "ones":
        return [1.0] * width
    if method == "const":
        return [float(asked["init_const"])] * width
    given = asked["random_seed"]
    uniform = NumpyRandom(seed if given is None else int(given)).uniform(2 * width)
    if method == "random_normal":
        pairs = zip(uniform[:width], uniform[width:], strict=True)
        return [math.sqrt(-2 * math.log(1 - a)) * math.cos(2 * math.pi * b) for a, b in pairs]
    return uniform[:width]
