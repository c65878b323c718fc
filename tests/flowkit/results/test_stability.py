"""The population stability index, of scores and of features."""

from __future__ import annotations

import math

import pytest

from flowkit.results import read_feature_stability, read_stability
from recorded_results import answer


def test_how_the_scores_moved_from_training_to_validation() -> None:
    (found,) = read_stability(answer("1.11", "evaluation"))
    assert (found.name, found.total, len(found.intervals)) == ("hetero_lr_0", 0.185945, 20)
    assert found.intervals[0] == "[0.001612, 0.083526)"
    first = found.actual[0] - found.expected[0]
    assert found.psi[0] == pytest.approx(
        first * math.log(found.actual[0] / found.expected[0]), abs=1e-6
    )
    assert sum(found.psi) == pytest.approx(found.total, abs=1e-5)


@pytest.mark.parametrize("line", ["1.6", "1.11"])
def test_how_features_moved(line: str) -> None:
    found = read_feature_stability(answer(line, "psi"))
    assert [(one.name, round(one.total, 6)) for one in found] == [("y", 0.015441), ("x0", 0.198848)]
    assert found[0].intervals == ("y<=0.0", "0.0<y", "missing")
    assert found[0].expected == (0.339207, 0.660793, 0.0)
