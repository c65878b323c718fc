"""Draws beside those of scikit-learn 0.19.2 (lines 1.5 and 1.6), 0.24.2 (1.7 and 1.8) and 1.0.1 (1.9 on)."""

from __future__ import annotations

import numpy as np
import pytest

from flowkit_mockserver.components.core.random_state import NumpyRandom, stratified_split


@pytest.mark.parametrize(
    ("positives", "later", "drawn"),
    [
        (7, False, [7, 21, 10, 0, 15, 17, 16, 18, 5, 12, 4]),
        (7, True, [2, 17, 10, 12, 21, 5, 7, 15, 0, 16, 20]),
        (15, False, [16, 14, 11, 13, 10, 21, 9, 15, 5, 18, 3]),
        (15, True, [17, 13, 11, 5, 10, 16, 9, 7, 0, 15, 3]),
    ],
)
def test_ties_of_strata_are_those_of_the_release(
    positives: int, later: bool, drawn: list[int]
) -> None:
    labels = np.array([1] * positives + [0] * (22 - positives))

    _, test = stratified_split(labels, 11, 11, NumpyRandom(3), later=later)

    assert test.tolist() == drawn
