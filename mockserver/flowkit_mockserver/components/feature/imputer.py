"""Replacing missing values and outliers in columns of text, before they become numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MISSING_TEXTS", "Imputed", "fit_imputation", "impute"]

MISSING_TEXTS = ["", "none", "null", "na"]
_DIGITS = 6


@dataclass(frozen=True)
class Imputed:
    """Rows without the unwanted texts.

    Attributes:
        rows: the rows, still text.
        values: what replaced the unwanted, per column.
        rates: the share of replaced values, per column.
        unwanted: the texts that were replaced.
    """

    rows: list[list[str]]
    values: list[Any]
    rates: list[float]
    unwanted: list[str]


def _median(numbers: list[float]) -> float:
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(len(ordered) / 2) - 1)]


_CHOICES: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "mean": lambda numbers: sum(numbers) / len(numbers),
    "median": _median,
}


def _fitted(column: Sequence[str], method: str, unwanted: set[str]) -> float:
    numbers = [float(text) for text in column if text not in unwanted]
    return round(_CHOICES[method](numbers), _DIGITS) if numbers else math.nan


def fit_imputation(
    rows: list[list[str]], method: str | None, value: Any, unwanted: list[str] | None
) -> Imputed:
    """Find the replacement of every column and apply it.

    Args:
        rows: the features as text.
        method: min, max, mean, median (of the column), designated (`value`), or None for zero.
        value: the designated replacement.
        unwanted: the texts to replace; None for the usual ways of writing "nothing".

    Raises:
        ValueError: the method is none of these, or a column holds text that is no number.
    """
    texts = MISSING_TEXTS if unwanted is None else [str(text) for text in unwanted]
    width = len(rows[0]) if rows else 0
    method = method.lower() if isinstance(method, str) else None
    if method is None or method == "designated":
        filling = "0" if method is None else value
        if filling is None:
            raise ValueError("Replace value should not be None")
        values: list[Any] = [filling] * width
    elif method in _CHOICES:
        columns = list(zip(*rows, strict=True))
        values = [_fitted(column, method, set(texts)) for column in columns]
    else:
        raise ValueError(f"Unknown replace method:{method}")
    return impute(rows, values, texts)


def impute(rows: list[list[str]], values: Sequence[Any], unwanted: list[str]) -> Imputed:
    """Replace the `unwanted` texts of every column by the column's value."""
    bad = set(unwanted)
    fillings = [str(value) for value in values]
    counts = [0] * len(fillings)
    replaced: list[list[str]] = []
    for row in rows:
        if bad.isdisjoint(row):
            replaced.append(row)
            continue
        new = list(row)
        for i, text in enumerate(row):
            if text in bad:
                new[i] = fillings[i]
                counts[i] += 1
        replaced.append(new)
    total = len(rows) or 1
    return Imputed(replaced, list(values), [count / total for count in counts], unwanted)
