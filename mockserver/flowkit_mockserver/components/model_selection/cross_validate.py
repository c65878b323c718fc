"""Cross validation: what the trainings on several parts of the data leave, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from flowkit_mockserver.columns.ids import Ids
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.predict_output import Predictions
from flowkit_mockserver.components.model_selection.k_fold import (
    Split,
    fold_instances,
    fold_numbers,
    fold_predictions,
)
from flowkit_mockserver.components.util.validation_strategy import Validation, evaluate_sets
from flowkit_mockserver.party import Party

__all__ = ["Fold", "cross_validated", "merge_metrics"]


@dataclass
class Fold:
    """What the training on one fold left.

    Attributes:
        predictions: by the party that predicts, the samples and what the model says of them by the name of the set.
        eval_type: how these are evaluated.
        summaries: by party.
        losses: by the party that saw the curve.
        validations: by the party that looked at single rounds.
    """

    predictions: Mapping[Party, Mapping[str, tuple[Instances, Predictions]]]
    eval_type: str
    summaries: Mapping[Party, dict[str, Any]]
    losses: Mapping[Party, Metric] = field(default_factory=dict)
    validations: Mapping[Party, Sequence[Validation]] = field(default_factory=dict)


def merge_metrics(result: PartyResult, metrics: Mapping[str, Mapping[str, Metric]]) -> None:
    """Add metrics to a result; one of a known name adds its points to those of the one before, in order.

    One class against the rest validates under the same names as the class before it.
    """
    for mode, found in metrics.items():
        known = result.metrics.setdefault(mode, {})
        for name, metric in found.items():
            before = known[name].data if name in known else []
            points = sorted([*before, *metric.data], key=itemgetter(0)) if before else metric.data
            known[name] = Metric(points, metric.meta)


_History = list[tuple[int, str, Ids, Predictions]]


def _kept(party: Party, data: Instances, split: Split, history: _History, values: str) -> TableData:
    """Return what a party keeps of the folds."""
    if values == "instance":
        return fold_instances(data, split)
    if not history:
        return fold_numbers(data, split)
    return fold_predictions(data, history, whole=party[0] == "guest")


def cross_validated(
    run: ComponentRun,
    tables: Mapping[Party, Instances],
    splits: Mapping[Party, Split],
    train: Callable[[int, Mapping[str, Mapping[Party, Instances]]], Fold],
    *,
    metrics: Sequence[str] | None,
    cv: Mapping[str, Any],
) -> dict[Party, PartyResult]:
    """Train on every fold and return what the parties keep of it all; the guest alone evaluates the folds.

    Args:
        run: the run.
        tables: the samples by party.
        splits: the folds of each party's samples.
        train: given the number of a fold and its tables by set (``train``, ``validate``) and party, trains on it.
        metrics: what to evaluate on each fold; None for the usual single values.
        cv: the parameters of the folds (``cv_param``): whether all of them are the output, and not the samples
            (``output_fold_history``); the predictions then, or the samples again (``history_value_type``).
    """
    results = {party: PartyResult() for party in run.parties}
    summaries: dict[Party, dict[str, Any]] = {party: {} for party in tables}
    history: dict[Party, _History] = {party: [] for party in tables}
    count = len(next(iter(splits.values())))
    for number in range(count):
        sets: dict[str, dict[Party, Instances]] = {
            name: {party: data.take(splits[party][number][place]) for party, data in tables.items()}
            for place, name in enumerate(("train", "validate"))
        }
        fold = train(number, sets)
        for party, watches in fold.validations.items():
            for watch in watches:
                merge_metrics(results[party], watch.metrics)
        for party, predicted in fold.predictions.items():
            for name, (samples, said) in predicted.items():
                history[party].append((number, name, samples.ids, said))
                if party[0] != "guest":
                    continue
                scoring = evaluate_sets(
                    f"{name}_fold_{number}", fold.eval_type, metrics, [(name, samples.ids, said)]
                )
                merge_metrics(results[party], scoring.metrics)
        for party, metric in fold.losses.items():
            results[party].add_metric("train", f"loss.{number}", metric)
        for party, summary in fold.summaries.items():
            summaries[party][f"fold_{number}"] = summary
    for party, data in tables.items():
        result = results[party]
        result.summary = {**summaries[party], "fold_num": count}
        result.tables = [
            _kept(party, data, splits[party], history[party], cv["history_value_type"])
            if cv["output_fold_history"]
            else data.table()
        ]
    return results
