"""Cross validation: what the trainings on several parts of the data leave, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flowkit_mockserver.components.core.interface import ComponentRun, Metric, PartyResult
from flowkit_mockserver.components.model_selection.k_fold import (
    Samples,
    Split,
    fold_history,
    host_history,
    key_list,
)
from flowkit_mockserver.components.rows.predict_output import Row
from flowkit_mockserver.components.util.validation_strategy import Validation, evaluate_sets
from flowkit_mockserver.party import Party

__all__ = ["Fold", "cross_validated"]

AnySamples = TypeVar("AnySamples", bound=Samples)


@dataclass
class Fold:
    """What the training on one fold left.

    Attributes:
        predictions: by the party that predicts, the samples and their rows by the name of the set.
        eval_type: how these are evaluated.
        summaries: by party.
        losses: by the party that saw the curve.
        validations: by the party that looked at single rounds.
    """

    predictions: Mapping[Party, Mapping[str, tuple[Samples, list[Row]]]]
    eval_type: str
    summaries: Mapping[Party, dict[str, Any]]
    losses: Mapping[Party, Metric] = field(default_factory=dict)
    validations: Mapping[Party, Sequence[Validation]] = field(default_factory=dict)


def _merge(result: PartyResult, metrics: Mapping[str, Mapping[str, Metric]]) -> None:
    for mode, found in metrics.items():
        result.metrics.setdefault(mode, {}).update(found)


def cross_validated(
    run: ComponentRun,
    tables: Mapping[Party, AnySamples],
    splits: Mapping[Party, Split],
    train: Callable[[int, Mapping[str, Mapping[Party, AnySamples]]], Fold],
    *,
    metrics: Sequence[str] | None,
    keep_history: bool,
) -> dict[Party, PartyResult]:
    """Train on every fold and return what the parties keep of it all.

    Args:
        run: the run.
        tables: the samples by party.
        splits: the folds of each party's samples.
        train: given the number of a fold and its tables by set (``train``, ``validate``) and party, trains on it.
        metrics: what to evaluate on each fold; None for the usual single values.
        keep_history: whether the predictions of all folds are the output, and not the samples.
    """
    results = {party: PartyResult() for party in run.parties}
    summaries: dict[Party, dict[str, Any]] = {party: {} for party in tables}
    history: dict[Party, list[tuple[int, str, Samples, Sequence[Row]]]] = {}
    count = len(next(iter(splits.values())))
    for number in range(count):
        sets: dict[str, dict[Party, Any]] = {
            name: {party: data.take(splits[party][number][place]) for party, data in tables.items()}
            for place, name in enumerate(("train", "validate"))
        }
        fold = train(number, sets)
        for party, watches in fold.validations.items():
            for watch in watches:
                _merge(results[party], watch.metrics)
        for party, predicted in fold.predictions.items():
            for name, (samples, rows) in predicted.items():
                scoring = evaluate_sets(
                    f"{name}_fold_{number}",
                    fold.eval_type,
                    metrics,
                    [(name, key_list(samples), rows)],
                )
                _merge(results[party], scoring.metrics)
                history.setdefault(party, []).append((number, name, samples, rows))
        for party, metric in fold.losses.items():
            results[party].add_metric("train", f"loss.{number}", metric)
        for party, summary in fold.summaries.items():
            summaries[party][f"fold_{number}"] = summary
    for party, data in tables.items():
        result = results[party]
        result.summary = {**summaries[party], "fold_num": count}
        if not keep_history:
            result.tables = [data.table()]
        elif party in history:
            result.tables = [fold_history(data, history[party])]
        else:
            result.tables = [host_history(data, splits[party])]
    return results
