"""The quasi-Newton optimizer learns the curvature of what it descends."""

from __future__ import annotations

import numpy as np

from flowkit_mockserver.components.optim.optimizer import Optimizer
from flowkit_mockserver.components.optim.sqn import QuasiNewton

ASKED = {
    "optimizer": "sqn",
    "penalty": None,
    "learning_rate": 0.5,
    "alpha": 0.0,
    "decay": 0,
    "decay_sqrt": True,
}


def test_the_inverse_hessian_of_a_bowl_is_found_after_two_intervals() -> None:
    """But for a factor: the arbiter's weights are a batch ahead of those the product is taken at."""
    optimizer = Optimizer(ASKED)
    newton = QuasiNewton({"update_interval_L": 2, "memory_M": 5}, optimizer)
    curvature = np.diag([4.0, 4.0])
    weights = np.array([1.0, -2.0])

    for number in range(4):
        assert (optimizer.hessian is None) == (number < 4)
        step = optimizer.step(curvature @ weights * 0.1)
        newton.after_step(weights, step, lambda change: curvature @ change)
        weights = weights - step

    assert optimizer.hessian is not None
    assert np.allclose(optimizer.hessian, 0.8 * np.linalg.inv(curvature))


def test_only_the_last_pairs_are_remembered() -> None:
    optimizer = Optimizer(ASKED)
    newton = QuasiNewton({"update_interval_L": 1, "memory_M": 2}, optimizer)
    chance = np.random.RandomState(0)

    for _ in range(8):
        newton.after_step(chance.randn(3), chance.randn(3), lambda change: 2 * change)

    assert optimizer.hessian is not None
    assert optimizer.hessian.shape == (3, 3)
