"""HeteroFeatureBinning: every party bins its own columns, the guest learns what the bins say about the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    order_of,
)
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.feature.binning.bins import Bins, evidence
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.feature.binning.export import (
    NO_EVIDENCE,
    binning_meta,
    binning_model,
    reloaded_model,
    result_message,
    tell_by_class,
    tell_optimum,
    transformed_table,
)
from flowkit_mockserver.components.feature.binning.fitting import Binner, Labels
from flowkit_mockserver.components.statistic.quantile import Partitions, row_partitions
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["bin_features"]

_DATA = ("data", "train_data", "test_data")
_BINARY, _MOST_CLASSES = 2, 1000
_NOT_OPTIMAL = "Have not supported optimal binning in multi-class data yet"
Summary = dict[str, Any]


def _summary(bins: Mapping[str, Bins], points: Mapping[str, Any]) -> Summary:
    return {
        "iv": [[name, found.iv] for name, found in bins.items()],
        "woe": {name: found.woe for name, found in bins.items()},
        "monotonic": {name: found.monotonic for name, found in bins.items()},
        "split_points": dict(points),
    }


def _own_summary(bins: Mapping[str, Bins], unbinned: Mapping[str, Bins]) -> Summary:
    """Return the summary of a party's own columns; those without bins stand at the end."""
    points: dict[str, Any] = {name: found.points for name, found in bins.items()}
    return _summary({**bins, **unbinned}, points | dict.fromkeys(unbinned))


def _merged(summary: Summary, other: Summary) -> Summary:
    merged: Summary = {key: {**summary[key], **other[key]} for key in summary if key != "iv"}
    merged["iv"] = sorted(summary["iv"] + other["iv"], key=lambda pair: -pair[1])
    return merged


class _Side:
    """One party's binning."""

    def __init__(
        self, party: Party, data: Instances, asked: Mapping[str, Any], partitions: Partitions
    ) -> None:
        self.party, self.data, self.asked = party, data, asked
        self.known = anonymous_names(data, party)
        self.host = party[0] == "host"
        self.choice = ColumnChoice.of(data.header, asked)
        self.binner = Binner(data, asked, self.choice, host=self.host, partitions=partitions)
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

    def _misses(self, name: str) -> bool:
        """Say whether a value of a column is missing; in a sparse table a zero is one that is not there."""
        column = self.data.numbers[:, self.data.header.index(name)]
        return bool(np.any(column == 0 if self.data.sparse else np.isnan(column)))

    def result(
        self, summary: Summary | None, hosts: list[dict[str, Any]], behaviour: Behaviour
    ) -> PartyResult:
        kind = self.asked["transform_param"]["transform_type"]
        known = self.binner.numbers(self.bins)
        table = transformed_table(self.data, self.bins, self.choice.transformed, kind, known)
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
    host: _Side, labels: Labels, adjustment: float, *, tells_ends: bool
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


def _classes(guest: _Side, behaviour: Behaviour) -> list[Any]:
    """Return the labels, each of which is held against all others; of two labels the first.

    Raises:
        ComponentFailed: there are more than two labels and the line or the binning takes no more; there are two,
            and one of them is neither 0 nor 1.
    """
    labels, party = guest.data.labels, guest.party
    found = [None] if labels is None else np.unique(labels).tolist()
    if len(found) > _MOST_CLASSES:
        raise ComponentFailed(
            f"In Classify Task, max dif classes should be no more than {_MOST_CLASSES}", party
        )
    if len(found) > _BINARY and behaviour.structured_binning:
        if guest.asked["method"] == "optimal":
            raise ComponentFailed(_NOT_OPTIMAL, party)
        if guest.asked["transform_param"]["transform_type"] == "woe":
            raise ComponentFailed(
                "WOE transform of multi-class-labeled data not supported. Please check!", party
            )
        return sorted(found, reverse=True)
    if len(found) > _BINARY:
        raise ComponentFailed("Iv calculation support binary-data only in this version.", party)
    for label in (1, 0):
        if label not in found:
            raise ComponentFailed(f"KeyError: {label}: there is no sample with this label", party)
    if labels is not None and behaviour.structured_binning and not behaviour.sorts_labels:
        # The first one that is met counts as the event.
        return [int(labels[np.concatenate(row_partitions(guest.data))[0]])]
    return [1]


