"""HomoFeatureBinning: common bins over samples that lie with several parties."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.feature.binning.bins import Bins
from flowkit_mockserver.components.feature.binning.hetero_feature_binning import PartyBinning
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.quantile import rank_values
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["bin_together", "recursive_points", "summary_points"]

_ZERO = 1e-8
_STANDSTILL = 1e-9
_ROUNDS = 100


def _rank(parts: Sequence[Sequence[float]], value: float) -> int:
    return sum(bisect_left(part, value) for part in parts)


def _spaced(low: float, high: float, count: int) -> list[float]:
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def recursive_points(parts: Sequence[Sequence[float]], bins: int, error: float) -> list[float]:
    """Return common bounds by halving intervals until their ranks fit, as parties do that only tell each other ranks.

    Args:
        parts: the ordered values of each party.
        bins: how many bins are wanted.
        error: allowed error of a rank, as share of all.

    Returns:
        the bounds in order; none when nobody has a value.
    """
    total = sum(map(len, parts))
    if not total:
        return []
    allowed = math.ceil(error * total)
    low, high = min(part[0] for part in parts if part), max(part[-1] for part in parts if part)
    found = []
    for number, start in enumerate(_spaced(low, high, bins + 1)[1:], 1):
        aim = math.floor(number / bins * total)
        value, bottom, top = start, low, high
        for _ in range(_ROUNDS):
            rank = _rank(parts, value)
            if abs(rank - aim) <= allowed:
                break
            if rank > aim:
                bound, top = bottom, value
            else:
                bound, bottom = top, value
            middle = (value + bound) / 2
            if abs(middle - value) <= _STANDSTILL:
                break
            value = middle
        found.append(value)
    kept: list[float] = []
    last = math.nan
    for value in sorted(set(found)):
        shown = 0.0 if abs(value) < _ZERO else value
        if not kept or abs(shown - last) > _ZERO:
            kept.append(shown)
        last = shown
    return kept


def summary_points(parts: Sequence[Sequence[float]], bins: int, samples: int) -> list[float]:
    """Return common bounds by interpolating between the ranks of evenly spaced values."""
    total = sum(map(len, parts))
    low, high = min(part[0] for part in parts if part), max(part[-1] for part in parts if part)
    values = _spaced(low, high, samples)
    ranks = [_rank(parts, value) for value in values]
    found = []
    for number in range(1, bins + 1):
        wanted = int(number / bins * total)
        at = bisect_left(ranks, wanted)
        if at >= len(ranks) - 1:
            found.append(values[-1])
        elif ranks[at + 1] == ranks[at]:
            found.append(values[at])
        else:
            share = (wanted - ranks[at]) / (ranks[at + 1] - ranks[at])
            found.append(values[at] + (values[at + 1] - values[at]) * share)
    return sorted(set(found))


def _model(binning: PartyBinning) -> Model:
    asked = binning.asked
    meta = message(
        "FeatureBinningMeta",
        needRun=True,
        method=asked["method"],
        compressThres=asked["compress_thres"],
        headSize=asked["head_size"],
        error=asked["error"],
        binNum=asked["bin_num"],
        cols=binning.names,
        adjustmentFactor=asked["adjustment_factor"],
        localOnly=asked["local_only"],
        skipStatic=asked["skip_static"],
        transformParam=message(
            "TransformMeta",
            transformCols=[binning.data.header.index(name) for name in binning.transformed],
            transformType=binning.kind,
        ),
    )
    param = message(
        "FeatureBinningParam",
        binningResult=binning.result_message(),
        header=binning.data.header,
        modelName="binning_model",
    )
    state = {
        "asked": dict(asked),
        "bins": {name: {"points": b.points, "woe": b.woe} for name, b in binning.bins.items()},
        "iv": {},
    }
    return saved_model("HomoFeatureBinning", meta, param, state)


def _common(
    tables: Mapping[Party, Instances], asked: Mapping[str, Any], names: Sequence[str]
) -> dict[str, list[float]]:
    columns = {
        party: dict(zip(data.header, data.columns(), strict=True)) for party, data in tables.items()
    }
    found = {}
    for name in names:
        parts = [rank_values(own[name]) for own in columns.values()]
        if asked["method"] == "recursive_query":
            found[name] = recursive_points(parts, asked["bin_num"], asked["error"])
        else:
            found[name] = summary_points(parts, asked["bin_num"], asked["sample_bins"])
    return found


def bin_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Bin the columns of all parties by common bounds, or by those of a model."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    results: dict[Party, PartyResult] = {}
    points: dict[str, list[float]] = {}
    for party, data in tables.items():
        model = run.models.get(party)
        if model:
            binning = PartyBinning(party, data.aligned(model.param["header"]), model.state["asked"])
            kept = {name: Bins(found["points"]) for name, found in model.state["bins"].items()}
            binning.bins = kept
            results[party] = PartyResult([binning.transform().table()], model=model)
            continue
        asked = {"optimal_binning_param": {}, **parameter(run, party)}
        binning = PartyBinning(party, data, asked)
        points = points or _common(tables, asked, binning.names)
        binning.bins = {name: Bins(points[name]) for name in sorted(binning.names)}
        results[party] = PartyResult(
            [binning.transform().table()],
            summary={"split_points": points},
            model=_model(binning),
        )
    return results
