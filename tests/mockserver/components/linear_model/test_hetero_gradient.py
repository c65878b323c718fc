"""Training a regression over the columns of several parties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowkit_mockserver.components.linear_model.hetero_gradient import LinearWeights, fit, safe_log

ASKED: dict[str, Any] = {
    "optimizer": "sgd",
    "penalty": "L2",
    "learning_rate": 0.1,
    "alpha": 0.01,
    "decay": 1.0,
    "decay_sqrt": True,
    "early_stop": "diff",
    "tol": 1e-9,
    "max_iter": 3,
    "batch_size": -1,
    "floating_point_precision": None,
    "init_param": {"init_method": "zeros", "fit_intercept": True, "random_seed": None},
    "sqn_param": {"update_interval_L": 1, "memory_M": 5, "sample_size": 5000},
}


def data(count: int = 40) -> tuple[list[Any], Any]:
    chance = np.random.RandomState(3)
    guest, host = chance.randn(count, 2), chance.randn(count, 3)
    return [guest, host], np.where(guest[:, 0] + host[:, 1] > 0, 1.0, -1.0)


def test_a_step_of_the_logistic_regression_is_the_gradient_of_second_order() -> None:
    (guest, host), labels = data()

    training = fit("HeteroLR", [guest, host], labels, None, {**ASKED, "max_iter": 1}, seed=1)

    residuals = -0.5 * labels
    assert training.losses == [pytest.approx(np.log(2))]
    assert np.allclose(training.weights.blocks[0], -0.1 * guest.T @ residuals / 40)
    assert np.allclose(training.weights.blocks[1], -0.1 * host.T @ residuals / 40)
    assert training.weights.intercept == pytest.approx(-0.1 * residuals.mean())


def test_the_loss_of_a_batch_takes_the_guests_squares_over_the_whole_table() -> None:
    (guest, host), labels = data()
    asked = {**ASKED, "max_iter": 1, "batch_size": 20, "learning_rate": 0.0, "alpha": 0.0}
    asked["init_param"] = {**ASKED["init_param"], "init_method": "ones"}

    training = fit("HeteroLR", [guest, host], labels, None, asked, seed=1)

    g, h = guest.sum(axis=1) + 1, host.sum(axis=1)
    expected = []
    for at in (slice(0, 20), slice(20, 40)):
        squares = g @ g + h[at] @ h[at] + 0.5 * (g[at] @ h[at])
        agreement = labels[at] @ (g[at] + h[at])
        expected.append(np.log(2) - 0.5 * agreement / 40 + 0.125 * squares / 40)
    assert training.losses == [pytest.approx(np.mean(expected), rel=1e-12)]


def test_late_rows_count_as_much_as_early_ones() -> None:
    (guest, host), labels = data(5000)
    flipped = labels.copy()
    flipped[-500:] *= -1

    one, other = (
        fit("HeteroLR", [guest, host], y, None, ASKED, seed=1).weights.blocks[0]
        for y in (labels, flipped)
    )

    assert not np.allclose(one, other, rtol=1e-3)


@pytest.mark.parametrize(
    "optimizer", ["rmsprop", "adam", "adagrad", "nesterov_momentum_sgd", "sqn"]
)
def test_every_optimizer_gets_better(optimizer: str) -> None:
    features, labels = data()
    asked = {**ASKED, "optimizer": optimizer, "max_iter": 20, "batch_size": 20}

    losses = fit("HeteroLR", features, labels, None, asked, seed=1).losses

    assert losses[-1] < losses[0]


def test_features_are_rounded_to_fixed_point_numbers_in_large_batches_only() -> None:
    (guest, host), labels = data(60)
    coarse = {**ASKED, "floating_point_precision": 0, "max_iter": 1}

    weights = fit("HeteroLR", [guest, host], labels, None, coarse, seed=1).weights

    assert np.allclose(weights.blocks[0], 0.05 * np.round(guest).T @ labels / 60)
    few = fit("HeteroLR", [guest[:20], host[:20]], labels[:20], None, coarse, seed=1).weights
    assert np.allclose(few.blocks[0], 0.05 * guest[:20].T @ labels[:20] / 20)


def test_weights_that_diverge_end_the_training() -> None:
    features, labels = data()
    asked = {**ASKED, "learning_rate": 1e9}

    with pytest.raises(OverflowError, match="The model weights are overflow"):
        fit("HeteroLR", features, labels, None, asked, seed=1)
    # The real server lets a linear one go on.
    few = {**asked, "max_iter": 2}
    weights = fit("HeteroLinR", features, labels, None, few, seed=1).weights
    assert np.abs(weights.blocks[0]).max() > 1e8


def test_several_hosts_leave_no_loss_and_no_poisson_regression() -> None:
    (guest, host), labels = data()

    assert fit("HeteroLR", [guest, host, host], labels, None, ASKED, seed=1).losses == []
    with pytest.raises(ValueError, match="Poisson regression does not support multi-host"):
        fit("HeteroPoisson", [guest, host, host], labels, None, ASKED, seed=1)


def test_an_exposure_shifts_the_expected_count() -> None:
    (guest, host), _ = data()
    counts = np.full(40, 2.0)
    asked = {**ASKED, "max_iter": 1, "alpha": 0.0}

    training = fit("HeteroPoisson", [guest, host], counts, np.full(40, 2.0), asked, seed=1)

    assert training.losses == [pytest.approx(2 - 2 * np.log(2))]
    assert training.weights.intercept == pytest.approx(0.0)
    assert safe_log(np.array([0.0, 1.0])).tolist() == [np.log(1e-7), 0.0]


def test_weights_stand_together_hosts_first() -> None:
    weights = LinearWeights([np.array([1.0]), np.array([2.0, 3.0])], 4.0)

    assert weights.joined(intercept=True).tolist() == [2.0, 3.0, 1.0, 4.0]
    assert weights.linear([np.array([[1.0]]), np.array([[1.0, 1.0]])]).tolist() == [10.0]


def test_sqn_takes_the_curvature_of_a_sample_of_large_batches() -> None:
    features, labels = data(200)
    ids = np.array([f"u{i:03}" for i in range(200)])
    asked = {**ASKED, "optimizer": "sqn", "max_iter": 6, "batch_size": -1}
    asked["sqn_param"] = {**ASKED["sqn_param"], "sample_size": 50, "random_seed": 7}

    def weights(**options: Any) -> Any:
        return fit("HeteroLR", features, labels, None, asked, seed=1, **options).weights.blocks[0]

    assert np.array_equal(weights(ids=ids), weights(ids=ids))
    assert not np.allclose(weights(ids=ids), weights(), rtol=1e-6)
