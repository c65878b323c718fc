"""HomoLR as the later lines run it: epochs on every side, averaged; an arbiter that learns nothing.

Of several classes one after the other is told from the rest. The guest alone puts together what the models of the
classes say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import (
    Tables,
    fitted_model,
    loss_metric,
    validation_tables,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentRun,
    Metric,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    merged_predictions,
    multi_predictions,
)
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.linear_model.export import averaged_model
from flowkit_mockserver.components.linear_model.homo_average import (
    Average,
    average_together,
    chances_of,
    scores_of,
)
from flowkit_mockserver.components.linear_model.loading import averaged_weights
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.util.validation_strategy import Validation, refuse_early_stopping
from flowkit_mockserver.party import Party

__all__ = ["cross_validate_averaged", "predict_averaged", "train_averaged"]

_BINARY = 2
_CURVES_OF_FOLDS = "curves of single folds are named as in FATE 1.6"


@dataclass
class _Regression:
    """Trained models: one, or one for each of some classes.

    Attributes:
        classes: the labels; empty for a single model.
        averages: the models.
        watches: what each party saw while they were trained, by model.
    """

    classes: list[Any]
    averages: list[Average]
    watches: list[dict[Party, Validation]]


def _said(
    weights: Sequence[tuple[NDArray[Any], float]],
    classes: Sequence[Any],
    data: Instances,
    batch_size: int,
) -> Predictions:
    """Return what one model says of samples, or one for each of `classes`."""
    if not classes:
        ((own, intercept),) = weights
        return chances_of(own, intercept, data, batch_size)
    scores = [scores_of(own, intercept, data, batch_size) for own, intercept in weights]
    return multi_predictions(data.labels, np.column_stack(scores), classes)


def _of(regression: _Regression, data: Instances, batch_size: int) -> Predictions:
    weights = [(average.weights, average.intercept) for average in regression.averages]
    return _said(weights, regression.classes, data, batch_size)


def _masked(tables: Tables, label: Any) -> Tables:
    return {
        party: data
        if data.labels is None
        else replace(data, labels=(data.labels == label).astype(np.int64))
        for party, data in tables.items()
    }


def _fit(run: ComponentRun, tables: Tables, held: Tables, *, prefix: str = "") -> _Regression:
    """Train; every party looks at the common model on its own samples."""
    asked = parameter(run, next(iter(tables)))
    found = {
        label
        for data in tables.values()
        if data.labels is not None
        for label in data.labels.tolist()
    }
    classes = sorted(found) if len(found) > _BINARY else []
    refuse_early_stopping(parameter(run, next(iter(tables))), run.behaviour)
    fitted = _Regression(classes, [], [])
    for label in classes or [None]:
        own = tables if label is None else _masked(tables, label)
        parts = {"train": own, "validate": held if label is None else _masked(held, label)}
        watches = {
            party: Validation(asked, "binary", prefix=prefix, behaviour=run.behaviour)
            for party in tables
        }

        def look(
            epoch: int,
            average: Average,
            watches: Mapping[Party, Validation] = watches,
            parts: Mapping[str, Tables] = parts,
        ) -> None:
            for party, watch in watches.items():
                if watch.due(epoch):
                    watch.look(
                        epoch,
                        [
                            (
                                name,
                                part[party].ids,
                                chances_of(
                                    average.weights,
                                    average.intercept,
                                    part[party],
                                    asked["batch_size"],
                                ),
                            )
                            for name, part in parts.items()
                            if party in part
                        ],
                    )

        fitted.averages.append(average_together(own, asked, run.seed, look))
        fitted.watches.append(watches)
    return fitted


def _loss(curve: Sequence[float], unit: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": unit, "curve_name": "loss"}
    return Metric([[epoch, loss] for epoch, loss in enumerate(curve)], meta)


def _summary(fitted: _Regression, party: Party, header: Sequence[str]) -> dict[str, Any]:
    summaries: list[dict[str, Any]] = [
        {
            "coef": dict(zip(header, average.weights.astype(np.float64).tolist(), strict=True)),
            "intercept": average.intercept,
            # The server hands these three in the wrong order to what writes them down.
            "is_converged": average.best_epoch(party),
            "best_iteration": average.losses[party],
            "local_loss_history": average.converged,
            "validation_metrics": watches[party].summary,
        }
        for average, watches in zip(fitted.averages, fitted.watches, strict=True)
    ]
    if not fitted.classes:
        return summaries[0]
    return {
        str(label): {**summary, "one_vs_rest": True}
        for label, summary in zip(fitted.classes, summaries, strict=True)
    }


def _table(
    fitted: _Regression, party: Party, tables: Tables, held: Tables, batch_size: int
) -> list[TableData]:
    if fitted.classes and party[0] != "guest":
        return []
    parts = [
        (part[party], _of(fitted, part[party], batch_size), name)
        for name, part in (("train", tables), ("validate", held))
        if party in part
    ]
    return [merged_predictions(parts)]


def train_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train the common model; every party evaluates it on its own samples."""
    held = validation_tables(run, tables)
    fitted = _fit(run, tables, held)
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        asked = parameter(run, party)
        result = PartyResult(
            _table(fitted, party, tables, held, asked["batch_size"]),
            summary=_summary(fitted, party, data.header),
            model=averaged_model(asked, fitted.averages, party, data.header, fitted.classes),
        )
        # Nobody is told of the rounds of single classes.
        if not fitted.classes:
            result.metrics = fitted.watches[0][party].metrics
            result.add_metric("train", "loss", _loss(fitted.averages[0].losses[party], "epochs"))
        results[party] = result
    for party in parties(run, "arbiter"):
        results[party] = PartyResult()
        if fitted.classes:
            numbers = range(len(fitted.classes))
            results[party].summary = {str(number): {"one_vs_rest": True} for number in numbers}
        else:
            results[party].add_metric("train", "loss", _loss([], "aggregate_round"))
    return results


def cross_validate_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train on every fold of each party's samples."""
    asked = parameter(run, next(iter(tables)))
    cv = asked["cv_param"]

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: dict(members) for name, members in sets.items()}
        fitted = _fit(run, parts["train"], parts["validate"], prefix=f"fold_{number}.")
        predictions = {
            party: {
                name: (part[party], _of(fitted, part[party], asked["batch_size"]))
                for name, part in parts.items()
            }
            for party in tables
            if party[0] == "guest" or not fitted.classes
        }
        curves = {} if fitted.classes else fitted.averages[0].losses
        return Fold(
            predictions=predictions,
            eval_type="multi" if fitted.classes else "binary",
            summaries={
                party: _summary(fitted, party, data.header) for party, data in tables.items()
            },
            losses={party: loss_metric(curve, str(number)) for party, curve in curves.items()},
            validations={
                party: [watch] for party, watch in fitted.watches[0].items() if not fitted.classes
            },
        )

    results = cross_validated(
        run,
        tables,
        {party: folds(data.ids, cv) for party, data in tables.items()},
        train,
        metrics=None,
        cv=cv,
    )
    for party in tables:
        results[party].model = averaged_model(parameter(run, party), [], party, [], [])
        results[party].warnings = [_CURVES_OF_FOLDS]
    return results


def predict_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Predict with the model of each party."""
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        model = fitted_model(run, party)
        weights, classes = averaged_weights(model)
        result = results[party] = PartyResult(model=model)
        if not classes or party[0] == "guest":
            said = _said(weights, classes, data, parameter(run, party)["batch_size"])
            result.tables = [merged_predictions([(data, said, "predict")])]
    return results
