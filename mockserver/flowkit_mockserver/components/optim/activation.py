"""Activation functions over arrays (``federatedml/optim/activation.py``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.exponential import exponential

__all__ = ["sigmoid"]

Floats = NDArray[np.float64]


def sigmoid(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) for each value, without overflow; the same shape."""
    grown = exponential(-np.abs(values))
    return np.where(values > 0, 1.0 / (1.0 + grown), grown / (1.0 + grown))
