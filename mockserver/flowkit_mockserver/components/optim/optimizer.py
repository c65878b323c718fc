"""Gradient descent: optimizers, regularisation, the ways of starting and of stopping (``federatedml/optim``).

Weights and gradients are arrays of one party, shape (d,), or of all, hosts first, the guest with its intercept last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Convergence", "Floats", "Optimizer", "initial_weights"]

Floats = NDArray[np.float64]


class Optimizer:
    """One optimizer over one vector of weights.

    ======================  ===============================================================================
    kind                    step, r: learning rate, g: gradient
    ======================  ===============================================================================
    sgd                     r g
    rmsprop                 m = 0.99 m + 0.01 g²; r g / √(m + 1e-6)
    adagrad                 m = m + g²; r g / (√m + 1e-7)
    nesterov_momentum_sgd   v = 0.9 m - r g; 0.9 m - 1.9 v; then m = v
    adam                    m = 0.9 m + 0.1 g; v = 0.999 v + 0.001 g²; both corrected for their start;
                            r m / (√v + 1e-8)
    sqn                     r H g, with the inverse Hessian that was set; r g before
    ======================  ===============================================================================

    Args:
        asked: the parameter of the component (optimizer, learning_rate, alpha, penalty, decay, decay_sqrt).

    Attributes:
        iteration: number of the iteration under way, from 0; slows the learning rate down.
        hessian: (D, D), the estimate of the inverse Hessian; only sqn looks at it.
    """

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.kind: str = asked["optimizer"].lower()
        self.rate: float = asked["learning_rate"]
        self.alpha: float = asked["alpha"]
        self.penalty: str = (asked["penalty"] or "none").upper()
        self._decay, self._root = asked["decay"], asked["decay_sqrt"]
        self.iteration = 0
        self.hessian: Floats | None = None
        self._first: Floats | float = 0.0
        self._second: Floats | float = 0.0
        self._powers = (1.0, 1.0)

    def _step(self) -> float:
        slowing = 1 + self._decay * self.iteration
        return self.rate / (math.sqrt(slowing) if self._root else slowing)

    def regular(self, gradient: Floats, weights: Floats) -> Floats:
        """Add the gradient of an L2 penalty; both are without intercept, which is not penalised."""
        return gradient + self.alpha * weights if self.penalty == "L2" else gradient

    def loss(self, weights: Floats) -> float:
        """Return what the penalty adds to the loss; `weights` are without intercept."""
        if self.penalty == "L2":
            return float(0.5 * self.alpha * np.dot(weights, weights))
        if self.penalty == "L1":
            return float(np.sum(self.alpha * np.abs(weights)))
        return 0.0

    def step(self, gradient: Floats) -> Floats:
        """Return what is to be subtracted from the weights."""
        rate = self._step()
        if self.kind == "rmsprop":
            self._first = 0.99 * self._first + (1 - 0.99) * np.square(gradient)
            return rate * gradient / np.sqrt(self._first + 1e-6)
        if self.kind == "adagrad":
            self._first = self._first + np.square(gradient)
            return rate * gradient / (np.sqrt(self._first) + 1e-7)
        if self.kind == "nesterov_momentum_sgd":
            moved = 0.9 * self._first - rate * gradient
            step: Floats = 0.9 * self._first - 1.9 * moved
            self._first = moved
            return step
        if self.kind == "adam":
            one, two = self._powers[0] * 0.9, self._powers[1] * 0.999
            self._powers = one, two
            self._first = 0.9 * self._first + (1 - 0.9) * gradient
            self._second = 0.999 * self._second + (1 - 0.999) * np.square(gradient)
            return rate * (self._first / (1 - one)) / (np.sqrt(self._second / (1 - two)) + 1e-8)
        if self.kind == "sqn" and self.hessian is not None:
            return np.asarray(rate * self.hessian.dot(gradient))
        return rate * gradient

    def updated(self, weights: Floats, step: Floats) -> Floats:
        """Return weights (without intercept) after a step; an L1 penalty shrinks them to zero.

        The shrinkage is alpha times rate over √iteration: infinite in the first iteration, number 0, which leaves no
        weight.
        """
        new = weights - step
        if self.penalty != "L1":
            return new
        with np.errstate(divide="ignore", invalid="ignore"):
            shrinkage = self.alpha * (self.rate / np.sqrt(np.float64(self.iteration)))
            shrunk: Floats = np.sign(new) * np.maximum(0, np.abs(new) - shrinkage)
        return shrunk


class Convergence:
    """Decides after each iteration whether to stop.

    Args:
        how: ``diff`` of two losses, ``abs`` loss, or ``weight_diff``.
        tolerance: below which it is enough.
    """

    def __init__(self, how: str, tolerance: float) -> None:
        self._how, self._tolerance = how, tolerance
        self._last: float | None = None
        self._weights: Floats | None = None

    def reached(self, loss: float | None, gradient: Floats) -> bool:
        """Say whether an iteration with this loss and total gradient was the last that is needed."""
        if self._how == "weight_diff":
            return bool(np.linalg.norm(gradient) < self._tolerance)
        if loss is None:
            return False
        if self._how == "abs":
            return loss <= self._tolerance
        last, self._last = self._last, loss
        return last is not None and abs(last - loss) < self._tolerance

    def settled(self, loss: float, weights: Floats) -> bool:
        """Say the same of federated averaging, where `weight_diff` compares the weights themselves."""
        if self._how != "weight_diff":
            return self.reached(loss, weights)
        last, self._weights = self._weights, np.array(weights)
        if last is None:
            return False
        size = max(float(np.linalg.norm(weights)), 1.0)
        return bool(np.linalg.norm(last - weights) < self._tolerance * size)


def initial_weights(asked: Mapping[str, Any], size: int, *, intercept: bool, seed: int) -> Floats:
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
        return np.zeros(width)
    if method == "ones":
        return np.ones(width)
    if method == "const":
        return np.full(width, float(asked["init_const"]))
    given = asked["random_seed"]
    chance = np.random.RandomState(seed if given is None else int(given))
    drawn: Floats = chance.randn(width) if method == "random_normal" else chance.rand(width)
    return drawn
