"""Optimal binning: fine bins merged, or split, by what their labels say."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from flowkit_mockserver.components.bin_merging import Merging

__all__ = ["optimal_cuts"]

Counts = Sequence[tuple[int, int]]


def _best_split(counts: Counts, smallest: int) -> tuple[int, Counts] | None:
    """Return where the distributions of the two labels are furthest apart, and the labels of both sides."""
    events = list(accumulate(event for event, _ in counts))
    others = list(accumulate(other for _, other in counts))
    if not events[-1] or not others[-1]:
        return None
    gaps = [abs(e / events[-1] - o / others[-1]) for e, o in zip(events, others, strict=True)]
    middle = len(gaps) // 2
    best = gaps.index(max(gaps)) if max(gaps) else middle

    def sides(at: int) -> Counts:
        return [
            (events[at], others[at]),
            (events[-1] - events[at], others[-1] - others[at]),
        ]

    if min(map(sum, sides(best))) < smallest:
        best = middle
    return best, sides(best)


def _split(counts: Counts, asked: Mapping[str, Any], bins: int) -> list[int]:
    """Split the range of the fine bins until there are enough bins; return the last fine bin of each."""
    smallest = math.ceil(asked["min_bin_pct"] * sum(map(sum, counts)))
    cuts: list[int] = []
    waiting = [(0, len(counts))]
    while waiting and len(cuts) < bins - 1:
        start, end = waiting.pop(0)
        found = _best_split(counts[start:end], smallest) if start < end else None
        if found is None:
            continue
        place, (left, right) = start + found[0] + 1, found[1]
        if asked["mixture"] and not all((*left, *right)):
            continue
        if min(sum(left), sum(right)) < smallest:
            continue
        cuts.insert(bisect(cuts, place), place)
        parts = [(start, place), (place, end)]
        waiting += parts[::-1] if sum(right) > sum(left) else parts
    cuts = cuts or [len(counts) // 2]
    return [*(cut - 1 for cut in cuts), len(counts) - 1]


def optimal_cuts(
    counts: Counts, asked: Mapping[str, Any], bins: int, adjustment: float
) -> list[int]:
    """Return the number of the last fine bin in each of the optimal bins.

    Args:
        counts: (events, non-events) of the fine bins.
        asked: the ``optimal_binning_param``.
        bins: how many may stay.
        adjustment: added where a bin has only one of the two labels.

    Raises:
        ValueError: bins of the allowed size would be too many.
    """
    if math.ceil(1.0 / asked["max_bin_pct"]) > bins:
        raise ValueError(
            "Arguments logical error, ceil(1.0/max_bin_pct) should be smaller or equal than bin_num"
        )
    if asked["metric_method"] == "ks":
        return _split(counts, asked, bins)
    merging = Merging(counts, asked, bins, adjustment)
    return [one.last for one in sorted(merging.bins.values(), key=lambda one: one.first)]
