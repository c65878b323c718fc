"""HomoFeatureBinning: common bins over samples that lie with several parties."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.anonymous import anonymous_names
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    order_of,
)
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.feature.binning.bins import Bins
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.feature.binning.export import (
    binning_meta,
    binning_model,
    reloaded_model,
    result_message,
    tell_by_class,
    transformed_table,
)
from flowkit_mockserver.components.statistic.moments import Moments, numeric
from flowkit_mockserver.components.statistic.quantile import column_summaries
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.party import Party

__all__ = ["bin_together", "recursive_points", "summary_points"]

_ZERO = 1e-8
_STANDSTILL = 1e-9
#: Below which a move counts for nothing on later lines; the bound is raised by as much instead.
_NUDGE = 0.9e-8
_ROUNDS = 100
Choices = dict[Party, ColumnChoice]


def recursive_points(
    summaries: Sequence[QuantileSummary],
    rows: int,
    lowest: float,
    highest: float,
    bins: int,
    error: float,
    rounds: int = _ROUNDS,
    *,
    behaviour: Behaviour = FIRST_BEHAVIOUR,
) -> list[float]:
    """Return common bounds by halving intervals until their ranks fit, as parties do that only tell each other ranks.

    The k-th of `bins` bounds aims at rank floor(k / bins · n) and starts at the k-th of evenly spaced values. When its
    rank is too high it moves half way to the lower end of its interval, whose upper end stays (on later lines it
    follows); when too low, half way to the upper end, and the lower end follows.

    Args:
        summaries: of the column at each party.
        rows: how many rows all parties have.
        lowest: the smallest value anywhere.
        highest: the greatest value anywhere.
        bins: how many bins are wanted.
        error: allowed error of a rank, as share of all.
        rounds: how often a bound may move.
        behaviour: of the line.

    Returns:
        the bounds in order; 0 alone when nobody has a value.
    """
    known = rows - sum(summary.missing for summary in summaries)
    if not known:
        return [0.0]
    allowed = math.ceil(error * rows)
    aims = np.floor(np.linspace(0, 1, bins + 1) * known)[1:]
    values = np.linspace(lowest, highest, bins + 1)[1:]
    lows, highs, fixed = np.full(bins, lowest), np.full(bins, highest), np.zeros(bins, dtype=bool)
    narrows = behaviour.narrows_intervals
    nudge, standstill = (_NUDGE, _NUDGE) if narrows else (0.0, _STANDSTILL)
    for _ in range(rounds):
        order = np.argsort(values, kind="stable")
        ranks = np.empty(bins)
        ranks[order] = sum(
            summary.ranks(values[order], with_equals=narrows) for summary in summaries
        )
        down, up = ranks - aims > allowed, aims - ranks > allowed
        moved = np.where(down, (values + lows) / 2, (values + highs) / 2)
        stuck = ~fixed & (down | up) & (np.abs(moved - values) <= standstill)
        stays = fixed | ~(down | up) | stuck
        lows = np.where(up & ~stays, values, lows)
        if narrows:
            highs = np.where(down & ~stays, values, highs)
        values = np.where(stays, values + nudge * stuck, moved)
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


def summary_points(
    summaries: Sequence[QuantileSummary],
    rows: int,
    lowest: float,
    highest: float,
    bins: int,
    samples: int,
    *,
    behaviour: Behaviour = FIRST_BEHAVIOUR,
) -> list[float]:
    """Return common bounds by interpolating between the ranks of evenly spaced values.

    Args:
        summaries: of the column at each party.
        rows: how many rows all parties have.
        lowest: the smallest value anywhere.
        highest: the greatest value anywhere.
        bins: how many bins are wanted.
        samples: how many values are ranked.
        behaviour: of the line.
    """
    known = rows - sum(summary.missing for summary in summaries)
    grid = np.linspace(lowest, highest, samples)
    with_equals = behaviour.narrows_intervals
    ranks: list[int] = np.sum(
        [summary.ranks(grid, with_equals=with_equals) for summary in summaries], axis=0
    ).tolist()
    values: list[float] = grid.tolist()
    found = []
    for share in [*(k * (1.0 / bins) for k in range(1, bins)), 1.0]:
        wanted = int(share * known)
        at = bisect_left(ranks, wanted)
        if at >= len(ranks) - 1:
            found.append(values[-1])
        elif abs(values[at + 1] - values[at]) < _ZERO or ranks[at + 1] == ranks[at]:
            found.append(values[at])
        else:
            part = (wanted - ranks[at]) / (ranks[at + 1] - ranks[at])
            found.append(values[at] + (values[at + 1] - values[at]) * part)
    return sorted(set(found))


def _columns(data: Instances, names: Sequence[str]) -> NDArray[np.float64]:
    """Return columns by name, shape (n, d).

    Raises:
        ValueError: a value is missing, which the server cannot compare to others here.
    """
    values = numeric(data)[:, [data.header.index(name) for name in names]]
    if np.isnan(values).any():
        raise ValueError("'<' not supported between instances of 'NoneType' and 'float'")
    return values


def _common_points(
    tables: Mapping[Party, Instances],
    asked: Mapping[Party, Mapping[str, Any]],
    choices: Choices,
    behaviour: Behaviour,
) -> dict[str, list[float]]:
    summaries, lowest, highest = [], [], []
    for party, data in tables.items():
        with guarded(party):
            values = _columns(data, choices[party].binned)
        own = asked[party]
        summaries.append(
            column_summaries(
                data,
                values,
                own["error"],
                sparse=True,
                batch=own["head_size"],
                compress_from=own["compress_thres"],
            )
        )
        moments = Moments(values)
        lowest.append(moments.lowest)
        highest.append(moments.highest)
    rows = sum(map(len, tables.values()))
    first = next(iter(tables))
    own = asked[first]
    points = {}
    for place, name in enumerate(choices[first].binned):
        column = [found[place] for found in summaries]
        low = float(min(ends[place] for ends in lowest))
        high = float(max(ends[place] for ends in highest))
        if own["method"] == "recursive_query":
            bounds = (own["bin_num"], own["error"], own["max_iter"])
            points[name] = recursive_points(column, rows, low, high, *bounds, behaviour=behaviour)
        else:
            points[name] = summary_points(
                column,
                rows,
                low,
                high,
                own["bin_num"],
                own["sample_bins"],
                behaviour=behaviour,
            )
    return {name: points[name] for name in sorted(points, key=order_of)}


def _fitted(run: ComponentRun, tables: Mapping[Party, Instances]) -> dict[Party, PartyResult]:
    asked = {party: {"optimal_binning_param": {}, **parameter(run, party)} for party in run.parties}
    choices: Choices = {}
    for party, data in tables.items():
        with guarded(party):
            check_table(data)
            choices[party] = ColumnChoice.of(data.header, asked[party])
    if len({tuple(choice.binned) for choice in choices.values()}) > 1:
        raise ComponentFailed("the parties do not bin the same columns", next(iter(tables)))
    points = _common_points(tables, asked, choices, run.behaviour)
    misses = False if run.behaviour.tells_unbinned else None
    bins = {name: Bins(found, missing=misses) for name, found in points.items()}
    results = {}
    for party, data in tables.items():
        # In the first lines the bounds are found only: a later component that is given the model transforms the
        # table. The others take the numbers of the bins, whatever `transform_type` says.
        kind = "bin_num" if run.behaviour.numbers_bins else None
        with guarded(party):
            table = transformed_table(data, bins, choices[party].transformed, kind)
        results[party] = PartyResult(
            [table.table()],
            summary={"split_points": points},
            model=binning_model(
                run.module,
                binning_meta(asked[party], choices[party], host=False),
                result_message(bins),
                data.header,
            ),
        )
    nothing = ColumnChoice([], [], [], [])
    for party in parties(run, "arbiter"):
        meta = binning_meta(asked[party], nothing, host=False)
        results[party] = PartyResult(model=binning_model(run.module, meta, result_message({})))
    if run.behaviour.structured_binning:
        host_ids = [party_id for role, party_id in tables if role == "host"]
        for party, result in results.items():
            own = tables.get(party)
            shown = [] if own is None else list(anonymous_names(own, party).values())
            tell_by_class(result, shown, host_ids, labels=[])
    return results


def bin_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Bin the columns of all parties by common bounds, or by those of a model."""
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    if not any(run.models.get(party) for party in tables):
        return _fitted(run, tables)
    results = {party: PartyResult(model=run.models.get(party)) for party in parties(run, "arbiter")}
    for party, data in tables.items():
        model = run.models.get(party)
        if model is None:
            continue
        with guarded(party):
            model, table = reloaded_model(
                model, data, parameter(run, party), party[0], behaviour=run.behaviour
            )
        results[party] = PartyResult([table.table()], model=model)
    return results
