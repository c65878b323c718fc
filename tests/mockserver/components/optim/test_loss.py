from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from flowkit.servers import line_of
from flowkit_mockserver.components.optim.loss import (
    class_labels,
    objective_of,
    starting_value,
)
from flowkit_mockserver.dialects.behaviour import behaviour_of

CLASSES: dict[str, Any] = {"task_type": "classification"}


def values(kind: str, *params: float) -> dict[str, Any]:
    return {
        "task_type": "regression",
        "objective_param": {"objective": kind, "params": list(params)},
    }


@pytest.mark.parametrize("asked", [values("lse"), values("huber", 1.5), values("log_cosh")])
def test_gradients_are_the_slopes_of_the_loss(asked: dict[str, Any]) -> None:
    objective = objective_of([], asked)
    targets, scores = np.array([1.0, -2.0, 0.5]), np.array([[0.3], [0.7], [0.6]])
    step = 1e-5

    first, second = objective.gradients(targets, scores)

    up, here, down = (objective.losses(targets, scores + shift) for shift in (step, 0.0, -step))
    assert np.allclose(first[:, 0], (up - down) / (2 * step), atol=1e-6)
    assert np.allclose(second[:, 0], (up - 2 * here + down) / step**2, atol=1e-3)


def test_two_classes_have_a_chance() -> None:
    objective = objective_of([3, 8], CLASSES)
    targets = objective.targets(np.array([3, 8]))
    scores = np.array([[0.0], [2.0]])

    first, second = objective.gradients(targets, scores)
    said = objective.predictions(np.array([3, 8]), scores, 0.5)

    assert first[:, 0].tolist() == [0.5, 1 / (1 + math.exp(-2)) - 1]
    assert second[0, 0] == 0.25
    assert objective.losses(targets, scores)[0] == pytest.approx(math.log(2))
    assert said.results.tolist() == [3, 8]


def test_a_certain_mistake_costs_as_much_as_a_number_can() -> None:
    objective = objective_of([0, 1], CLASSES)

    losses = objective.losses(np.array([1.0, 0.0]), np.array([[-800.0], [-800.0]]))

    assert losses.tolist() == [np.finfo(np.float64).max, 0.0]


def test_several_classes_have_a_dimension_each() -> None:
    objective = objective_of(["a", "b", "c"], CLASSES)
    targets = objective.targets(np.array(["b", "a"], dtype=object))

    first, _ = objective.gradients(targets, np.zeros((2, 3)))

    assert objective.dimensions == 3
    assert first.round(4).tolist() == [[0.3333, -0.6667, 0.3333], [-0.6667, 0.3333, 0.3333]]


def test_a_hit_counts_as_one_below_for_absolute_losses() -> None:
    objective = objective_of([], values("lae"))

    first, second = objective.gradients(np.array([1.0, 1.0, 1.0]), np.array([[0.0], [1.0], [2.0]]))

    assert (first[:, 0].tolist(), second[:, 0].tolist()) == ([-1, -1, 1], [1, 1, 1])


def test_boosting_starts_from_the_mean_or_the_median() -> None:
    targets, parts = np.array([1.0, 2.0, 9.0]), np.zeros(3, dtype=np.intp)

    assert starting_value(targets, CLASSES, parts, 1) == 0.0
    assert starting_value(targets, values("lse"), parts, 1) == 4.0
    assert starting_value(targets, values("lae"), parts, 1) == 2.0


def test_later_lines_take_the_exponential_of_a_tweedie_score() -> None:
    later = behaviour_of(line_of("1.10"))
    objective = objective_of([], values("tweedie", 1.5), later)
    targets, scores = np.array([0.0, 2.0, 7.0]), np.array([[0.3], [-0.5], [1.25]])

    first, second = objective.gradients(targets, scores)
    losses = objective.losses(targets, scores)
    said = objective.predictions(targets, scores, 0.5)

    # What FATE 1.11.4 computes.
    assert first[:, 0] == pytest.approx(
        [1.161834242728283, -1.7892500503040778, -1.8785840422007087]
    )
    assert second[:, 0] == pytest.approx(
        [0.5809171213641415, 1.673425808223444, 2.8075379785325767]
    )
    assert losses == pytest.approx([2.323668485456566, 6.693703232893776, 11.230151914130307])
    assert said.results == pytest.approx(
        [1.3498588075760032, 0.6065306597126334, 3.4903429574618414]
    )
    assert (
        starting_value(targets, values("tweedie", 1.5), np.zeros(3, dtype=np.intp), 1, later) == 0
    )


def test_later_lines_refuse_a_tweedie_label_below_zero() -> None:
    objective = objective_of([], values("tweedie", 1.5), behaviour_of(line_of("1.10")))

    with pytest.raises(ValueError, match=r"label must be non-negative, but got -0\.5$"):
        objective.gradients(np.array([1.0, -0.5]), np.zeros((2, 1)))


def test_a_median_is_no_start_from_1_9_on() -> None:
    one = np.zeros(1, dtype=np.intp)

    assert starting_value(np.ones(1), values("lae"), one, 1, behaviour_of(line_of("1.8"))) == 1
    with pytest.raises(ValueError, match="TypeError: 'NoneType' object is not iterable"):
        starting_value(np.ones(1), values("lae"), one, 1, behaviour_of(line_of("1.9")))


def test_no_server_has_a_loss_for_fair() -> None:
    objective = objective_of([], values("fair", 1.0))

    with pytest.raises(ValueError, match="local variable 'loss' referenced before assignment"):
        objective.losses(np.zeros(1), np.zeros((1, 1)))


def test_classes_are_found_and_counted() -> None:
    assert class_labels(np.array([2, 0, 2, 1]), CLASSES) == [0, 1, 2]
    assert class_labels(np.array([2.5, 0.1]), values("lse")) == []
    with pytest.raises(ValueError, match="no more than 1000; there are 1001"):
        class_labels(np.arange(1001), CLASSES)
