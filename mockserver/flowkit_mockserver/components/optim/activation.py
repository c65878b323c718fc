"""The functions through which linear scores become probabilities."""

from __future__ import annotations

import math

__all__ = ["sigmoid"]

_EXPONENT = 700.0


def sigmoid(value: float) -> float:
    """Return 1 / (1 + exp(-value)) without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-min(value, _EXPONENT)))
    grown = math.exp(max(value, -_EXPONENT))
    return grown / (1.0 + grown)
