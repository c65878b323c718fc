"""What the later lines find out of a fitted binning once more, when it is applied to another table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.feature.binning.bins import Bins
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.feature.binning.export import (
    binning_model,
    loaded_bins,
    result_message,
    tell_by_class,
)
from flowkit_mockserver.components.feature.binning.judging import Judged, Side, Summary
from flowkit_mockserver.components.statistic.quantile import Partitions
from flowkit_mockserver.party import Party

__all__ = ["judge_again"]

_BINARY = 2


def judge_again(
    run: ComponentRun, tables: Mapping[Party, Instances], results: Mapping[Party, PartyResult]
) -> None:
    """Add to what a fitted binning leaves behind what its bins say about the labels of the table at hand."""
    partitions, sides = Partitions(), dict[Party, Side]()
    for party, result in results.items():
        assert result.model is not None
        # The bins are there: nothing is merged or given any more.
        asked = {**parameter(run, party), "method": "quantile"}
        asked |= {"split_points_by_index": None, "split_points_by_col_name": None}
        asked["skip_static"] = asked["skip_static"] or result.model.meta["skipStatic"]
        side = Side(
            party, tables[party], asked, partitions, skip_missing=run.behaviour.skips_missing
        )
        side.bins = {name: Bins(found.points) for name, found in loaded_bins(result.model).items()}
        side.choice = ColumnChoice(side.data.header, list(side.bins), [], [])
        sides[party] = side
        result.model.param["headerAnonymous"] = list(side.known.values())
    guest = next((side for side in sides.values() if not side.host), None)
    hosts = [side for side in sides.values() if side.host]
    host_ids = [host.party[1] for host in hosts]
    labels: list[Any] = []
    judged: list[Judged] = []
    if guest is not None and guest.counted:
        model = results[guest.party].model
        labels = (
            [] if model is None else list(model.param.get("multiClassResult", {}).get("labels", ()))
        )
        if guest.data.labels is not None:
            classes = labels[:1] if len(labels) == _BINARY else labels
            judged = [
                Judged(
                    guest,
                    hosts,
                    int(label),
                    alone=len(classes) == 1,
                    behaviour=run.behaviour,
                )
                for label in classes
            ]
    for party, side in sides.items():
        own = judged if side is guest else []
        shown = [side.seen(one.bins) for one in own] or [side.seen(side.bins)]
        again = PartyResult(
            model=binning_model(
                run.module,
                {},
                result_message(shown[0], *(party if own else ())),
                hosts=own[0].hosts if own else [],
            )
        )
        tell_by_class(
            again,
            [],
            host_ids,
            labels=labels if side is guest else [],
            others=[result_message(bins, *party) for bins in shown[1:]],
            hosts=list(zip(*(one.hosts for one in own[1:]), strict=True)),
        )
        told, kept = again.model, results[party].model
        assert told is not None
        assert kept is not None
        kept.param["transformBinningResult"] = told.param["binningResult"]
        kept.param["transformHostResults"] = told.param["hostResults"]
        kept.param["transformMultiClassResult"] = told.param["multiClassResult"]
        if side.host and side.counted:
            points = {name: found.points for name, found in side.bins.items()}
            results[party].summary = {name: points.get(name, []) for name in side.data.header}
    if guest is not None and judged:
        summaries = [_with_empty_points(one.summary, guest.data.header) for one in judged]
        results[guest.party].summary = (
            {"result": summaries[0]}
            if len(summaries) == 1
            else dict(zip(labels, summaries, strict=True))
        )


def _with_empty_points(summary: Summary, header: Sequence[str]) -> Summary:
    """Return a summary in which the guest's columns without bins have no bounds, where a fit says nothing of them."""
    points = {
        name: [] if known is None and name in header else known
        for name, known in summary["split_points"].items()
    }
    return {**summary, "split_points": points}
