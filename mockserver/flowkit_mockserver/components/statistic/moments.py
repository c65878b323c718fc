"""Sums over columns, and the moments that follow from them: mean, deviation, skewness, kurtosis.

With E_m the mean of x**m over the values that count and mu = E_1 (``federatedml/statistic/statics.py``):

    variance = E_2 - mu**2, and 0 when that is less than 1e-8 away from 0
    skewness = (E_3 - 3 mu E_2 + 2 mu**3) / variance**1.5
    kurtosis = (E_4 - 4 mu E_3 + 6 mu**2 E_2 - 3 mu**4) / variance**2 - 3

A missing value (NaN) is a value like any other in the first lines: what is computed from it is NaN, and a variance that
is NaN is 0. In the later ones it does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import Instances

__all__ = ["Moments", "numeric"]

Floats = NDArray[np.float64]
_ZERO = 1e-8
_PAIR, _TRIPLE = 2, 3


def numeric(data: Instances) -> Floats:
    """Return the features as float64, shape (n, d).

    Raises:
        ValueError: a feature is text that is no number.
    """
    try:
        return data.numbers
    except (TypeError, ValueError) as error:
        raise ValueError(
            "In add func, value should be either a numeric input or be listed in abnormal list."
            f" Error info: {error}"
        ) from error


class Moments:
    """The sums of the columns of a matrix.

    Args:
        values: shape (n, d).
        ignored: values that do not count.
        skip_missing: whether missing values do not count either, as in the later lines.
    """

    def __init__(
        self, values: Floats, ignored: Sequence[Any] = (), *, skip_missing: bool = False
    ) -> None:
        numbers = [float(one) for one in ignored if isinstance(one, int | float)]
        self._values = values
        # There the sizes stay those of all columns beside the moments of the columns that vary, so that a correction
        # fails where some, but more than one, vary.
        self._by_column = skip_missing
        self._counted: NDArray[np.bool_] | bool = (
            ~np.isin(values, np.array(numbers)) if numbers else True
        )
        if skip_missing and np.isnan(values).any():
            self._counted = self._counted & ~np.isnan(values)
        self.count: Floats = np.broadcast_to(
            np.sum(np.broadcast_to(self._counted, values.shape), axis=0), values.shape[1:]
        ).astype(np.float64)

    def _mean_power(self, order: int) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            powers = self._values if order == 1 else self._values**order
            means: Floats = powers.sum(axis=0, where=self._counted) / self.count
        return means

    @property
    def total(self) -> Floats:
        """The sums, shape (d,)."""
        total: Floats = self._values.sum(axis=0, where=self._counted)
        return total

    @property
    def lowest(self) -> Floats:
        """The smallest values, shape (d,); infinite where nothing counts."""
        lowest: Floats = np.min(self._values, axis=0, where=self._counted, initial=np.inf)
        return lowest

    @property
    def highest(self) -> Floats:
        """The greatest values, shape (d,); minus infinity where nothing counts."""
        highest: Floats = np.max(self._values, axis=0, where=self._counted, initial=-np.inf)
        return highest

    @property
    def mean(self) -> Floats:
        """The means, shape (d,)."""
        return self._mean_power(1)

    @property
    def variance(self) -> Floats:
        """The variances (of the population), shape (d,)."""
        found = self._mean_power(2) - self.mean**2
        return np.where(np.abs(found) >= _ZERO, found, 0.0)

    @property
    def deviation(self) -> Floats:
        """The standard deviations, shape (d,)."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(self.variance)

    @property
    def coefficient_of_variance(self) -> Floats:
        """Deviation by mean, of which less than 1e-8 is 1e-8; shape (d,)."""
        mean = self.mean
        return np.abs(self.deviation / np.where(np.abs(mean) < _ZERO, _ZERO, mean))

    def skewness(self, *, bias: bool = True) -> Floats:
        """Return the skewness, shape (d,), corrected for the size of the sample unless `bias`.

        Raises:
            ValueError: in the later lines, where it is corrected and some columns, but not all, are constant.
        """
        mean, second, size = self.mean, self.variance, self.count
        third = self._mean_power(3) - 3 * mean * self._mean_power(2) + 2 * mean**3
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(second == 0, 0.0, third / second**1.5)
            if bias:
                return found
            varied = (size > _PAIR) & (second > 0)
            if self._by_column:
                if varied.any():
                    second, third = second[varied], third[varied]
                    np.place(
                        found,
                        varied,
                        np.sqrt((size - 1.0) * size) / (size - 2.0) * third / second**1.5,
                    )
                return found
            corrected = np.sqrt((size - 1.0) * size) / (size - 2.0) * third / second**1.5
        return np.where(varied, corrected, found)

    def kurtosis(self, *, bias: bool = True) -> Floats:
        """Return the excess kurtosis, shape (d,), corrected for the size of the sample unless `bias`.

        Raises:
            ValueError: as `skewness` does.
        """
        mean, second, size = self.mean, self.variance, self.count
        fourth = (
            self._mean_power(4)
            - 4 * mean * self._mean_power(3)
            + 6 * mean**2 * self._mean_power(2)
            - 3 * mean**4
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(second == 0, 0.0, fourth / second**2)
            varied = (size > _TRIPLE) & (second > 0)
            if not bias and self._by_column:
                if varied.any():
                    second, fourth = second[varied], fourth[varied]
                    squares = (size**2 - 1.0) * fourth / second**2.0 - 3 * (size - 1) ** 2.0
                    np.place(found, varied, 1.0 / (size - 2) / (size - 3) * squares + 3.0)
            elif not bias:
                squares = (size**2 - 1.0) * fourth / second**2 - 3 * (size - 1) ** 2
                corrected = squares / (size - 2) / (size - 3) + 3.0
                found = np.where(varied, corrected, found)
        return found - 3
