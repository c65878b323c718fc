"""Cutting a column into bins, and what bins say about a label: counts, weight of evidence, information value."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.proto.documents import message

__all__ = [
    "Bins",
    "bin_counts",
    "bin_of",
    "bucket_points",
    "chosen_columns",
    "evidence",
    "quantile",
    "quantile_points",
    "rank_values",
]

Counts = list[tuple[int, int]]


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


def bucket_points(ordered: Sequence[float], bins: int) -> list[float]:
    """Return the upper bounds of bins of equal width."""
    low, high = (ordered[0], ordered[-1]) if ordered else (0.0, 0.0)
    width = (high - low) / bins
    return [low + (k + 1) * width for k in range(bins - 1)] + [high]


def bin_of(value: Any, points: Sequence[float]) -> int:
    """Return the number of the bin a value falls into; whatever is above the last bound is in the last bin."""
    return bisect_left(points, value, 0, max(0, len(points) - 1))


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
