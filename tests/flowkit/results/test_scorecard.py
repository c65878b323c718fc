"""The formula of credit scores."""

from __future__ import annotations

import pytest

from flowkit.results import read_scorecard
from recorded_results import answer


def test_the_formula_gives_the_score_that_the_server_gave() -> None:
    card = read_scorecard(answer("1.6", "scorecard"))
    assert card is not None
    assert (card.offset, card.factor, card.base) == (500.0, 20.0, 2.0)
    assert card.score(0.004697723120333038) == pytest.approx(654.54, abs=0.005)
    assert card.score(0.5) == 500.0


def test_another_component_has_none() -> None:
    assert read_scorecard({"retcode": 0, "data": {"loss_history": [1.0]}}) is None
