"""Optimal binning: fine bins merged, the pair first that loses least by it, or split, by what their labels say."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

__all__ = ["Optimum", "optimal_bins"]

Counts = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Optimum:
    """The optimal bins of a column.

    Attributes:
        ends: the number of the last fine bin in each of them.
        scores: of the neighbours that were left unmerged, in the order of the queue; or of the splits, in theirs.
    """

    ends: list[int]
    scores: list[float]


@dataclass(eq=False)
class _Bin:
    """Some neighbouring fine bins: their ends, their labels, who lies left and right of them."""

    number: int
    first: int
    last: int
    events: int
    others: int
    left: int | None = None
    right: int | None = None
    worth: float = 0.0

    @property
    def size(self) -> int:
        return self.events + self.others

    @property
    def mixed(self) -> bool:
        return self.events > 0 and self.others > 0


@dataclass(eq=False)
class _Pair:
    """Two neighbours that may become one, and what would be lost by that."""

    score: float
    left: _Bin
    right: _Bin


class _Queue:
    """Pairs by score.

    Of pairs with the same score it depends on the history of the queue which is served first, and taking out the pairs
    of a bin may leave some behind; the real server has both properties, so bins come out as there.
    """

    def __init__(self) -> None:
        self._pairs: list[_Pair] = []

    @property
    def scores(self) -> list[float]:
        return [pair.score for pair in self._pairs]

    def add(self, pair: _Pair) -> None:
        self._pairs.append(pair)
        self._rise(len(self._pairs) - 1)

    def pop(self) -> _Pair | None:
        if not self._pairs:
            return None
        first = self._pairs[0]
        self._take_out(0)
        return first

    def forget(self, number: int) -> None:
        """Take out pairs with the bin of this number."""
        place = 0
        while place < len(self._pairs):
            pair = self._pairs[place]
            if number in {pair.left.number, pair.right.number}:
                self._take_out(place)
            place += 1

    def _take_out(self, place: int) -> None:
        last = self._pairs.pop()
        if place == len(self._pairs):
            return
        self._pairs[place] = last
        if place == 0 or self._pairs[(place - 1) // 2].score < last.score:
            self._sink(place)
        else:
            self._rise(place)

    def _rise(self, place: int) -> None:
        pairs = self._pairs
        while place:
            parent = (place - 1) // 2
            if not pairs[place].score < pairs[parent].score:
                return
            pairs[place], pairs[parent] = pairs[parent], pairs[place]
            place = parent

    def _sink(self, place: int) -> None:
        pairs = self._pairs
        while True:
            least = place
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(pairs) and pairs[child].score < pairs[least].score:
                    least = child
            if least == place:
                return
            pairs[place], pairs[least] = pairs[least], pairs[place]
            place = least


class _Scores:
    """How much is lost when two bins become one."""

    def __init__(self, metric: str, counts: Counts, adjustment: float) -> None:
        self._metric, self._adjustment = metric, adjustment
        self._events = max(sum(event for event, _ in counts), 1)
        self._others = max(sum(other for _, other in counts), 1)

    def worth(self, events: int, others: int, *, merged: bool = False) -> float:
        """Return the information value of a bin, or its impurity."""
        if self._metric == "gini":
            size = events + others
            return 1 - (events / size) ** 2 - (others / size) ** 2 if size else 0.0
        extra = 0.0 if events and others else self._adjustment
        event_rate, other_rate = (events + extra) / self._events, (others + extra) / self._others
        # Rounding decides between pairs, so it matters which of the rates comes first: not the same one for a pair.
        if merged:
            event_rate, other_rate = other_rate, event_rate
        value: float = (other_rate - event_rate) * math.log(other_rate / event_rate)
        return value

    def pair(self, left: _Bin, right: _Bin) -> _Pair:
        return _Pair(self._score(left, right), left, right)

    def _score(self, left: _Bin, right: _Bin) -> float:
        events, others = left.events + right.events, left.others + right.others
        size = events + others
        if not size:
            return -math.inf
        if self._metric == "iv":
            return left.worth + right.worth - self.worth(events, others, merged=True)
        if self._metric == "gini":
            return self.worth(events, others) - left.worth - right.worth
        if not events or not others:
            return -math.inf
        total = 0.0
        for part in (left, right):
            share = part.size / size
            if not share:
                return math.nan
            total += (part.events - share * events) ** 2 / (share * events)
            total += (part.others - share * others) ** 2 / (share * others)
        return total


class Merging:
    """Merges neighbours until bins are mixed, large enough, and few enough."""

    def __init__(
        self, counts: Counts, asked: Mapping[str, Any], bins: int, adjustment: float
    ) -> None:
        total = sum(map(sum, counts))
        self._smallest = math.ceil(asked["min_bin_pct"] * total)
        self._largest = math.floor(asked["max_bin_pct"] * total)
        self._most = bins
        self._scores = _Scores(asked["metric_method"], counts, adjustment)
        self._queue = _Queue()
        self.bins = {
            i: _Bin(i, i, i, event, other, worth=self._scores.worth(event, other))
            for i, (event, other) in enumerate(counts)
        }
        self._renumber()
        pure, small = self._is_pure, self._is_small
        if asked["mixture"]:
            self._phase(lambda a, b: pure(a) and pure(b), pure)
            self._phase(lambda a, b: pure(a) or pure(b), pure)
        self._phase(lambda a, b: small(a) and small(b), small)
        self._phase(lambda a, b: small(a) or small(b), small)
        self._phase(lambda a, b: True, None)

    @property
    def scores(self) -> list[float]:
        """What is lost when neighbours that were left are merged, as the queue holds them."""
        return self._queue.scores

    @staticmethod
    def _is_pure(one: _Bin) -> bool:
        return not one.mixed

    def _is_small(self, one: _Bin) -> bool:
        return bool(one.size < self._smallest)

    def _renumber(self) -> None:
        ordered = sorted(self.bins.values(), key=lambda one: one.first)
        for number, one in enumerate(ordered):
            one.number = number
            one.left = number - 1 if number else None
            one.right = number + 1 if number + 1 < len(ordered) else None
        self.bins = dict(enumerate(ordered))

    def _offer(
        self, left: _Bin | None, right: _Bin | None, may: Callable[[_Bin, _Bin], bool]
    ) -> None:
        if left is None or right is None or left.size + right.size > self._largest:
            return
        if may(left, right):
            self._queue.add(self._scores.pair(left, right))

    def _neighbour(self, number: int | None) -> _Bin | None:
        return None if number is None else self.bins.get(number)

    def _phase(self, may: Callable[[_Bin, _Bin], bool], bad: Callable[[_Bin], bool] | None) -> None:
        """Merge pairs that `may` be until no bin is `bad`; without `bad` until there are few enough."""
        for number in range(len(self.bins)):
            one = self.bins[number]
            self._offer(one, self._neighbour(one.right), may)
        surplus = len(self.bins) - self._most
        left_to_do = surplus if bad is None else sum(map(bad, self.bins.values()))
        number = max(self.bins) + 1
        while left_to_do > 0 and (pair := self._queue.pop()) is not None:
            left, right = pair.left, pair.right
            if left.number not in self.bins or right.number not in self.bins:
                continue
            new = self._join(number, left, right)
            number += 1
            if bad is None:
                left_to_do = len(self.bins) - self._most
            else:
                left_to_do += bad(new) - bad(left) - bad(right)
            self._offer(self._neighbour(new.left), new, may)
            self._offer(new, self._neighbour(new.right), may)
        self._renumber()

    def _join(self, number: int, left: _Bin, right: _Bin) -> _Bin:
        events, others = left.events + right.events, left.others + right.others
        worth = self._scores.worth(events, others)
        new = _Bin(number, left.first, right.last, events, others, left.left, right.right, worth)
        if (before := self._neighbour(new.left)) is not None:
            before.right = number
        if (behind := self._neighbour(new.right)) is not None:
            behind.left = number
        self.bins[number] = new
        for gone in (left, right):
            del self.bins[gone.number]
        for gone in (left, right):
            self._queue.forget(gone.number)
        return new


def _best_split(counts: Counts, smallest: int) -> tuple[int, Counts, float] | None:
    """Return where the distributions of the two labels are furthest apart, the labels of both sides, and how far."""
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
    return best, sides(best), gaps[best]


def _split(counts: Counts, asked: Mapping[str, Any], bins: int) -> Optimum:
    """Split the range of the fine bins until there are enough bins."""
    smallest = math.ceil(asked["min_bin_pct"] * sum(map(sum, counts)))
    cuts: list[int] = []
    gaps: dict[int, float] = {}
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
        gaps[place] = found[2]
        parts = [(start, place), (place, end)]
        waiting += parts[::-1] if sum(right) > sum(left) else parts
    scores = [gaps[cut] for cut in cuts]
    cuts = cuts or [len(counts) // 2]
    return Optimum([*(cut - 1 for cut in cuts), len(counts) - 1], scores)


def optimal_bins(counts: Counts, asked: Mapping[str, Any], bins: int, adjustment: float) -> Optimum:
    """Return the optimal bins.

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
    ordered = sorted(merging.bins.values(), key=lambda one: one.first)
    return Optimum([one.last for one in ordered], merging.scores)
