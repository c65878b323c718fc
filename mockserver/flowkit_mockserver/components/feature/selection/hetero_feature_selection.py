"""HeteroFeatureSelection: filters one after the other leave fewer and fewer columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.feature.selection.filters import (
    Rule,
    column_number,
    keep,
    model_numbers,
    rules_of,
)
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.quantile import chosen_columns
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["select"]

_FEDERATED = {"iv", "feature_importance"}
# Every party has the whole model this filter asks, and so comes to the same result by itself.
_COMMON = "homo_sbt_filter"


@dataclass
class _Step:
    """What one filter did on one party: the columns it saw and left, and their numbers."""

    rule: Rule
    seen: list[str]
    left: list[str]
    values: dict[str, float]


class _Side:
    """One party's columns on their way through the filters."""

    def __init__(self, run: ComponentRun, party: Party, data: Instances) -> None:
        self.party, self.data, self.asked = party, data, parameter(run, party)
        self.models: Sequence[Model] = run.isometric.get(party, [])
        self.columns = dict(zip(data.header, data.columns(), strict=True))
        self.chosen = chosen_columns(
            data.header, self.asked["select_col_indexes"], self.asked["select_names"]
        )
        self.left = list(self.chosen)
        self.steps: list[_Step] = []
        # Guest only: what it decided for each host in each federated step.
        self.for_hosts: dict[int, list[tuple[list[str], list[str], dict[str, float]]]] = {}

    def anonymous(self, name: str) -> str:
        return f"{self.party[0]}_{self.party[1]}_{self.data.header.index(name)}"

    def numbers(self, metric: str) -> dict[str, float]:
        known = model_numbers(metric, self.models)
        if known is not None:
            return {name: known.get(name, 0.0) for name in self.left}
        return {name: column_number(metric, self.columns[name]) for name in self.left}

    def ordered(self) -> list[str]:
        """Return the columns: those that are left, then the others, the last to go first."""
        gone = []
        for step in reversed(self.steps):
            gone += [name for name in step.seen if name not in step.left]
        return [*self.left, *gone]

    def note(self, rule: Rule, left: Sequence[str], values: Mapping[str, float]) -> None:
        # One column stays whatever the filter says.
        kept = [name for name in self.left if name in set(left)] or self.left[:1]
        self.steps.append(_Step(rule, self.left, kept, dict(values)))
        self.left = kept

    def apply(self, rule: Rule) -> None:
        """Apply a filter that needs this party alone."""
        if rule.name == "manually":
            self.note(rule, self._manually(), {})
        elif rule.name == "percentage_value":
            bound = self.asked["percentage_value_param"]["upper_pct"]
            shares = {name: column_number("mode_share", self.columns[name]) for name in self.left}
            left = [name for name, share in shares.items() if share < bound or bound >= 1]
            self.note(rule, left, {name: float(name not in left) for name in self.left})
        else:
            values = self.numbers(rule.metric)
            kept = keep(list(values.values()), rule)
            names = list(values)
            self.note(rule, [names[i] for i in kept], values)

    def _manually(self) -> list[str]:
        asked, header = self.asked["manually_param"], self.data.header
        out = {header[i] for i in asked["filter_out_indexes"] or [] if i < len(header)}
        out |= set(asked["filter_out_names"] or [])
        if asked["left_col_indexes"] is None and asked["left_col_names"] is None:
            return [name for name in self.left if name not in out]
        wanted = {header[i] for i in asked["left_col_indexes"] or [] if i < len(header)}
        wanted |= set(asked["left_col_names"] or [])
        return [name for name in self.left if name in wanted]


def _host_order(side: _Side, host: _Side, number: int) -> list[str]:
    """Return a host's columns: by the filters that the guest ran on them, in a host's own model as they are."""
    names = [host.anonymous(name) for name in host.data.header]
    if side is host:
        return names
    gone: list[str] = []
    for step in sorted(side.for_hosts, reverse=True):
        before, left, _ = side.for_hosts[step][number]
        gone += [name for name in before if name not in left]
    return [name for name in names if name not in gone] + gone


def _host_numbers(models: Sequence[Model], metric: str, host: _Side) -> dict[str, float]:
    """Return what the guest's models say about a host's columns, by the host's own names."""
    for model in models:
        if metric == "iv":
            for result in model.param.get("hostResults", []):
                if result["partyId"] == host.party[1]:
                    known = {name: bins["iv"] for name, bins in result["binningResult"].items()}
                    return {name: known.get(host.anonymous(name), 0.0) for name in host.left}
        elif found := model_numbers(metric, [model]):
            return {name: found.get(host.anonymous(name), 0.0) for name in host.left}
    return {}


