"""Activation functions."""

from __future__ import annotations

import numpy as np

from flowkit_mockserver.components.optim.activation import sigmoid


def test_the_sigmoid_never_overflows() -> None:
    with np.errstate(all="raise", under="ignore"):
        values = sigmoid(np.array([-1e9, -1.0, 0.0, 1.0, 1e9]))

    assert values.tolist() == [0.0, 0.2689414213699951, 0.5, 0.7310585786300049, 1.0]
