"""HeteroFeatureSelection: filters one after the other leave fewer and fewer columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.feature.selection.correlation import decide_by_correlation
from flowkit_mockserver.components.feature.selection.filters import (
    Rule,
    keep,
    metric_of,
    rules_of,
)
from flowkit_mockserver.components.feature.selection.isometric import Metric, isometric_models
from flowkit_mockserver.components.feature.selection.properties import (
    Properties,
    Step,
    passed_order,
)
from flowkit_mockserver.components.statistic.quantile import chosen_places
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["resting_model", "select"]

_DIGITS = 8
_BY_TREES = frozenset({"hetero_sbt_filter", "hetero_fast_sbt_filter"})


class _Side:
    """One party's columns on their way through the filters."""

    def __init__(self, run: ComponentRun, party: Party, data: Instances) -> None:
        self.party, self.data, self.asked = party, data, parameter(run, party)
        self.known, self.behaviour = anonymous_names(data, party), run.behaviour
        self.models = isometric_models(run.isometric.get(party, []))
        header = data.header
        places = chosen_places(header, self.asked["select_col_indexes"], self.asked["select_names"])
        self.chosen = [header[place] for place in places]
        self.now = Properties(list(header), list(self.chosen))
        self.rules = rules_of(self.asked) if self.chosen else []
        self.steps: list[Step] = []
        self.metas: list[dict[str, Any]] = []

    @property
    def guest(self) -> bool:
        return self.party[0] == "guest"

    def anonymous(self, name: str) -> str:
        """Return the name under which others know a column."""
        return self.known[name]

    def finish(self, rule: Rule, hosts: Sequence[Properties] = ()) -> None:
        """Go on to the next filter."""
        self.steps.append(Step(rule.name, self.now, list(hosts)))
        self.metas.append(rule.meta())
        self.now = self.now.following()

    def apply(self, rule: Rule) -> None:
        """Decide by a filter that needs this party alone.

        Raises:
            ValueError: a model is missing, or knows nothing of a column.
        """
        now = self.now
        if rule.method == "manually":
            now.decide(self._manually())
            now.keep_one({}, high=True)
        elif rule.method == "percentage_value":
            values = self._too_frequent(self.asked["percentage_value_param"]["upper_pct"])
            now.decide([name for name, gone in values.items() if not gone], values)
            now.keep_one(values, high=True)
        else:
            metric = metric_of(rule, self.models, later=self.behaviour.structured_binning)
            values = dict(zip(now.selected, metric.of(now.selected), strict=True))
            kept = keep(list(values.values()), rule)
            now.decide([now.selected[place] for place in kept], values)
            now.keep_one(values, high=rule.high)

    def _manually(self) -> list[str]:
        asked, header = self.asked["manually_param"], self.data.header
        indexes, names = asked["filter_out_indexes"], asked["filter_out_names"]
        if (indexes or names) is None and (
            (asked["left_col_indexes"] or asked["left_col_names"]) is not None
        ):
            stay = set(asked["left_col_indexes"] or ())
            stay |= {header.index(n) for n in asked["left_col_names"] or () if n in header}
            indexes, names = [i for i in range(len(header)) if i not in stay], None
        out = {header[i] for i in indexes or () if 0 <= i < len(header)} | set(names or ())
        return [name for name in self.now.selected if name not in out]

    def _too_frequent(self, share: float) -> dict[str, float]:
        """Return for each column whether one value makes up more than a share of it: 1.0 or 0.0."""
        allowed = math.ceil(len(self.data) * share)
        found = {}
        for name in self.now.selected:
            column = self.data.column(name)
            if column.dtype != object:
                column = np.round(column[~np.isnan(column)], _DIGITS)
                counts = np.unique(column, return_counts=True)[1]
            else:
                counts = np.unique(column.astype(np.str_), return_counts=True)[1]
            most = int(counts.max()) if len(counts) else 0
            found[name] = float(share < 1 and most > allowed)
        return found


def _host_properties(host: _Side) -> Properties:
    """Return a host's columns as the guest learns of them."""
    names = [host.anonymous(name) for name in host.now.selected]
    return Properties(names, list(names))


def _hand_back(host: _Side, decided: Properties, *, high: bool) -> None:
    """Let a host have what the guest decided for it."""
    names = {host.anonymous(name): name for name in host.now.selected}
    host.now.decide(names[name] for name in decided.left)
    host.now.keep_one({}, high=high)


