"""Moments of a column: mean, deviation, skewness, kurtosis; and how two columns move together."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["correlation", "kurtosis", "mean_and_deviation", "skewness"]

_TINY = 1e-8
_PAIR, _TRIPLE = 2, 3


def mean_and_deviation(column: Sequence[float]) -> tuple[float, float]:
    """Return mean and (population) standard deviation of a column, missing values left out."""
    values = column
    total = sum(values)
    if math.isnan(total):
        values = [value for value in column if not math.isnan(value)]
        total = sum(values)
    if not values:
        return math.nan, math.nan
    mean = total / len(values)
    variance = sum(value * value for value in values) / len(values) - mean * mean
    return mean, math.sqrt(variance) if variance >= _TINY else 0.0


def _moment(column: Sequence[float], order: int) -> float:
    mean = sum(column) / len(column)
    return sum((value - mean) ** order for value in column) / len(column)


def skewness(column: Sequence[float], *, bias: bool = True) -> float:
    """Return the skewness of a column, corrected for the sample's size unless `bias`."""
    size, second = len(column), _moment(column, 2)
    if second < _TINY:
        return 0.0
    skew: float = _moment(column, 3) / second**1.5
    if bias or size <= _PAIR:
        return skew
    return math.sqrt((size - 1.0) * size) / (size - 2.0) * skew


def kurtosis(column: Sequence[float], *, bias: bool = True) -> float:
    """Return the excess kurtosis of a column, corrected for the sample's size unless `bias`."""
    size, second = len(column), _moment(column, 2)
    if second < _TINY:
        return -3.0
    peak: float = _moment(column, 4) / second**2
    if bias or size <= _TRIPLE:
        return peak - 3
    corrected = (size * size - 1.0) * peak - 3.0 * (size - 1) * (size - 1)
    return corrected / (size - 2) / (size - 3)


def correlation(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the correlation of two standardised columns: the mean of their products."""
    return sum(a * b for a, b in zip(one, two, strict=True)) / len(one)
