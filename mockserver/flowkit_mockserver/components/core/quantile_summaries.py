"""Quantiles as the server finds them: by a summary with a bounded error of rank (Greenwald and Khanna).

A summary keeps some of the values in order. Each stands for `weights` values (itself and neighbours merged into it),
and its rank is known up to `slacks`. Up to 1 / error values nothing is merged, and ranks are exact. Every partition of
a table has its summary; those are merged one after the other.

Values are inserted in batches. As on the servers of the first lines, what a summary holds beyond the greatest value of
a later batch is lost when that batch is inserted; the later lines keep it, and seek all bounds in one pass
(`later_summaries`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["BATCH", "COMPRESS_FROM", "QuantileSummary", "later_summaries", "quantile_points"]

#: How many values are inserted at a time, and from how many kept ones on they are merged then, unless told otherwise.
BATCH, COMPRESS_FROM = 10_000, 10_000
_ZERO = 1e-8
_LEAST = 2
_STRIDE = 64
#: Whether all values are kept, and whether bounds are sought in one pass.
_rules: ContextVar[tuple[bool, bool]] = ContextVar("rules of summaries", default=(False, False))


@contextmanager
def later_summaries(*, keep_all: bool, one_pass: bool) -> Iterator[None]:
    """Summarise as later lines do inside of a ``with`` block.

    Args:
        keep_all: whether values beyond the greatest one of a later batch are kept.
        one_pass: whether `quantile_points` seeks each bound from where the one before was found.
    """
    before = _rules.set((keep_all, one_pass))
    try:
        yield
    finally:
        _rules.reset(before)


@dataclass(frozen=True)
class QuantileSummary:
    """The summary of one column.

    Attributes:
        values: the values kept, in order.
        weights: how many values each stands for.
        slacks: how far its rank may be off.
        error: allowed error of a rank, as share of all.
        count: how many values were inserted.
        missing: how many were missing.
        lower: when zeros are left out, how many values are below zero.
        upper: when zeros are left out, how many are above.
        total: when zeros are left out, the size of the whole column; otherwise None.
    """

    values: NDArray[np.float64]
    weights: NDArray[np.int64]
    slacks: NDArray[np.int64]
    error: float
    count: int = 0
    missing: int = 0
    lower: int = 0
    upper: int = 0
    total: int | None = None

    @classmethod
    def of(
        cls,
        columns: Sequence[NDArray[np.float64]],
        parts: Sequence[NDArray[np.intp]],
        error: float = 1e-4,
        *,
        sparse: bool = False,
        batch: int = BATCH,
        compress_from: int = COMPRESS_FROM,
    ) -> list[QuantileSummary]:
        """Return the summaries of the columns of one table.

        Args:
            columns: the values, NaN where one is missing.
            parts: the positions of the rows of each partition, in their order there.
            error: allowed error of a rank, as share of all.
            sparse: whether zeros are left out and only counted, as in a column of sparse vectors.
            batch: how many values are inserted at a time (``head_size``).
            compress_from: from how many kept values on a batch is followed by merging (``compress_thres``).
        """
        filled = [rows for rows in parts if rows.size] or list(parts[:1])
        pieces = _of_pieces(
            [cls._empty(column[rows], error, sparse) for rows in filled for column in columns],
            batch,
            compress_from,
        )
        whole = pieces[: len(columns)]
        for start in range(len(columns), len(pieces), len(columns)):
            part = pieces[start : start + len(columns)]
            whole = _compressed(
                [one._merged(other) for one, other in zip(whole, part, strict=True)]
            )
        if not sparse:
            return whole
        return [replace(one, total=len(column)) for one, column in zip(whole, columns, strict=True)]

    @classmethod
    def _empty(
        cls, column: NDArray[np.float64], error: float, sparse: bool
    ) -> tuple[QuantileSummary, NDArray[np.float64]]:
        """Return the summary of nothing but what is missing, and the values that are to be inserted."""
        values = column[~np.isnan(column)]
        missing = len(column) - len(values)
        lower = upper = 0
        if sparse:
            values = values[np.abs(values) >= _ZERO]
            lower = int(np.count_nonzero(values < _ZERO))
            upper = len(values) - lower
        empty = np.empty(0, dtype=np.int64)
        return cls(values[:0], empty, empty, error, 0, missing, lower, upper), values

    def _inserted(self, batch: NDArray[np.float64]) -> QuantileSummary:
        """Return the summary with a sorted batch of values, each of weight 1."""
        counts = np.arange(self.count + 1, self.count + len(batch) + 1)
        slacks = np.floor(2 * self.error * counts).astype(np.int64)
        # What is kept up to a value of the batch stands before it; what is beyond the last one may be lost.
        before = np.searchsorted(self.values, batch, side="right")
        kept = int(before[-1])
        if before[0] == 0:
            slacks[0] = 0
        if kept == len(self.values):
            slacks[-1] = 0
        keep_all, _ = _rules.get()
        if keep_all:
            kept = len(self.values)
        places = before + np.arange(len(batch))
        old = np.ones(kept + len(batch), dtype=bool)
        old[places] = False
        values = np.empty(len(old))
        weights = np.ones(len(old), dtype=np.int64)
        merged = np.empty(len(old), dtype=np.int64)
        values[places], merged[places] = batch, slacks
        values[old], weights[old] = self.values[:kept], self.weights[:kept]
        merged[old] = self.slacks[:kept]
        return replace(
            self, values=values, weights=weights, slacks=merged, count=self.count + len(batch)
        )

    def _merged(self, other: QuantileSummary) -> QuantileSummary:
        """Return this summary and that of the next partition in one."""
        lower, upper = self.lower + other.lower, self.upper + other.upper
        if not other.count or not self.count:
            # As on the server, the missing values of a partition without others are forgotten.
            return replace(self if not other.count else other, lower=lower, upper=upper)
        values = np.concatenate([other.values, self.values])
        order = np.argsort(values, kind="stable")
        return replace(
            self,
            values=values[order],
            weights=np.concatenate([other.weights, self.weights])[order],
            slacks=np.concatenate([other.slacks, self.slacks])[order],
            count=self.count + other.count,
            missing=self.missing + other.missing,
            lower=lower,
            upper=upper,
        )

    @property
    def _zeros(self) -> int:
        assert self.total is not None
        return self.total - self.lower - self.upper - self.missing

    def query(self, share: float) -> float:
        """Return the value below which `share` of all lie, early by the error the summary allows itself."""
        if self.total is None:
            return self._query(share)
        known, zeros = self.total - self.missing, self._zeros
        low = self.lower / known if self.lower else 0.0
        high = (self.lower + zeros) / known if self.upper else float(known)
        if low < share < high:
            return 0.0
        if zeros:
            share = (
                known / self.count * share
                if share <= low
                else (share - high + low) / (1 - high + low)
            )
        return self._query(share)

    def points(self, shares: Sequence[float]) -> list[float]:
        """Return the values below which rising shares lie, each sought from where the one before was found.

        Raises:
            ValueError: there is one value only.
        """
        if self.total is None:
            return self._points(shares)
        known, zeros = self.total - self.missing, self._zeros
        low = self.lower / known if self.lower else 0.0
        high = (self.lower + zeros) / known if self.upper else float(known)
        found, others = [], []
        for share in shares:
            if low < share < high:
                found.append(0.0)
            elif not zeros:
                others.append(share)
            elif share <= low:
                others.append(known / self.count * share)
            else:
                others.append((share - high + low) / (1 - high + low))
        return found + (self._points(others) if others else [])

    def _points(self, shares: Sequence[float]) -> list[float]:
        if not self.count:
            return [0.0] * len(shares)
        allowed = math.ceil(self.error * self.count)
        lowest = np.cumsum(self.weights[1:-1])
        highest = lowest + self.slacks[1:-1]
        found: list[float] = []
        start, leading = 0, True
        others = [share for share in shares if share > self.error]
        if len(self.values) == 1 and others and others[0] < 1 - self.error:
            # The server looks between the first and the last value, and finds that it is short of points.
            raise ValueError("AssertionError")
        for share in shares:
            leading = leading and share <= self.error
            if leading:
                found.append(float(self.values[0]))
                continue
            rank = math.ceil(share * self.count)
            fits = (lowest[start:] + allowed >= rank) & (highest[start:] - allowed <= rank)
            start += int(fits.argmax()) if fits.any() else len(fits)
            found.append(float(self.values[min(1 + start, len(self.values) - 1)]))
        return found

    def _query(self, share: float) -> float:
        if not self.count:
            return 0.0
        if share <= self.error:
            return float(self.values[0])
        if share >= 1 - self.error:
            return float(self.values[-1])
        rank = math.ceil(share * self.count)
        allowed = math.ceil(self.error * self.count)
        lowest = np.cumsum(self.weights[1:-1])
        fits = (lowest + allowed >= rank) & (lowest + self.slacks[1:-1] - allowed <= rank)
        found = int(fits.argmax()) if fits.size else 0
        return (
            float(self.values[1 + found]) if fits.size and fits[found] else float(self.values[-1])
        )

    def ranks(self, values: NDArray[np.float64], *, with_equals: bool = False) -> NDArray[np.int64]:
        """Return for every value how many of the column are below it, or equal to it as well."""
        [summary] = _compressed([self])
        below = np.searchsorted(summary.values, values, side="right" if with_equals else "left")
        lowest = np.concatenate([[0], np.cumsum(summary.weights)])[below]
        slacks = np.concatenate([[0], summary.slacks])[below]
        ranks: NDArray[np.int64] = (2 * lowest + slacks) // 2
        if self.total is not None:
            ranks = np.where(values > 0, ranks + self._zeros, ranks)
            ranks = np.where(values == 0, self.lower, ranks)
        return ranks


def _of_pieces(
    pieces: Sequence[tuple[QuantileSummary, NDArray[np.float64]]],
    batch: int,
    compress_from: int,
) -> list[QuantileSummary]:
    """Return the summaries of partitions: values are inserted batch by batch, side by side."""
    found = [summary for summary, _ in pieces]
    longest = max((len(values) for _, values in pieces), default=0)
    for start in range(0, longest, batch):
        full = []
        for place, (_, values) in enumerate(pieces):
            new = values[start : start + batch]
            if new.size:
                found[place] = found[place]._inserted(np.sort(new))
                if len(new) == batch and len(found[place].values) >= compress_from:
                    full.append(place)
        for place, summary in zip(full, _compressed([found[i] for i in full]), strict=True):
            found[place] = summary
    return _compressed(found)


def _compressed(summaries: Sequence[QuantileSummary]) -> list[QuantileSummary]:
    """Return summaries with neighbours merged as far as the error allows.

    From the end on, a value takes in those before it while their weights and its own slack stay below
    2 · error · count; then the next one does. Only the first value is never taken in.
    """
    found = list(summaries)
    places, chains, reaches, weights = [], [], [], []
    offset = 0
    for place, own in enumerate(summaries):
        limit, size = 2 * own.error * own.count, len(own.values)
        # Two values weigh 2, so there is nothing to take in below that.
        if size < 2 or limit <= _LEAST:
            continue
        summed = np.cumsum(own.weights)
        before = summed - own.weights
        room = np.ceil(limit - own.slacks).astype(np.int64) - 1
        reach = np.searchsorted(before, summed - room, side="left")
        reach = np.maximum(np.minimum(reach, np.arange(size)), 1)
        reach[0] = 0
        places.append(place)
        reaches.append(reach)
        weights.append(summed - before[reach])
        chains.append(np.maximum(reach - 1, 0) + offset)
        offset += size
    if not places:
        return found
    ends = np.cumsum([len(chain) for chain in chains])
    kept = np.split(_visited(np.concatenate(chains), ends - 1), ends[:-1])
    for place, keep, weight in zip(places, kept, weights, strict=True):
        own = found[place]
        found[place] = replace(
            own, values=own.values[keep], weights=weight[keep], slacks=own.slacks[keep]
        )
    return found


def _visited(following: NDArray[np.intp], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return what is come to from `starts` by going on to `following`, until nothing changes any more."""
    seen = np.zeros(len(following), dtype=bool)
    at, last = starts, None
    while last is None or not np.array_equal(at, last):
        last = at
        for _ in range(_STRIDE):
            seen[at] = True
            at = following[at]
    return seen


def quantile_points(summary: QuantileSummary, bins: int) -> list[float]:
    """Return the upper bounds of `bins` bins that hold equally many values; equal bounds fall together."""
    shares = [i * (1.0 / bins) for i in range(1, bins)] + [1.0]
    _, one_pass = _rules.get()
    if one_pass:
        return sorted(set(summary.points(shares)))
    return list(dict.fromkeys(summary.query(share) for share in shares))
