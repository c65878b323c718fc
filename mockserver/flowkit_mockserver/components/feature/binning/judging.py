"""The bins of one party, and what they say about the labels of the guest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.guards import guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, PartyResult, order_of
from flowkit_mockserver.components.feature.binning.bins import Bins, evidence
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.feature.binning.export import (
    binning_meta,
    binning_model,
    result_message,
    transformed_table,
)
from flowkit_mockserver.components.feature.binning.fitting import Binner, Labels
from flowkit_mockserver.components.statistic.quantile import Partitions
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["NOT_OPTIMAL", "Judged", "Side", "Summary", "own_summary"]

NOT_OPTIMAL = "Have not supported optimal binning in multi-class data yet"
Summary = dict[str, Any]


def _summary(bins: Mapping[str, Bins], points: Mapping[str, Any]) -> Summary:
    return {
        "iv": [[name, found.iv] for name, found in bins.items()],
        "woe": {name: found.woe for name, found in bins.items()},
        "monotonic": {name: found.monotonic for name, found in bins.items()},
        "split_points": dict(points),
    }


def own_summary(bins: Mapping[str, Bins], unbinned: Mapping[str, Bins]) -> Summary:
    """Return the summary of a party's own columns; those without bins stand at the end."""
    # Bounds that a user gave are one array here, so that one float makes floats of all.
    points: dict[str, Any] = {name: np.array(found.points).tolist() for name, found in bins.items()}
    return _summary({**bins, **unbinned}, points | dict.fromkeys(unbinned))


def _merged(summary: Summary, other: Summary) -> Summary:
    merged: Summary = {key: {**summary[key], **other[key]} for key in summary if key != "iv"}
    merged["iv"] = sorted(summary["iv"] + other["iv"], key=lambda pair: -pair[1])
    return merged


class Side:
    """One party's binning."""

    def __init__(
        self,
        party: Party,
        data: Instances,
        asked: Mapping[str, Any],
        partitions: Partitions,
        *,
        skip_missing: bool,
    ) -> None:
        self.party, self.data, self.asked = party, data, asked
        self.known = anonymous_names(data, party)
        self.host = party[0] == "host"
        self.choice = ColumnChoice.of(data.header, asked)
        self.binner = Binner(
            data,
            asked,
            self.choice,
            host=self.host,
            partitions=partitions,
            skip_missing=skip_missing,
        )
        self.bins: dict[str, Bins] = {}

    @property
    def counted(self) -> bool:
        """Whether the bins are held against the label."""
        return not self.asked["skip_static"]

    def anonymous(self, name: str) -> str:
        """Return the name under which another party knows a column."""
        return self.known[name]

    def unbinned(self, behaviour: Behaviour) -> dict[str, Bins]:
        """Return the columns that were left alone, without bins, on the lines that tell of them."""
        if not behaviour.tells_unbinned:
            return {}
        return {name: Bins() for name in self.data.header if name not in self.bins}

    def shown(self, bins: Mapping[str, Bins], behaviour: Behaviour) -> dict[str, Bins]:
        """Return columns as a model shows them: on some lines all, and with whether values are missing."""
        if not behaviour.tells_unbinned:
            return dict(bins)
        there = {**bins, **self.unbinned(behaviour)}
        return {name: replace(found, missing=self._misses(name)) for name, found in there.items()}

    def seen(self, bins: Mapping[str, Bins]) -> dict[str, Bins]:
        """Return all columns as a model that was applied shows them: missing values are no bin of their own there."""
        return {name: replace(bins.get(name, Bins()), missing=False) for name in self.data.header}

    def _misses(self, name: str) -> bool:
        """Say whether a value of a column is missing; in a sparse table a zero is one that is not there."""
        column = self.data.numbers[:, self.data.header.index(name)]
        return bool(np.any(column == 0 if self.data.sparse else np.isnan(column)))

    def result(
        self, summary: Summary | None, hosts: list[dict[str, Any]], behaviour: Behaviour
    ) -> PartyResult:
        """Return what the fitted binning leaves behind on the party.

        Args:
            summary: of the component.
            hosts: what a guest learned of each host.
            behaviour: of the line.
        """
        kind = self.asked["transform_param"]["transform_type"]
        known = self.binner.numbers(self.bins)
        table = transformed_table(
            self.data,
            self.bins,
            self.choice.transformed,
            kind,
            known,
            missing_apart=behaviour.skips_missing,
        )
        header = self.data.header
        shared = self.host and self.counted and not self.asked["local_only"]
        model = binning_model(
            "HeteroFeatureBinning",
            binning_meta(self.asked, self.choice, host=self.host),
            result_message(self.shown(self.bins, behaviour), *self.party),
            header,
            anonymous=[self.anonymous(name) for name in header] if shared else [],
            hosts=hosts,
        )
        return PartyResult(
            [table.table()], summary=summary, model=model, warnings=self.binner.warnings()
        )


