"""The search for the best features, apart from what is trained."""

from __future__ import annotations

import math
from typing import Any

import pytest

from flowkit_mockserver.components.model_selection.stepwise import (
    Candidate,
    Criterion,
    Mask,
    search,
)

ASKED: dict[str, Any] = {"direction": "both", "max_step": 10, "nvmin": 2, "nvmax": None}


def shown(mask: Mask) -> str:
    return "".join("01"[there] for there in mask)


class Worth:
    """Scores masks by what each feature is worth, and remembers what it was asked for."""

    def __init__(self, *worth: float) -> None:
        self.worth = worth
        self.asked: list[str] = []

    def __call__(self, mask: Mask) -> Candidate[str]:
        self.asked.append(shown(mask))
        if not any(mask):
            return Candidate(1.0, None, None)
        score = -sum(value for value, there in zip(self.worth, mask, strict=True) if there)
        return Candidate(score, score, shown(mask))


def test_backward_drops_the_worst_feature_until_it_gets_no_better() -> None:
    train = Worth(5, -1, 5, -2, 5)

    steps, best = search({**ASKED, "direction": "backward"}, 2, 3, train)

    assert [shown(step.mask) for step in steps] == ["11111", "11101", "10101"]
    assert best.trained == "10101"
    # Host features are dropped first, and no mask is trained twice.
    assert train.asked[:6] == ["11111", "01111", "10111", "11011", "11101", "11110"]
    assert len(train.asked) == len(set(train.asked))


def test_forward_starts_with_the_intercept_and_one_feature_of_each_party() -> None:
    train = Worth(1, 3, 2, -1)

    steps, best = search({**ASKED, "direction": "forward"}, 2, 2, train)

    assert [shown(step.mask) for step in steps] == ["0000", "0110", "1110"]
    assert steps[0].candidate == Candidate(1.0, None, None)
    assert train.asked[:5] == ["0000", "1010", "1001", "0110", "0101"]
    assert best.trained == "1110"


def test_both_directions_take_back_what_turned_out_wrong() -> None:
    train = Worth(1, -1, 1, 1)

    steps, best = search(ASKED, 2, 2, train)

    assert [shown(step.mask) for step in steps] == ["1111", "1011"]
    assert best.trained == "1011"


def test_a_party_keeps_its_last_feature() -> None:
    _, best = search({**ASKED, "direction": "backward"}, 1, 2, Worth(-9, 1, 1))

    assert best.trained == "111"


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({"nvmin": 4, "direction": "backward"}, "11110"),
        ({"nvmin": 3, "direction": "backward"}, "11010"),
        ({"max_step": 1, "direction": "backward"}, "11110"),
        ({"nvmax": 3, "direction": "forward"}, "00111"),
    ],
)
def test_a_limit_that_is_reached_ends_the_search_with_that_model(
    limits: dict[str, Any], kept: str
) -> None:
    worth = Worth(-1, -2, -3, -4, -5) if limits["direction"] == "backward" else Worth(1, 2, 3, 4, 5)
    steps, best = search({**ASKED, **limits}, 3, 2, worth)

    assert best.trained == kept
    # The step that ends the search is not told of.
    assert all(shown(step.mask) != best.trained for step in steps)


@pytest.mark.parametrize(
    ("name", "logarithmic", "expected"),
    [
        ("AIC", False, 2 * 4 + 2 * 100 * 0.5),
        ("bic", False, math.log(100) * 4 + 2 * 100 * 0.5),
        ("aic", True, 2 * 4 + 100 * math.log(1.0)),
    ],
)
def test_a_criterion_pays_for_every_degree_of_freedom(
    name: str, logarithmic: bool, expected: float
) -> None:
    criterion = Criterion(name, 100, logarithmic, intercept=True)

    assert criterion.value(3, 0.5) == pytest.approx(expected)


def test_an_infinite_loss_stops_the_search() -> None:
    with pytest.raises(ValueError, match="Loss value of infinity obtained"):
        Criterion("aic", 10, logarithmic=False, intercept=True).value(1, math.inf)
