"""HeteroFeatureBinning: every party bins its own columns, the guest learns what the bins say about the label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
)
from flowkit_mockserver.components.core.run import has_host, instances, parameter, parties
from flowkit_mockserver.components.feature.binning.applying import judge_again
from flowkit_mockserver.components.feature.binning.export import (
    NO_EVIDENCE,
    reloaded_model,
    result_message,
    tell_by_class,
    tell_optimum,
)
from flowkit_mockserver.components.feature.binning.judging import (
    NOT_OPTIMAL,
    Judged,
    Side,
    Summary,
    own_summary,
)
from flowkit_mockserver.components.statistic.quantile import Partitions, row_partitions
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["bin_features"]

_DATA = ("data", "train_data", "test_data")
_BINARY, _MOST_CLASSES = 2, 1000


def _classes(guest: Side, behaviour: Behaviour) -> list[Any]:
    """Return the labels, each of which is held against all others; of two labels the first.

    Raises:
        ComponentFailed: there are more than two labels and the line or the binning takes no more; in the first lines
            also when 0 or 1 is not among them.
    """
    labels, party = guest.data.labels, guest.party
    found = [None] if labels is None else np.unique(labels).tolist()
    if len(found) > _MOST_CLASSES:
        raise ComponentFailed(
            f"In Classify Task, max dif classes should be no more than {_MOST_CLASSES}", party
        )
    if len(found) > _BINARY and behaviour.structured_binning:
        if guest.asked["method"] == "optimal":
            raise ComponentFailed(NOT_OPTIMAL, party)
        if guest.asked["transform_param"]["transform_type"] == "woe":
            raise ComponentFailed(
                "WOE transform of multi-class-labeled data not supported. Please check!", party
            )
        return sorted(found, reverse=True)
    if len(found) > _BINARY:
        raise ComponentFailed("Iv calculation support binary-data only in this version.", party)
    if labels is not None and behaviour.structured_binning:
        if behaviour.sorts_labels:
            return found[-1:]
        # The first one that is met counts as the event.
        return [int(labels[np.concatenate(row_partitions(guest.data))[0]])]
    for label in (1, 0):
        if label not in found:
            raise ComponentFailed(f"KeyError: {label}: there is no sample with this label", party)
    return [1]


def _fitted(tables: Mapping[Party, Instances], run: ComponentRun) -> dict[Party, PartyResult]:
    sides = {}
    partitions = Partitions()
    for party, data in tables.items():
        asked = parameter(run, party)
        _refuse_evidence(run, party)
        with guarded(party):
            check_table(data)
            sides[party] = Side(
                party, data, asked, partitions, skip_missing=run.behaviour.skips_missing
            )
            sides[party].bins = sides[party].binner.split()
        if party[0] == "host" and asked["transform_param"]["transform_type"] == "woe":
            raise ComponentFailed(NO_EVIDENCE, party)
    guest = next((side for side in sides.values() if not side.host), None)
    hosts = [side for side in sides.values() if side.host]
    summary: Summary | None = None
    classes: list[Any] = []
    judged: list[Judged] = []
    if guest is not None and guest.counted:
        classes = _classes(guest, run.behaviour)
        alone = len(classes) == 1
        judged = [
            Judged(guest, hosts, label, alone=alone, behaviour=run.behaviour) for label in classes
        ]
        guest.bins, summary = judged[0].bins, judged[0].summary
        if run.behaviour.plain_binnings:
            for one in judged:
                del one.summary["split_points"]
        if not alone or (
            run.behaviour.structured_binning and len(_told_labels(guest, classes)) == 1
        ):
            summary = {str(label): one.summary for label, one in zip(classes, judged, strict=True)}
        elif run.behaviour.structured_binning:
            summary = {"result": summary}
        elif not (guest.asked["local_only"] or run.behaviour.plain_binnings):
            summary["test"] = "test"
    results = {
        host.party: host.result(_host_summary(host, run.behaviour), [], run.behaviour)
        for host in hosts
    }
    if guest is not None:
        seen = judged[0].hosts if judged else []
        results[guest.party] = guest.result(summary, seen, run.behaviour)
    if run.behaviour.structured_binning:
        if guest is not None and not has_host(run):
            raise ComponentFailed("TypeError: 'NoneType' object is not iterable", guest.party)
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
                labels=_told_labels(sides[party], classes),
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


def _told_labels(guest: Side, classes: list[Any]) -> list[Any]:
    """Return the labels that a model names, the event first; none where bins are not held against them."""
    if not classes:
        return []
    found = [] if guest.data.labels is None else np.unique(guest.data.labels).tolist()
    return [*classes, *(label for label in found if label not in classes)]


def _refuse_evidence(run: ComponentRun, party: Party) -> None:
    """Refuse a host that asks for weights of evidence, on the lines that let none ask.

    Raises:
        ComponentFailed: it does.
    """
    wanted = parameter(run, party)["transform_param"]["transform_type"]
    if party[0] == "host" and wanted == "woe" and not run.behaviour.hosts_take_evidence:
        raise ComponentFailed("Host party do not support woe transform now.", party)


def _host_summary(host: Side, behaviour: Behaviour) -> Summary | None:
    if not host.counted:
        return None
    if behaviour.structured_binning:
        return {name: found.points for name, found in host.bins.items()}
    return None if behaviour.plain_binnings else own_summary(host.bins, {})


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
            model, table = reloaded_model(
                model, data, parameter(run, party), party[0], behaviour=run.behaviour
            )
        results[party] = PartyResult([table.table()], model=model)
    if run.behaviour.keeps_names:
        judge_again(run, tables, results)
    return results