def _seen(
    host: Side, labels: Labels, adjustment: float, *, tells_ends: bool
) -> tuple[Summary, dict[str, Any]]:
    """Return what the guest learns of a host's bins: for its summary, and for its model.

    Of an optimal binning that is which of the host's fine bins end a bin; the host goes on with these. Whether the
    guest tells them depends on the line.
    """
    bins: dict[str, Bins] = {}
    ends: dict[str, list[int] | None] = {}
    optimal = host.asked["method"] == "optimal"
    categories = set(host.choice.categories)
    for name in sorted(host.bins, key=lambda name: order_of(host.anonymous(name))):
        points, known = host.bins[name].points, host.anonymous(name)
        counts = host.binner.counts(name, points, labels)
        if optimal and name not in categories:
            cuts = host.binner.optimum(counts, adjustment).ends
            ends[known] = cuts
            host.bins[name] = Bins([points[cut] for cut in cuts])
            counts = host.binner.merged_counts(counts, cuts)
            told = [float(cut) for cut in cuts] if tells_ends else []
            bins[known] = evidence(told, counts, adjustment)
        else:
            ends[known] = None
            bins[known] = evidence([], counts, adjustment)
    # Categories come behind what was optimal.
    ordered = sorted(bins, key=lambda known: optimal and ends[known] is None)
    bins = {known: bins[known] for known in ordered}
    shown = ends if tells_ends else dict.fromkeys(ends)
    return _summary(bins, shown), result_message(bins, *host.party)


class Judged:
    """The bins of the guest and of its hosts held against one class.

    Attributes:
        bins: the guest's.
        summary: of all columns that the guest knows of.
        hosts: what it learned of each host, for its model.
    """

    def __init__(
        self,
        guest: Side,
        hosts: list[Side],
        label: Any,
        *,
        alone: bool,
        behaviour: Behaviour,
    ) -> None:
        assert guest.data.labels is not None
        events: NDArray[np.bool_] = guest.data.labels == label
        ones: NDArray[np.bool_] = guest.data.labels == 1
        adjustment = guest.asked["adjustment_factor"]
        with guarded(guest.party):
            self.bins = guest.binner.with_evidence(guest.bins, Labels.of(events), Labels.of(ones))
        self.summary = own_summary(self.bins, guest.unbinned(behaviour))
        self.hosts: list[dict[str, Any]] = []
        for host in hosts:
            if guest.asked["local_only"] or host.asked["local_only"] or not host.counted:
                continue
            if not alone and host.asked["method"] == "optimal":
                raise ComponentFailed(NOT_OPTIMAL, guest.party)
            if host.asked["method"] == "optimal" and len(set(guest.data.labels.tolist())) == 1:
                # Of one label the guest is sent one count a bin, and looks for two.
                raise ComponentFailed("IndexError: list index out of range", guest.party)
            with guarded(host.party):
                host.binner.check_categories()
                seen, shown = _seen(
                    host,
                    _labels_of_host(guest, host, events),
                    adjustment,
                    tells_ends=not behaviour.structured_binning,
                )
            self.summary = _merged(self.summary, seen)
            self.hosts.append(shown)


def _labels_of_host(guest: Side, host: Side, events: NDArray[np.bool_]) -> Labels:
    """Return the guest's labels by the host's samples."""
    places = positions_of(host.data.ids, guest.data.ids)
    total = int(np.count_nonzero(events))
    return Labels(events[places], places >= 0, (total, len(events) - total))
