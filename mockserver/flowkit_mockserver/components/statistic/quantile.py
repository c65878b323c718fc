"""Quantiles of a column, the cut points they give, and the columns that a user chose."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["bin_of", "chosen_columns", "quantile", "quantile_points", "rank_values"]


def rank_values(column: Iterable[Any]) -> list[float]:
    """Return the values of a column in order, missing ones left out."""
    return sorted(v for v in map(float, column) if not math.isnan(v))


def quantile(ordered: Sequence[float], share: float, error: float = 1e-4) -> float:
    """Return the value below which `share` of the `ordered` ones lie, as an approximating summary answers.

    Such a summary answers with the first value whose rank may be the wanted one, so it is early by the error it allows
    itself, which is one rank at least.
    """
    size = len(ordered)
    if not size:
        return 0.0
    if share <= error:
        return ordered[0]
    if share >= 1 - error:
        return ordered[-1]
    at = max(1, math.ceil(share * size) - math.ceil(error * size))
    return ordered[at] if at < size - 1 else ordered[-1]


def quantile_points(ordered: Sequence[float], bins: int, error: float = 1e-4) -> list[float]:
    """Return the upper bounds of bins that hold equally many values; equal bounds fall together."""
    shares = [i * (1.0 / bins) for i in range(1, bins)] + [1.0]
    return list(dict.fromkeys(quantile(ordered, share, error) for share in shares))


def bin_of(value: Any, points: Sequence[float]) -> int:
    """Return the number of the bin a value falls into; whatever is above the last bound is in the last bin."""
    return bisect_left(points, value, 0, max(0, len(points) - 1))


def chosen_columns(header: Sequence[str], indexes: Any, names: Sequence[str] | None) -> list[str]:
    """Return the columns a user chose by index (-1: all) and name, in the order of the choice.

    Raises:
        ValueError: an index is beyond the header.
    """
    if indexes == -1:
        return list(header)
    chosen: dict[str, None] = {}
    for index in indexes or []:
        if index >= len(header):
            raise ValueError("Adding a index that out of header's bound")
        chosen[header[index]] = None
    chosen.update((name, None) for name in names or [] if name in header)
    return list(chosen)
