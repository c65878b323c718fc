"""HeteroFeatureBinning: every party bins its own columns, the guest learns what the bins say about the label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.feature.binning.bins import (
    Bins,
    bin_counts,
    bucket_points,
    evidence,
)
from flowkit_mockserver.components.feature.binning.optimal_binning import optimal_cuts
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.quantile import (
    bin_of,
    chosen_columns,
    quantile_points,
    rank_values,
)
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["PartyBinning", "bin_features"]

_DATA = ("data", "train_data", "test_data")
_BINARY = 2


class PartyBinning:
    """The binning of one party.

    Args:
        party: whose columns these are.
        data: its table.
        asked: its parameter.
    """

    def __init__(self, party: Party, data: Instances, asked: Mapping[str, Any]) -> None:
        self.party, self.data, self.asked = party, data, asked
        header = data.header
        self.columns = dict(zip(header, data.columns(), strict=True))
        categories = chosen_columns(header, asked["category_indexes"], asked["category_names"])
        chosen = chosen_columns(header, asked["bin_indexes"], asked["bin_names"])
        self.categories = set(categories)
        # Category columns go behind the others, there for all purposes when everything is to be transformed.
        self.names = [name for name in chosen if name not in self.categories] + categories
        transform = asked["transform_param"]
        self.transformed = (
            self.names
            if transform["transform_cols"] == -1
            else chosen_columns(header, transform["transform_cols"], transform["transform_names"])
        )
        self.kind: str | None = transform["transform_type"]
        self.bins: dict[str, Bins] = {}
        self.fine: dict[str, list[int]] = {}

    def fit(self, labels: list[Any] | None) -> None:
        """Find the bounds of every column; with `labels`, also what the bins say about them."""
        for name in self.names:
            ordered = rank_values(self.columns[name])
            points = self._points(name, ordered)
            optimal = self.asked["method"] == "optimal" and name not in self.categories
            if optimal and labels is not None:
                counts = bin_counts(self.columns[name], labels, points)
                asked = self.asked["optimal_binning_param"]
                # A host tells the guest the number of its fine bins as the number of bins it wants.
                host = self.party[0] == "host"
                most = asked["init_bin_nums"] if host else self.asked["bin_num"]
                cuts = optimal_cuts(counts, asked, most, self.asked["adjustment_factor"])
                self.fine[name] = cuts
                points = [points[cut] for cut in cuts]
            if labels is None:
                self.bins[name] = Bins(points)
            else:
                counts = bin_counts(self.columns[name], labels, points)
                self.bins[name] = evidence(points, counts, self.asked["adjustment_factor"])

    def _points(self, name: str, ordered: list[float]) -> list[float]:
        if name in self.categories:
            return sorted(set(ordered))
        method, bins = self.asked["method"], self.asked["bin_num"]
        if method == "optimal":
            optimal = self.asked["optimal_binning_param"]
            bins, method = optimal["init_bin_nums"], optimal["init_bucket_method"]
        if method == "bucket":
            return bucket_points(ordered, bins)
        return quantile_points(ordered, bins, self.asked["error"])

    def anonymous(self, name: str) -> str:
        """Return the name under which another party knows a column."""
        return f"{self.party[0]}_{self.party[1]}_{self.data.header.index(name)}"

    def transform(self) -> Instances:
        """Return the table with the chosen columns replaced by bin number or weight of evidence."""
        if self.kind not in {"bin_num", "woe"}:
            return self.data
        columns = dict(self.columns)
        for name in self.transformed:
            bins = self.bins[name]
            numbers = [bin_of(value, bins.points) for value in columns[name]]
            columns[name] = (
                [bins.woe[at] for at in numbers]
                if self.kind == "woe"
                else [float(at) for at in numbers]
            )
        return self.data.with_columns(list(columns.values()), self.data.header)

    def summary(self) -> dict[str, Any]:
        """What the party says of its own columns."""
        return {
            "iv": [[name, self.bins[name].iv] for name in self.data.header if name in self.bins],
            "woe": {name: bins.woe for name, bins in self.bins.items()},
            "monotonic": {name: bins.monotonic for name, bins in self.bins.items()},
            "split_points": {name: bins.points for name, bins in self.bins.items()},
        }

    def result_message(self, *, hidden: bool = False) -> dict[str, Any]:
        """Return the bins as part of a model buffer, `hidden` behind anonymous names for another party."""
        shown = {
            (self.anonymous(name) if hidden else name): bins for name, bins in self.bins.items()
        }
        # What an optimal binning tells the guest is which of the host's fine bins end a bin.
        reveal = hidden and self.asked["method"] == "optimal"
        rendered = {}
        for name, bins in shown.items():
            points = bins.points if not hidden or reveal else []
            rendered[name] = Bins(
                points, bins.counts, bins.event_rates, bins.other_rates, bins.woe, bins.ivs
            ).to_message()
        return message(
            "FeatureBinningResult",
            binningResult=rendered,
            role=self.party[0],
            partyId=self.party[1],
        )


def _model(binning: PartyBinning, hosts: list[dict[str, Any]], *, host: bool) -> Model:
    asked, header = binning.asked, binning.data.header
    bin_num = asked["bin_num"]
    if host and asked["method"] == "optimal":
        bin_num = asked["optimal_binning_param"]["init_bin_nums"]
    meta = message(
        "FeatureBinningMeta",
        needRun=True,
        method=asked["method"],
        compressThres=asked["compress_thres"],
        headSize=asked["head_size"],
        error=asked["error"],
        binNum=bin_num,
        cols=binning.names,
        adjustmentFactor=asked["adjustment_factor"],
        localOnly=asked["local_only"],
        skipStatic=asked["skip_static"],
        transformParam=message(
            "TransformMeta",
            transformCols=[header.index(name) for name in binning.transformed],
            transformType=binning.kind,
        ),
    )
    param = message(
        "FeatureBinningParam",
        binningResult=binning.result_message(),
        hostResults=hosts,
        header=header,
        headerAnonymous=[binning.anonymous(name) for name in header] if host else [],
        modelName="binning_model",
    )
    ivs = {name: bins.iv for name, bins in binning.bins.items()}
    state = {
        "asked": dict(asked),
        "bins": {name: {"points": b.points, "woe": b.woe} for name, b in binning.bins.items()},
        "iv": ivs,
    }
    return saved_model("HeteroFeatureBinning", meta, param, state)


def _host_view(host: PartyBinning, labels: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the guest sees of a host: the model buffer's part and the summary's part."""
    seen = PartyBinning(host.party, host.data, host.asked)
    seen.fit(labels)
    optimal = host.asked["method"] == "optimal"
    if optimal:
        # The host goes on with the bounds the guest found best; the guest itself knows their numbers only.
        host.bins = {name: Bins(bins.points) for name, bins in seen.bins.items()}
        for name, cuts in seen.fine.items():
            seen.bins[name].points = [float(cut) for cut in cuts]
    parts = {
        "iv": [[seen.anonymous(name), bins.iv] for name, bins in seen.bins.items()],
        "woe": {seen.anonymous(name): bins.woe for name, bins in seen.bins.items()},
        "monotonic": {seen.anonymous(name): bins.monotonic for name, bins in seen.bins.items()},
        "split_points": {
            seen.anonymous(name): (seen.fine.get(name, bins.points) if optimal else None)
            for name, bins in seen.bins.items()
        },
    }
    return seen.result_message(hidden=True), parts


