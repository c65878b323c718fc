from __future__ import annotations

import pytest

from flowkit_mockserver.components.optim.activation import sigmoid


@pytest.mark.parametrize(
    ("score", "probability"), [(0.0, 0.5), (2.0, 0.880797), (-2.0, 0.119203), (5000.0, 1.0)]
)
def test_scores_become_probabilities(score: float, probability: float) -> None:
    assert sigmoid(score) == pytest.approx(probability, abs=1e-6)


def test_a_score_far_below_zero_does_not_overflow() -> None:
    assert sigmoid(-5000.0) == pytest.approx(0.0)
