"""Sums and the sigmoid of single numbers, for algorithms that have not moved to columns yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

__all__ = ["dot", "sigmoid"]

_EXPONENT = 700.0


def dot(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the inner product."""
    total: float = sum(map(mul, one, two))
    return total


def sigmoid(value: float) -> float:
    """Return 1 / (1 + exp(-value)) without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-min(value, _EXPONENT)))
    grown = math.exp(max(value, -_EXPONENT))
    return grown / (1.0 + grown)