def _together(rule: Rule, guest: _Side, hosts: list[_Side], step: int) -> None:
    """Apply a filter that ranks the columns of all parties; only the guest sees the numbers."""
    own = guest.numbers(rule.metric)
    of_hosts = [_host_numbers(guest.models, rule.metric, host) for host in hosts]
    labels = [(0, name) for name in own]
    values = list(own.values())
    bounds = [float(rule.threshold)] * len(own)
    for number, known in enumerate(of_hosts, 1):
        labels += [(number, name) for name in known]
        values += known.values()
        hosts_bounds = rule.host_thresholds
        bound = hosts_bounds[:number][-1] if hosts_bounds else rule.threshold
        bounds += [float(bound)] * len(known)
    kept = {labels[i] for i in keep(values, rule, bounds)}
    guest.note(rule, [name for site, name in kept if site == 0], own)
    guest.for_hosts[step] = []
    for number, (host, known) in enumerate(zip(hosts, of_hosts, strict=True), 1):
        before = list(host.left)
        host.note(rule, [name for site, name in kept if site == number], {})
        guest.for_hosts[step].append(
            (
                [host.anonymous(name) for name in before],
                [host.anonymous(name) for name in host.left],
                {host.anonymous(name): value for name, value in known.items()},
            )
        )


def _correlated(rule: Rule, guest: _Side, hosts: list[_Side]) -> None:
    """Drop, the best column first, whatever is too close to it."""
    sort_metric = guest.asked["correlation_param"]["sort_metric"]
    numbers = guest.numbers(sort_metric)
    local = next((m.state["local"] for m in guest.models if "local" in m.state), None)
    names = next((m.param["names"] for m in guest.models if "local" in m.state), guest.left)
    at = {name: i for i, name in enumerate(names)}
    dropped: set[str] = set()
    for name in sorted(guest.left, key=lambda one: -numbers[one]):
        if name in dropped or local is None:
            continue
        for other in guest.left:
            if other != name and other not in dropped:
                close = abs(local[at[name]][at[other]]) > rule.threshold
                dropped |= {other} if close else set()
    left = [name for name in guest.left if name not in dropped]
    guest.note(rule, left, {name: float(name in dropped) for name in guest.left})
    for host in hosts:
        host.note(rule, host.left, {})


def _left_cols(seen: Sequence[str], left: Sequence[str]) -> dict[str, Any]:
    return message("LeftCols", originalCols=seen, leftCols=dict.fromkeys(left, True))


def _model(side: _Side, hosts: list[_Side]) -> Model:
    guest = side.party[0] == "guest"
    results = []
    for number, step in enumerate(side.steps):
        given = side.for_hosts.get(number, [])
        results.append(
            message(
                "FeatureSelectionFilterParam",
                filterName=step.rule.name,
                featureValues=step.values,
                leftCols=_left_cols(step.seen, step.left),
                hostFeatureValues=[
                    message("FeatureValue", featureValues=values) for _, _, values in given
                ],
                hostLeftCols=[_left_cols(seen, left) for seen, left, _ in given],
            )
        )
    shown = hosts if guest and side.for_hosts else [] if guest else [side]
    param = message(
        "FeatureSelectionParam",
        results=results,
        finalLeftCols=_left_cols(side.chosen, side.left),
        colNames=side.ordered(),
        hostColNames=[
            message(
                "HostColNames",
                colNames=_host_order(side, host, number),
                partyId=host.party[1],
            )
            for number, host in enumerate(shown)
        ],
        header=side.data.header,
    )
    meta = message(
        "FeatureSelectionMeta",
        filterMethods=side.asked["filter_methods"],
        cols=side.chosen,
        needRun=True,
        filterMetas=[step.rule.meta() for step in side.steps],
    )
    dropped = [name for name in side.chosen if name not in side.left]
    state = {"header": side.data.header, "dropped": dropped}
    return saved_model("HeteroFeatureSelection", meta, param, state)


def _reduced(data: Instances, dropped: Sequence[str]) -> Instances:
    kept = [i for i, name in enumerate(data.header) if name not in set(dropped)]
    return data.with_rows(
        [[row[i] for i in kept] for row in data.rows], [data.header[i] for i in kept]
    )


def _report(side: _Side, hosts: list[_Side]) -> PartyResult:
    summary: dict[str, Any] = {}
    for step in side.steps:
        summary[step.rule.name] = _counts(step.seen, step.left)
    summary["all"] = _counts(side.chosen, side.left)
    model = _model(side, hosts)
    data = _reduced(side.data, model.state["dropped"])
    return PartyResult([data.table()], summary=summary, model=model)


def _counts(seen: Sequence[str], left: Sequence[str]) -> dict[str, Any]:
    return {"last_col_nums": len(seen), "left_col_nums": len(left), "left_col_names": list(left)}


def select(run: ComponentRun) -> dict[Party, PartyResult]:
    """Select the columns of every party, or apply a fitted selection."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    if any(run.models.get(party) for party in tables):
        results = {}
        for party, data in tables.items():
            model = run.models.get(party)
            if model:
                reduced = _reduced(data.aligned(model.state["header"]), model.state["dropped"])
                results[party] = PartyResult([reduced.table()], model=model)
        return results
    sides = [_Side(run, party, data) for party, data in tables.items()]
    guest = next((side for side in sides if side.party[0] == "guest"), None)
    hosts = [side for side in sides if side.party[0] == "host"]
    for number, rule in enumerate(rules_of(sides[0].asked)):
        if guest and rule.name == "correlation_filter":
            _correlated(rule, guest, hosts)
        elif guest and rule.name != _COMMON and rule.federated and rule.metric in _FEDERATED:
            _together(rule, guest, hosts, number)
        else:
            for side in sides:
                own = rules_of(side.asked)
                side.apply(own[number] if number < len(own) else rule)
    return {side.party: _report(side, hosts) for side in sides}
