"""Replacing missing values and outliers in columns of text, before they become numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Ids
from flowkit_mockserver.components.core.partition import partitions_of, sum_by_partition

__all__ = [
    "LATER_MISSING_TEXTS",
    "MISSING_TEXTS",
    "Imputed",
    "Replacement",
    "contains",
    "exactly",
    "fit_values",
    "impute",
    "mark",
    "parse_floats",
    "parse_known",
]

#: What is missing when the user names nothing.
MISSING_TEXTS = ["", "none", "null", "na"]
#: The same in the later lines, which count NaN as well.
LATER_MISSING_TEXTS = [*MISSING_TEXTS, "None", math.nan]
_DIGITS = 6

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Replacement:
    """What is to be replaced, and by what.

    Attributes:
        unwanted: a list of texts (and of anything else, which no cell equals), or a single text.
        method: how the replacement of a column is found; see `fit_values`.
        value: the designated replacement.
        fitted: the replacements of a fitted model, one a column; None to find them.
        exact: whether statistics keep all their digits.
    """

    unwanted: Any
    method: str | None
    value: Any
    fitted: list[Any] | None = None
    exact: bool = False

    @property
    def statistic(self) -> bool:
        """Whether the columns have to be numbers, because the replacement is computed from them."""
        return self.fitted is None and self.method not in {None, "designated"}

    @property
    def idle(self) -> bool:
        """Whether nothing is replaced: the later lines leave columns without a method alone when they fit."""
        return self.exact and self.fitted is None and self.method is None

    def values(
        self, numbers: Floats, wanted: Mask, ids: Ids | None = None, partitions: int = 4
    ) -> list[Any]:
        """Return the replacement of every column; the first arguments are those of `fit_values`.

        Given ids, shape (n,), an exact mean is added up partition by partition, as on the server.
        """
        if self.fitted is not None:
            return self.fitted
        if self.exact and self.method == "mean" and ids is not None:
            return _partitioned_means(numbers, wanted, ids, partitions)
        return fit_values(self.method, self.value, numbers, wanted, exact=self.exact)


@dataclass(frozen=True)
class Imputed:
    """What was replaced in d columns.

    Attributes:
        values: what replaced the unwanted, one a column.
        rates: the share of replaced values, one a column.
        unwanted: what was replaced, as the user gave it.
    """

    values: list[Any]
    rates: list[float]
    unwanted: Any

    @property
    def texts(self) -> list[str]:
        """The replacements as the texts that stand in for the unwanted ones."""
        return [str(value) for value in self.values]


def contains(unwanted: Any, text: str) -> bool:
    """Say whether a text is unwanted, as Python's ``in`` does.

    In a list only equal texts are: a number never equals the text of a cell. In a single text every part of it is.

    Raises:
        TypeError: `unwanted` is neither a text nor a collection.
    """
    return text in unwanted


def mark(cells: Sequence[str], unwanted: Collection[Any]) -> Mask:
    """Return for each cell whether `contains` says that it is unwanted; shape (number of cells,)."""
    if isinstance(unwanted, str):
        found = (text in unwanted for text in cells)
        return np.fromiter(found, dtype=np.bool_, count=len(cells))
    contains(unwanted, "")
    texts = frozenset(text for text in unwanted if isinstance(text, str))
    if texts.isdisjoint(cells):
        return np.zeros(len(cells), dtype=np.bool_)
    return np.fromiter(map(texts.__contains__, cells), dtype=np.bool_, count=len(cells))


def parse_floats(cells: Sequence[str], skip: Mask | None = None) -> Floats:
    """Return texts as floats; NaN where `skip` says so.

    Raises:
        ValueError: a text is no number.
    """
    if skip is not None and skip.any():
        cells = [
            "nan" if skipped else text for text, skipped in zip(cells, skip.tolist(), strict=True)
        ]
    return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))


def exactly(unwanted: Any) -> list[Any]:
    """Return what does not count in a statistic: the unwanted, a single text as a whole."""
    return unwanted if isinstance(unwanted, list) else [unwanted]


def parse_known(cells: Sequence[str], skip: Mask) -> Floats:
    """Return the texts that a statistic is computed from as floats; NaN where `skip` says so.

    Raises:
        ValueError: a text is no number.
    """
    try:
        return parse_floats(cells, skip)
    except ValueError as problem:
        raise ValueError(
            "In add func, value should be either a numeric input or be listed in abnormal list. "
            f"Error info: {problem}"
        ) from problem


def impute(cells: NDArray[np.object_], wish: Replacement) -> tuple[NDArray[np.object_], Imputed]:
    """Return fields without the unwanted texts, and what replaced them.

    Args:
        cells: texts, shape (n, d).
        wish: what to replace, and by what.

    Raises:
        ValueError: a statistic is to be computed from what is no number.
    """
    flat = cells.ravel().tolist()
    shape = cells.shape
    marked = mark(flat, wish.unwanted).reshape(shape)
    numbers, wanted = np.zeros(shape), np.ones(shape, dtype=np.bool_)
    if wish.statistic:
        skip = mark(flat, exactly(wish.unwanted))
        numbers, wanted = parse_known(flat, skip).reshape(shape), ~skip.reshape(shape)
    done = Imputed(wish.values(numbers, wanted), marked.mean(axis=0).tolist(), wish.unwanted)
    texts = np.array(done.texts, dtype=object)
    return np.where(marked, texts, cells), done


def fit_values(
    method: str | None, value: Any, numbers: Floats, wanted: Mask, *, exact: bool = False
) -> list[Any]:
    """Find the replacement of every column.

    Args:
        method: min, max, mean, median (of the column), designated (`value`), or None for zero, a text unless `exact`.
        value: the designated replacement; if `exact`, a list has one for each column.
        numbers: shape (n, d).
        wanted: shape (n, d): which of the numbers count.
        exact: whether a statistic keeps all its digits; else it is rounded to six.

    Raises:
        ValueError: the method is none of these, or there is no designated value.
    """
    width = numbers.shape[1]
    method = method.lower() if isinstance(method, str) else None
    if method is None or method == "designated":
        filling = (0 if exact else "0") if method is None else value
        if filling is None:
            raise ValueError("Replace value should not be None")
        if exact and isinstance(filling, list):
            if len(filling) != width:
                raise ValueError(
                    f"replace value {filling} length does not match with header, please check."
                )
            return list(filling)
        return [filling] * width
    if method == "min":
        found = np.min(numbers, axis=0, initial=np.inf, where=wanted)
    elif method == "max":
        found = np.max(numbers, axis=0, initial=-np.inf, where=wanted)
    elif method == "mean":
        with np.errstate(invalid="ignore"):
            found = np.sum(numbers, axis=0, where=wanted) / np.sum(wanted, axis=0)
    elif method == "median":
        found = np.array([_median(numbers[wanted[:, i], i]) for i in range(width)])
    else:
        raise ValueError(f"Unknown replace method:{method}")
    values: list[float] = found.tolist()
    return values if exact else [round(one, _DIGITS) for one in values]


def _partitioned_means(numbers: Floats, wanted: Mask, ids: Ids, partitions: int) -> list[Any]:
    parts = partitions_of(ids.tolist(), partitions)
    means = []
    for place in range(numbers.shape[1]):
        counted = np.where(wanted[:, place], numbers[:, place], 0.0)
        count = int(np.sum(wanted[:, place]))
        total = sum_by_partition(counted, parts, partitions)
        means.append(total / count if count else float("nan"))
    return means


def _median(numbers: Floats) -> float:
    if not len(numbers):
        return float("nan")
    place = max(0, (len(numbers) + 1) // 2 - 1)
    return float(np.partition(numbers, place)[place])
