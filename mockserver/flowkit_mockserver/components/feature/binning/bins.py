"""Cutting a column into bins, and what bins say about a label: counts, weight of evidence, information value."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.proto.documents import message

__all__ = [
    "Bins",
    "bin_counts",
    "bucket_points",
    "evidence",
]

Counts = list[tuple[int, int]]


def bucket_points(ordered: Sequence[float], bins: int) -> list[float]:
    """Return the upper bounds of bins of equal width."""
    low, high = (ordered[0], ordered[-1]) if ordered else (0.0, 0.0)
    width = (high - low) / bins
    return [low + (k + 1) * width for k in range(bins - 1)] + [high]


def bin_counts(
    column: Sequence[Any], labels: Sequence[Any], points: Sequence[float], event: Any = 1
) -> Counts:
    """Return (events, non-events) of every bin."""
    events = [0] * len(points)
    others = [0] * len(points)
    last = max(0, len(points) - 1)
    for value, label in zip(column, labels, strict=True):
        at = bisect_left(points, value, 0, last)
        if label == event:
            events[at] += 1
        else:
            others[at] += 1
    return list(zip(events, others, strict=True))


@dataclass
class Bins:
    """One binned column: its upper bounds and, where labels were at hand, what the bins say about them."""

    points: list[float] = field(default_factory=list)
    counts: Counts = field(default_factory=list)
    event_rates: list[float] = field(default_factory=list)
    other_rates: list[float] = field(default_factory=list)
    woe: list[float] = field(default_factory=list)
    ivs: list[float] = field(default_factory=list)

    @property
    def iv(self) -> float:
        """The information value of the column."""
        return sum(self.ivs)

    @property
    def monotonic(self) -> bool:
        """Whether the weight of evidence only rises or only falls from bin to bin."""
        pairs = list(zip(self.woe, self.woe[1:], strict=False))
        return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)

    def to_message(self, *, anonymous: bool = False) -> dict[str, Any]:
        """Return the column as it is in a model buffer; `anonymous` hides the bounds."""
        points = [] if anonymous else self.points
        return message(
            "IVParam",
            woeArray=self.woe,
            ivArray=self.ivs,
            eventCountArray=[event for event, _ in self.counts],
            nonEventCountArray=[other for _, other in self.counts],
            eventRateArray=self.event_rates,
            nonEventRateArray=self.other_rates,
            splitPoints=points,
            iv=self.iv,
            isWoeMonotonic=self.monotonic,
            binNums=len(self.woe),
            binAnonymous=[f"bin_{i}" for i in range(len(points))],
        )


def evidence(points: Sequence[float], counts: Counts, adjustment: float) -> Bins:
    """Return a column with weight of evidence and information value of its bins.

    Args:
        points: the upper bounds.
        counts: (events, non-events) of every bin.
        adjustment: added where a bin has only one of the two.
    """
    events = sum(event for event, _ in counts) or 1
    others = sum(other for _, other in counts) or 1
    bins = Bins(list(points), counts)
    for event, other in counts:
        extra = 0.0 if event and other else adjustment
        rate, other_rate = (event + extra) / events, (other + extra) / others
        woe = math.log(rate / other_rate)
        bins.event_rates.append(rate)
        bins.other_rates.append(other_rate)
        bins.woe.append(woe)
        bins.ivs.append((rate - other_rate) * woe)
    return bins