class _Judged:
    """The bins of the guest and of its hosts held against one class.

    Attributes:
        bins: the guest's.
        summary: of all columns that the guest knows of.
        hosts: what it learned of each host, for its model.
    """

    def __init__(
        self,
        guest: _Side,
        hosts: list[_Side],
        label: Any,
        *,
        alone: bool,
        behaviour: Behaviour,
    ) -> None:
        events: NDArray[np.bool_] = guest.data.labels == label
        adjustment = guest.asked["adjustment_factor"]
        with guarded(guest.party):
            self.bins = guest.binner.with_evidence(guest.bins, Labels.of(events))
        self.summary = _own_summary(self.bins, guest.unbinned(behaviour))
        self.hosts: list[dict[str, Any]] = []
        for host in hosts:
            if guest.asked["local_only"] or host.asked["local_only"] or not host.counted:
                continue
            if not alone and host.asked["method"] == "optimal":
                raise ComponentFailed(_NOT_OPTIMAL, guest.party)
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


def _fitted(tables: Mapping[Party, Instances], run: ComponentRun) -> dict[Party, PartyResult]:
    sides = {}
    partitions = Partitions()
    for party, data in tables.items():
        asked = parameter(run, party)
        _refuse_evidence(run, party)
        with guarded(party):
            check_table(data)
            sides[party] = _Side(party, data, asked, partitions)
            sides[party].bins = sides[party].binner.split()
        if party[0] == "host" and asked["transform_param"]["transform_type"] == "woe":
            raise ComponentFailed(NO_EVIDENCE, party)
    guest = next((side for side in sides.values() if not side.host), None)
    hosts = [side for side in sides.values() if side.host]
    summary: Summary | None = None
    classes: list[Any] = []
    judged: list[_Judged] = []
    if guest is not None and guest.counted:
        classes = _classes(guest, run.behaviour)
        alone = len(classes) == 1
        judged = [
            _Judged(guest, hosts, label, alone=alone, behaviour=run.behaviour) for label in classes
        ]
        guest.bins, summary = judged[0].bins, judged[0].summary
        if not alone:
            summary = {str(label): one.summary for label, one in zip(classes, judged, strict=True)}
        elif run.behaviour.structured_binning:
            summary = {"result": summary}
        elif not guest.asked["local_only"]:
            summary["test"] = "test"
    results = {
        host.party: host.result(_host_summary(host, run.behaviour), [], run.behaviour)
        for host in hosts
    }
    if guest is not None:
        seen = judged[0].hosts if judged else []
        results[guest.party] = guest.result(summary, seen, run.behaviour)
    if run.behaviour.structured_binning:
        host_ids = [host.party[1] for host in hosts]
        counts = run.behaviour.counts_host_bins
        for party, result in results.items():
            known = list(sides[party].known.values())
            if party[0] == "host":
                tell_by_class(result, known, host_ids, labels=[], counts_host_bins=counts)
                continue
            # Until 1.9 the guest has no other names for its columns.
            tell_by_class(
                result,
                known if run.behaviour.keeps_names else [],
                host_ids,
                labels=[classes[0], 1 - classes[0]] if len(classes) == 1 else classes,
                others=[
                    result_message(sides[party].shown(one.bins, run.behaviour), *party)
                    for one in judged[1:]
                ],
                hosts=list(zip(*(one.hosts for one in judged[1:]), strict=True)),
                counts_host_bins=counts,
            )
        for party, result in results.items():
            tell_optimum(result, sides[party].asked, sides[party].bins)
    return results


def _refuse_evidence(run: ComponentRun, party: Party) -> None:
    """Refuse a host that asks for weights of evidence, on the lines that let none ask.

    Raises:
        ComponentFailed: it does.
    """
    wanted = parameter(run, party)["transform_param"]["transform_type"]
    if party[0] == "host" and wanted == "woe" and not run.behaviour.hosts_take_evidence:
        raise ComponentFailed("Host party do not support woe transform now.", party)


def _host_summary(host: _Side, behaviour: Behaviour) -> Summary | None:
    if not host.counted:
        return None
    if behaviour.structured_binning:
        return {name: found.points for name, found in host.bins.items()}
    return _own_summary(host.bins, {})


def _labels_of_host(guest: _Side, host: _Side, events: NDArray[np.bool_]) -> Labels:
    """Return the guest's labels by the host's samples."""
    places = positions_of(host.data.ids, guest.data.ids)
    total = int(np.count_nonzero(events))
    return Labels(events[places], places >= 0, (total, len(events) - total))


def bin_features(run: ComponentRun) -> dict[Party, PartyResult]:
    """Bin the columns of guest and hosts, or apply a fitted binning."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *_DATA)
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    if not any(run.models.get(party) for party in tables):
        return _fitted(tables, run)
    results = {}
    for party, data in tables.items():
        model = run.models.get(party)
        if model is None:
            continue
        _refuse_evidence(run, party)
        with guarded(party):
            model, table = reloaded_model(model, data, parameter(run, party), party[0])
        results[party] = PartyResult([table.table()], model=model)
    return results
