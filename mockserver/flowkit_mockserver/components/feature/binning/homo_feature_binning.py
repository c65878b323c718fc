"""HomoFeatureBinning: common bins over samples that lie with several parties."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.partition import rows_by_partition
from flowkit_mockserver.components.feature.binning.bins import Bins
from flowkit_mockserver.components.feature.binning.hetero_feature_binning import PartyBinning
from flowkit_mockserver.components.feature.binning.quantile_summaries import QuantileSummary
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


def recursive_points(
    summaries: Sequence[QuantileSummary],
    rows: int,
    lowest: float,
    highest: float,
    bins: int,
    error: float,
) -> list[float]:
    """Return common bounds by halving intervals until their ranks fit, as parties do that only tell each other ranks.

    The k-th of `bins` bounds aims at rank floor(k / bins · n) and starts at the k-th of evenly spaced values. When its
    rank is too high it moves half way to the lower end of its interval, whose upper end stays; when too low, half way
    to the upper end, and the lower end follows.

    Args:
        summaries: of the column at each party.
        rows: how many rows all parties have.
        lowest: the smallest value anywhere.
        highest: the greatest value anywhere.
        bins: how many bins are wanted.
        error: allowed error of a rank, as share of all.

    Returns:
        the bounds in order; 0 alone when nobody has a value.
    """
    known = rows - sum(summary.missing for summary in summaries)
    if not known:
        return [0.0]
    allowed = math.ceil(error * rows)
    aims = np.floor(np.linspace(0, 1, bins + 1) * known)[1:]
    values = np.linspace(lowest, highest, bins + 1)[1:]
    lows, fixed = np.full(bins, lowest), np.zeros(bins, dtype=bool)
    for _ in range(_ROUNDS):
        order = np.argsort(values, kind="stable")
        ranks = np.empty(bins)
        ranks[order] = sum(summary.ranks(values[order]) for summary in summaries)
        down, up = ranks - aims > allowed, aims - ranks > allowed
        moved = np.where(down, (values + lows) / 2, (values + highest) / 2)
        stays = fixed | ~(down | up) | (np.abs(moved - values) <= _STANDSTILL)
        lows = np.where(up & ~stays, values, lows)
        values = np.where(stays, values, moved)
        fixed = stays
        if fixed.all():
            break
    found = sorted(set(values.tolist()))
    kept = [found[0] if abs(found[0]) > _ZERO else 0.0]
    last = found[0]
    for value in found[1:]:
        shown = 0.0 if abs(value) < _ZERO else value
        if abs(shown - last) > _ZERO:
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
    bins, error = asked["bin_num"], asked["error"]
    if asked["method"] != "recursive_query":
        return {
            name: summary_points(
                [rank_values(own[name]) for own in columns.values()], bins, asked["sample_bins"]
            )
            for name in names
        }
    layouts = {
        party: rows_by_partition(data.keys, data.partitions) for party, data in tables.items()
    }
    rows = sum(map(len, tables.values()))
    found = {}
    for name in names:
        arrays = {party: np.array(own[name], dtype=np.float64) for party, own in columns.items()}
        summaries = [
            QuantileSummary.of([array], layouts[party], error)[0] for party, array in arrays.items()
        ]
        lowest = min(float(np.nanmin(array)) for array in arrays.values())
        highest = max(float(np.nanmax(array)) for array in arrays.values())
        found[name] = recursive_points(summaries, rows, lowest, highest, bins, error)
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
