"""Optimizers and where they start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.components.optim.optimizer import Convergence, Optimizer, initial_weights

ASKED = {"learning_rate": 0.1, "alpha": 0.5, "decay": 1.0, "decay_sqrt": True}


def optimizer(kind: str = "sgd", penalty: str | None = "L2") -> Optimizer:
    return Optimizer({**ASKED, "optimizer": kind, "penalty": penalty})


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("sgd", 0.2, 0.2),
        ("rmsprop", 0.2 / np.sqrt(0.04 + 1e-6), 0.2 / np.sqrt(0.0796 + 1e-6)),
        ("adagrad", 0.2 / (2.0 + 1e-7), 0.2 / (np.sqrt(8.0) + 1e-7)),
        ("nesterov_momentum_sgd", 0.38, 0.542),
        ("adam", 0.1 * 2 / (2 + 1e-8), 0.1 * 2 / (2 + 1e-8)),
    ],
)
def test_steps_of_the_same_gradient(kind: str, first: float, second: float) -> None:
    descent = optimizer(kind)

    steps = [float(descent.step(np.array([2.0]))[0]) for _ in range(2)]

    assert steps == pytest.approx([first, second], rel=1e-12)


def test_the_rate_decays_with_the_iterations() -> None:
    descent = optimizer()
    descent.iteration = 3

    assert descent.step(np.array([2.0])).tolist() == [0.1]


def test_an_l1_penalty_leaves_no_weight_in_the_first_iteration() -> None:
    descent = optimizer(penalty="l1")

    assert np.abs(descent.updated(np.array([3.0, -2.0]), np.zeros(2))).tolist() == [0.0, 0.0]

    descent.iteration = 4
    assert descent.updated(np.array([3.0, -2.0]), np.zeros(2)).tolist() == [2.975, -1.975]


def test_penalties_count_in_the_loss() -> None:
    weights = np.array([3.0, -4.0])

    assert optimizer(penalty="L2").loss(weights) == 6.25
    assert optimizer(penalty="L1").loss(weights) == 3.5
    assert optimizer(penalty=None).loss(weights) == 0.0
    assert optimizer(penalty="l2").regular(np.ones(2), weights).tolist() == [2.5, -1.0]


def test_the_quasi_newton_step_uses_the_inverse_hessian_once_there_is_one() -> None:
    descent = optimizer("sqn")

    assert descent.step(np.array([1.0, 2.0])).tolist() == [0.1, 0.2]
    descent.hessian = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert descent.step(np.array([1.0, 2.0])).tolist() == [0.2, 0.1]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("zeros", [0.0, 0.0, 0.0]),
        ("ones", [1.0, 1.0, 1.0]),
        ("const", [0.5, 0.5, 0.5]),
        ("random_uniform", np.random.RandomState(7).rand(3).tolist()),
        ("random_normal", np.random.RandomState(7).randn(3).tolist()),
    ],
)
def test_weights_start_as_numpy_draws_them(method: str, expected: list[float]) -> None:
    asked: dict[str, Any] = {"init_method": method, "init_const": 0.5, "random_seed": 7}

    assert initial_weights(asked, 2, intercept=True, seed=1).tolist() == expected


def test_the_user_may_leave_the_seed_open() -> None:
    asked = {"init_method": "random_uniform", "random_seed": None}

    same = [initial_weights(asked, 2, intercept=False, seed=5).tolist() for _ in range(2)]

    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("how", "losses", "expected"),
    [
        ("diff", [1.0, 0.5, 0.49], [False, False, True]),
        ("abs", [1.0, 0.01], [False, True]),
        ("weight_diff", [1.0], [True]),
    ],
)
def test_training_stops_when_little_changes(
    how: str, losses: list[float], expected: list[bool]
) -> None:
    convergence = Convergence(how, 0.02)

    assert [convergence.reached(loss, np.array([0.01])) for loss in losses] == expected
