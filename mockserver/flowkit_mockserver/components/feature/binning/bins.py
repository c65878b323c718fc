"""The bins of a column, and what they say about a label: counts, weight of evidence, information value.

With e and o the events and non-events of a bin, E and O those of the column, each at least 1:

    woe = ln((e / E) / (o / O))        iv = (e / E - o / O) · woe

where e and o are raised by the adjustment factor when one of them is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.proto.documents import message

__all__ = ["Bins", "Counts", "bin_counts", "bucket_points", "evidence"]

Counts = list[tuple[int, int]]
Floats = NDArray[np.float64]


def bucket_points(lowest: float, highest: float, bins: int) -> list[float]:
    """Return the upper bounds of bins of equal width."""
    width = (highest - lowest) / bins
    return [lowest + (k + 1) * width for k in range(bins - 1)] + [highest]


def bin_counts(numbers: NDArray[np.intp], events: NDArray[np.bool_], bins: int) -> Counts:
    """Return (events, non-events) of every bin.

    Args:
        numbers: shape (n,): the bin of each sample.
        events: shape (n,): whether the label of a sample is the event.
        bins: how many bins there are.
    """
    found = np.bincount(2 * numbers + ~events, minlength=2 * bins).reshape(-1, 2)
    return [(event, other) for event, other in found.tolist()]


@dataclass
class Bins:
    """One binned column: its upper bounds and, where labels were at hand, what the bins say about them.

    The `scores` are those of an optimal binning. On lines that count missing values as a bin, `missing` says whether
    there are any; elsewhere it is None, and the bins that count are those with a weight of evidence.
    """

    points: list[float] = field(default_factory=list)
    counts: Counts = field(default_factory=list)
    event_rates: list[float] = field(default_factory=list)
    other_rates: list[float] = field(default_factory=list)
    woe: list[float] = field(default_factory=list)
    ivs: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    missing: bool | None = None

    @classmethod
    def from_message(cls, document: Mapping[str, Any]) -> Bins:
        """Return the column that a model buffer holds, without what no prediction needs."""
        points, woe = document.get("splitPoints") or [], document.get("woeArray") or []
        return cls([float(point) for point in points], woe=[float(value) for value in woe])

    @property
    def iv(self) -> float:
        """The information value of the column."""
        return sum(self.ivs)

    @property
    def monotonic(self) -> bool:
        """Whether the weight of evidence only rises or only falls from bin to bin."""
        pairs = list(zip(self.woe, self.woe[1:], strict=False))
        return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)

    @property
    def count(self) -> int:
        """How many bins the column is said to have."""
        if self.missing is None:
            return len(self.woe)
        return len(self.points) + self.missing if self.points else 0

    def transformed(self, numbers: NDArray[np.intp], kind: str) -> Floats:
        """Return the numbers of bins as floats (`kind` bin_num), or the weights of evidence of the bins (woe)."""
        if kind == "woe":
            return np.asarray(self.woe)[numbers]
        return numbers.astype(np.float64)

    def to_message(self) -> dict[str, Any]:
        """Return the column as it is in a model buffer."""
        return message(
            "IVParam",
            woeArray=self.woe,
            ivArray=self.ivs,
            eventCountArray=[event for event, _ in self.counts],
            nonEventCountArray=[other for _, other in self.counts],
            eventRateArray=self.event_rates,
            nonEventRateArray=self.other_rates,
            splitPoints=[float(point) for point in self.points],
            iv=self.iv,
            isWoeMonotonic=self.monotonic,
            binNums=self.count,
            binAnonymous=[f"bin_{i}" for i in range(len(self.points))],
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
