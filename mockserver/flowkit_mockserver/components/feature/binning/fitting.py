"""Finding the bins of one party's columns, and holding them against the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import order_of
from flowkit_mockserver.components.core.quantile_summaries import quantile_points
from flowkit_mockserver.components.feature.binning.bins import (
    Bins,
    Counts,
    bin_counts,
    bucket_points,
    evidence,
)
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.feature.binning.optimal_binning import Optimum, optimal_bins
from flowkit_mockserver.components.statistic.moments import Moments, numeric
from flowkit_mockserver.components.statistic.quantile import (
    Partitions,
    bin_numbers,
    column_summaries,
    order_warnings,
)

__all__ = ["Binner", "Labels"]

Floats = NDArray[np.float64]
Events = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels by which bins are judged.

    Attributes:
        events: shape (n,): whether the label of a sample is the event.
        known: shape (n,): whether there is a label for the sample.
        totals: the numbers of events and non-events among all labels, those of samples that are not here too.
    """

    events: Events
    known: Events
    totals: tuple[int, int]

    @classmethod
    def of(cls, events: Events) -> Labels:
        """Return the labels of samples that all have one."""
        total = int(np.count_nonzero(events))
        return cls(events, np.ones(len(events), dtype=bool), (total, len(events) - total))


class Binner:
    """The columns of one party on their way to bins.

    An optimal binning starts from fine bins. A host always cuts these by quantiles, whatever ``init_bucket_method``
    says, and leaves it to the guest to merge them.

    Args:
        data: the party's table.
        asked: its parameters.
        choice: which of its columns are binned how.
        host: whether the party is a host.
        partitions: of the tables of all parties.
        skip_missing: whether what is missing is in a bin of its own, bins of equal width leave it out, and optimal ones
            refuse it.
    """

    def __init__(
        self,
        data: Instances,
        asked: Mapping[str, Any],
        choice: ColumnChoice,
        *,
        host: bool,
        partitions: Partitions | None = None,
        skip_missing: bool = False,
    ) -> None:
        self._skip_missing = skip_missing
        self._partitions = partitions
        self._data, self._asked, self._choice, self._host = data, asked, choice, host
        self._optimal = asked["method"] == "optimal"
        self._columns = np.ascontiguousarray(numeric(data).T)
        self._at = {name: place for place, name in enumerate(data.header)}
        self._numbers: dict[str, tuple[tuple[float, ...], NDArray[np.intp]]] = {}

    def _column(self, name: str) -> Floats:
        column: Floats = self._columns[self._at[name]]
        return column

    def warnings(self) -> list[str]:
        """Return what to tell of the columns that are cut by quantiles."""
        names = self._choice.binned
        if self._asked["method"] == "bucket" or not names:
            return []
        return order_warnings(self._columns[[self._at[name] for name in names]].T, names)

    def split(self) -> dict[str, Bins]:
        """Return the columns with their bounds, the fine ones when the binning is to be optimal.

        Raises:
            ValueError: bounds that the user gave are not those of the columns, or optimal bins of missing values are
                asked for.
        """
        names = self._choice.binned
        if self._optimal and self._skip_missing:
            self._refuse_missing(names)
        given = self._given_points()
        if given:
            return {name: Bins(given[name]) for name in sorted(given, key=order_of)}
        bins = {}
        method, count = self._asked["method"], self._asked["bin_num"]
        if self._optimal:
            optimal = self._asked["optimal_binning_param"]
            count = optimal["init_bin_nums"]
            method = "quantile" if self._host else optimal["init_bucket_method"]
        if not names:
            points = []
        elif method == "bucket":
            values = self._columns[[self._at[name] for name in names]].T
            moments = Moments(values, skip_missing=self._skip_missing)
            ends = zip(moments.lowest.tolist(), moments.highest.tolist(), strict=True)
            points = [bucket_points(low, high, count) for low, high in ends]
        else:
            # What is collected from a table comes in the order of its keys, here the names of the columns.
            names = sorted(names, key=order_of)
            values = self._columns[[self._at[name] for name in names]].T
            summaries = column_summaries(
                self._data,
                values,
                self._asked["error"],
                sparse=self._data.sparse,
                batch=self._asked["head_size"],
                compress_from=self._asked["compress_thres"],
                partitions=self._partitions,
            )
            points = [quantile_points(summary, count) for summary in summaries]
        bins = {name: Bins(found) for name, found in zip(names, points, strict=True)}
        for name in self._choice.categories:
            column = self._column(name)
            if self._data.sparse:
                column = column[column != 0]
            bins[name] = Bins(np.unique(column).tolist())
        return bins

    def _refuse_missing(self, names: Sequence[str]) -> None:
        """Refuse missing values in columns that are to be merged to optimal bins.

        Raises:
            ValueError: there are such.
        """
        if any(np.isnan(self._column(name)).any() for name in names):
            raise ValueError("Optimal Binning do not support missing value now.")

    def _given_points(self) -> dict[str, list[float]]:
        """Return the bounds that the user gave, by column; the later lines take them in place of a method.

        Raises:
            ValueError: they are not those of the columns that are to be binned.
        """
        by_place = self._asked.get("split_points_by_index") or {}
        by_name = self._asked.get("split_points_by_col_name") or {}
        header = self._data.header
        if any(int(place) not in range(len(header)) for place in by_place):
            raise ValueError(
                "Index given in `split_points_by_index` not found in input data header.Please check."
            )
        given = {header[int(place)]: points for place, points in by_place.items()}
        if twice := [name for name in by_name if given.get(name) is not None]:
            raise ValueError(
                f"Split points for feature {twice[0]} given in both `split_points_by_index` and"
                " `split_points_by_col_name`. Please check."
            )
        given |= by_name
        if given and set(given) != set(self._choice.binned):
            raise ValueError(
                "Column set from provided split points dictionary does not match that of"
                "`bin_names` or `bin_indexes. Please check.`"
            )
        return given

    def counts(self, name: str, points: Sequence[float], labels: Labels) -> Counts:
        """Return the events and non-events of every bin of a column.

        Labels of samples that are not here count in the bin of zero.
        """
        numbers = self._bin_numbers(name, points)
        bins = max(len(points), int(numbers.max(initial=0)) + 1)
        if labels.known.all() and sum(labels.totals) == len(numbers):
            return bin_counts(numbers, labels.events, bins)
        found = bin_counts(numbers[labels.known], labels.events[labels.known], bins)
        zero = int(bin_numbers(np.zeros(1), points)[0])
        found[zero] = (0, 0)
        events, others = (sum(counts) for counts in zip(*found, strict=True))
        found[zero] = (labels.totals[0] - events, labels.totals[1] - others)
        return found

    def _bin_numbers(self, name: str, points: Sequence[float]) -> NDArray[np.intp]:
        known = self._numbers.get(name)
        if known is None or known[0] != tuple(points):
            apart = self._skip_missing
            known = tuple(points), bin_numbers(self._column(name), points, missing_apart=apart)
            self._numbers[name] = known
        return known[1]

    def numbers(self, bins: Mapping[str, Bins]) -> dict[str, NDArray[np.intp]]:
        """Return the number of the bin of each value, of the columns for which it is known already."""
        return {
            name: numbers
            for name, (points, numbers) in self._numbers.items()
            if points == tuple(bins[name].points)
        }

    def merged_counts(self, counts: Counts, cuts: Sequence[int]) -> Counts:
        """Return the events and non-events between the ends of merged bins."""
        merged = np.add.reduceat(np.array(counts), [0, *(cut + 1 for cut in cuts[:-1])], axis=0)
        return [(event, other) for event, other in merged.tolist()]

    def optimum(self, counts: Counts, adjustment: float) -> Optimum:
        """Return the optimal bins of a column.

        Raises:
            ValueError: bins of the allowed size would be too many.
        """
        asked = self._asked["optimal_binning_param"]
        # A host tells the guest the number of its fine bins as the number of bins it wants.
        most = asked["init_bin_nums"] if self._host else self._asked["bin_num"]
        return optimal_bins(counts, asked, most, adjustment)

    def with_evidence(
        self, bins: Mapping[str, Bins], labels: Labels, ones: Labels
    ) -> dict[str, Bins]:
        """Return the guest's bins held against its labels, merged first when the binning is to be optimal.

        Args:
            bins: by column.
            labels: against which they are held.
            ones: by which they are merged: there the event is the label 1, whatever it is elsewhere.

        Raises:
            ValueError: a category is not among the columns that are transformed.
        """
        self.check_categories()
        adjustment = self._asked["adjustment_factor"]
        found = {}
        for name, own in bins.items():
            points, scores = own.points, list[float]()
            counts = self.counts(name, points, labels)
            if self._optimal and name not in self._choice.categories and not self._given_points():
                seen = self.counts(name, points, ones)
                if self._data.sparse:
                    # What is not there is in no bin while bins are merged.
                    there = self._column(name) != 0
                    numbers = bin_numbers(self._column(name)[there], points)
                    seen = bin_counts(numbers, ones.events[there], len(points))
                best = self.optimum(seen, adjustment)
                points = [points[end] for end in best.ends]
                counts = self.merged_counts(counts, best.ends)
                scores = best.scores
            found[name] = replace(evidence(points, counts, adjustment), scores=scores)
        return found

    def check_categories(self) -> None:
        """Refuse categories beside a choice of columns to transform, for which the server counts no labels.

        Raises:
            ValueError: there are such.
        """
        left = [name for name in self._choice.categories if name not in self._choice.binned]
        if left:
            raise ValueError(
                f"KeyError: {left[0]!r}: with a category, transform_cols has to be -1 (all columns)"
            )