def _together(rule: Rule, guest: _Side, hosts: list[_Side]) -> None:
    """Apply a filter by which the guest decides for all parties; only the guest sees the numbers.

    Raises:
        ValueError: a model is missing, or knows nothing of a column.
    """
    metric = metric_of(rule, guest.models, later=guest.behaviour.structured_binning)
    now = guest.now
    values = list(metric.of(now.selected))
    labels = [(-1, name) for name in now.selected]
    bounds = [rule.threshold] * len(labels)
    decided: list[Properties] = []
    if rule.federated:
        decided = [_host_properties(host) for host in hosts]
        for number, (host, theirs) in enumerate(zip(hosts, decided, strict=True)):
            if host.party[1] not in metric.hosts:
                continue
            values += metric.of_host(host.party[1], theirs.selected)
            labels += [(number, name) for name in theirs.selected]
            bounds += [rule.host_bound(number)] * len(theirs.selected)
    kept = {labels[place] for place in keep(values, rule, bounds)}
    numbers = dict(zip(labels, values, strict=True))

    def decide(site: int, columns: Properties) -> None:
        own = {name: numbers[site, name] for name in columns.selected if (site, name) in numbers}
        columns.decide([name for name in own if (site, name) in kept], own)
        columns.keep_one(own, high=rule.high)

    decide(-1, now)
    for number, theirs in enumerate(decided):
        decide(number, theirs)
    _finish_together(rule, guest, hosts, decided)


def _finish_together(
    rule: Rule, guest: _Side, hosts: list[_Side], decided: list[Properties]
) -> None:
    guest.finish(rule, decided)
    for number, host in enumerate(hosts):
        if decided:
            _hand_back(host, decided[number], high=rule.high)
        else:
            host.now.decide(host.now.selected)
        host.finish(rule)


def _correlated(rule: Rule, guest: _Side, hosts: list[_Side]) -> None:
    """Drop, the best column first, whatever is too close to it.

    Raises:
        ValueError: a model is missing.
    """
    later = guest.behaviour.structured_binning
    metric: Metric = metric_of(rule, guest.models, later=later)
    decided = [_host_properties(host) for host in hosts] if rule.federated else []
    ids = [host.party[1] for host in hosts]
    decide_by_correlation(
        rule.threshold,
        guest.now,
        dict(zip(ids, decided, strict=False)),
        metric,
        guest.models,
        later=later,
    )
    _finish_together(rule, guest, hosts, decided)