def _merged(summary: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    for other in others:
        ivs = summary["iv"] + other["iv"]
        summary = {key: {**summary[key], **other[key]} for key in summary if key != "iv"} | {
            "iv": sorted(ivs, key=lambda pair: -pair[1])
        }
    return summary


def _transformed(run: ComponentRun, party: Party, model: Model, data: Instances) -> PartyResult:
    binning = PartyBinning(party, data.aligned(model.param["header"]), model.state["asked"])
    binning.bins = {
        name: Bins(list(kept["points"]), woe=list(kept["woe"]))
        for name, kept in model.state["bins"].items()
    }
    return PartyResult([binning.transform().table()], model=model)


def bin_features(run: ComponentRun) -> dict[Party, PartyResult]:
    """Bin the columns of guest and hosts, or apply a fitted binning."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *_DATA)
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    if any(run.models.get(party) for party in tables):
        return {
            party: _transformed(run, party, model, data)
            for party, data in tables.items()
            if (model := run.models.get(party))
        }
    binnings = {
        party: PartyBinning(party, data, parameter(run, party)) for party, data in tables.items()
    }
    guest = next((party for party in tables if party[0] == "guest"), None)
    labels = tables[guest].labels if guest else None
    results: dict[Party, PartyResult] = {}
    views = []
    for party, binning in binnings.items():
        if party == guest:
            continue
        if binning.kind == "woe":
            raise ComponentFailed("Host party do not support woe transform now.", party)
        binning.fit(None)
        if labels and not (binning.asked["local_only"] or binning.asked["skip_static"]):
            views.append(_host_view(binning, _events(labels, guest or party)))
        results[party] = PartyResult(
            [binning.transform().table()],
            summary=binning.summary(),
            model=_model(binning, [], host=True),
        )
    if guest:
        binning = binnings[guest]
        skip = binning.asked["skip_static"]
        binning.fit(None if skip or labels is None else _events(labels, guest))
        summary = _merged(binning.summary(), [part for _, part in views])
        if not binning.asked["local_only"]:
            summary["test"] = "test"
        results[guest] = PartyResult(
            [binning.transform().table()],
            summary=None if skip else summary,
            model=_model(binning, [shown for shown, _ in views], host=False),
        )
    return results


def _events(labels: list[Any], party: Party) -> list[int]:
    if len(Counter(labels)) > _BINARY:
        raise ComponentFailed("Iv calculation support binary-data only in this version.", party)
    return [1 if label == 1 else 0 for label in labels]