def _left_cols(before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    return message("LeftCols", originalCols=before, leftCols=dict.fromkeys(after, True))


def _result(step: Step) -> dict[str, Any]:
    return message(
        "FeatureSelectionFilterParam",
        filterName=step.name,
        featureValues=step.own.values,
        leftCols=_left_cols(step.own.before, step.own.after),
        hostFeatureValues=[
            message("FeatureValue", featureValues=host.values) for host in step.hosts
        ],
        hostLeftCols=[_left_cols(host.before, host.after) for host in step.hosts],
    )


def _host_names(side: _Side, hosts: Sequence[_Side]) -> list[dict[str, Any]]:
    """Return the columns of hosts: of a host all of its own, of the guest in the order in which it kept them."""
    if not side.guest:
        names = [side.anonymous(name) for name in side.data.header]
        return [message("HostColNames", colNames=names, partyId=side.party[1])]
    shown = []
    for number, host in enumerate(hosts):
        steps = [step.hosts[number] for step in side.steps if step.hosts]
        if steps:
            names = passed_order(steps)
            shown.append(message("HostColNames", colNames=names, partyId=host.party[1]))
    return shown


def _report(side: _Side, hosts: Sequence[_Side]) -> PartyResult:
    # Without a filter the server leaves nothing of the columns it was to decide about, and its summary says otherwise.
    left = side.now.before if side.steps else side.now.after
    param = message(
        "FeatureSelectionParam",
        results=[_result(step) for step in side.steps],
        finalLeftCols=_left_cols(side.chosen, left),
        colNames=passed_order([step.own for step in side.steps]),
        hostColNames=_host_names(side, hosts),
        header=side.data.header,
    )
    if side.behaviour.keeps_names:
        param["colNameToAnonymDict"] = dict(side.known)
    meta = message(
        "FeatureSelectionMeta",
        filterMethods=side.asked["filter_methods"],
        cols=side.chosen,
        needRun=True,
        filterMetas=side.metas,
    )
    summary = {step.name: _counts(len(step.own.before), step.own.left) for step in side.steps} | {
        "all": _counts(len(side.data.header), side.now.before)
    }
    table = _reduced(side.data, side.data.header, left)
    model = saved_model("HeteroFeatureSelection", meta, param)
    return PartyResult([table.table()], summary=summary, model=model)


def resting_model(run: ComponentRun, party: Party) -> Model:
    """Return the model of a party whose parameter says ``need_run: false``: it selects no column.

    Raises:
        ComponentFailed: in the first lines a host cannot save one.
    """
    host = party[0] == "host"
    if host and not run.behaviour.keeps_names:
        raise ComponentFailed("TypeError: object of type 'NoneType' has no len()", party)
    param = message(
        "FeatureSelectionParam",
        finalLeftCols=_left_cols([], []),
        hostColNames=[message("HostColNames", colNames=[], partyId=party[1])] if host else [],
    )
    if run.behaviour.keeps_names:
        param["colNameToAnonymDict"] = {}
    meta = message(
        "FeatureSelectionMeta", filterMethods=parameter(run, party)["filter_methods"], needRun=False
    )
    return saved_model("HeteroFeatureSelection", meta, param)


def _counts(before: int, left: Sequence[str]) -> dict[str, Any]:
    return {"last_col_nums": before, "left_col_nums": len(left), "left_col_names": list(left)}


def _reduced(data: Instances, header: Sequence[str], left: Sequence[str]) -> Instances:
    """Return the columns that are left; which is which, says their place in the header of the model.

    Raises:
        ValueError: the table has fewer columns than the model needs.
    """
    stay = set(left)
    places = [place for place, name in enumerate(header) if name in stay]
    if places and places[-1] >= data.width:
        raise ValueError(f"index {places[-1]} is out of bounds for axis 0 with size {data.width}")
    reduced = data.select(places)
    return reduced.with_features(reduced.features, [header[p] for p in places], reduced.forms)


def _applied(model: Model, data: Instances, *, forgets: bool) -> PartyResult:
    """Select by a fitted model, which some lines save without what was chosen and how filters were set."""
    chosen: Mapping[str, Any] = model.param["finalLeftCols"]
    reduced = _reduced(data, model.param["header"], list(chosen["leftCols"]))
    if forgets:
        param = {**model.param, "finalLeftCols": {**chosen, "originalCols": []}}
        model = saved_model(model.module, {**model.meta, "cols": [], "filterMetas": []}, param)
    return PartyResult([reduced.table()], model=model)


def _decided_by_guest(rule: Rule, guest: _Side) -> bool:
    """Say whether the guest decides for the hosts; by the trees of a model all decide for themselves on later lines."""
    if guest.behaviour.own_importances and rule.method in _BY_TREES:
        return False
    return rule.decided_by_guest(guest.models)


def _fitted(run: ComponentRun, tables: Mapping[Party, Instances]) -> dict[Party, PartyResult]:
    sides = []
    for party, data in tables.items():
        with guarded(party):
            check_table(data)
            sides.append(_Side(run, party, data))
    guest = next((side for side in sides if side.guest), None)
    hosts = [side for side in sides if not side.guest]
    rules: list[list[Rule]] = sorted((side.rules for side in sides), key=len)
    for number, rule in enumerate(rules[-1]):
        if guest and rule.method == "correlation_filter":
            with guarded(guest.party):
                _correlated(rule, guest, hosts)
        elif guest and _decided_by_guest(rule, guest):
            with guarded(guest.party):
                _together(guest.rules[number], guest, hosts)
        else:
            for side in sides:
                if number < len(side.rules):
                    with guarded(side.party):
                        side.apply(side.rules[number])
                    side.finish(side.rules[number])
    return {side.party: _report(side, hosts) for side in sides}


def select(run: ComponentRun) -> dict[Party, PartyResult]:
    """Select the columns of every party, or apply a fitted selection."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    if not any(run.models.get(party) for party in tables):
        return _fitted(run, tables)
    results = {}
    for party, data in tables.items():
        if model := run.models.get(party):
            with guarded(party):
                check_table(data)

                results[party] = _applied(model, data, forgets=run.behaviour.keeps_names)
    return results
