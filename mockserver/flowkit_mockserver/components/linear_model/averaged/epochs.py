"""HomoLR as the later lines run it: epochs on every side, averaged; an arbiter that learns nothing.

Of several classes one after the other is told from the rest. The guest alone puts together what the models of the
classes say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import (
    Tables,
    first_iteration,
    fitted_model,
    models_to_go_on_from,
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
from flowkit_mockserver.components.linear_model.averaged.average import (
    Average,
    Start,
    average_together,
    chances_of,
    scores_of,
)
from flowkit_mockserver.components.linear_model.averaged.export import (
    arbiter_checkpoints,
    averaged_checkpoints,
    averaged_model,
)
from flowkit_mockserver.components.linear_model.export import loaded
from flowkit_mockserver.components.linear_model.loading import (
    averaged_weights,
    single_weights,
)
from flowkit_mockserver.components.model_selection.cross_validate import Fold, cross_validated
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.components.util.validation_strategy import Validation, refuse_early_stopping
from flowkit_mockserver.party import Party

__all__ = ["cross_validate_averaged", "predict_averaged", "train_averaged"]

_BINARY = 2


@dataclass
class _Regression:
    """Trained models: one, or one for each of some classes.

    Attributes:
        classes: the labels; empty for a single model.
        averages: the models.
        watches: what each party saw while they were trained.
    """

    classes: list[Any]
    averages: list[Average]
    watches: dict[Party, Validation]


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


def _of(regression: _Regression, party: Party, data: Instances, batch_size: int) -> Predictions:
    weights = [average.of(party) for average in regression.averages]
    return _said(weights, regression.classes, data, batch_size)


def _masked(tables: Tables, label: Any) -> Tables:
    return {
        party: data
        if data.labels is None
        else replace(data, labels=(data.labels == label).astype(np.int64))
        for party, data in tables.items()
    }


#: The trainer evaluates by what is usual, whatever the component asks for.
_USUAL: Mapping[str, Any] = {"metrics": None, "use_first_metric_only": False}


def _watched(run: ComponentRun) -> Validation:
    asked = parameter(run, next(iter(run.parties)))
    callbacks = {**(asked.get("callback_param") or {}), **_USUAL}
    own = {**asked, **_USUAL, "callback_param": callbacks}
    return Validation(own, "binary", behaviour=run.behaviour)


def _fit(
    run: ComponentRun, tables: Tables, held: Tables, start: Start | None = None
) -> _Regression:
    """Train; every party looks at its own model on its own samples, but at no model of one of several classes."""
    asked = parameter(run, next(iter(tables)))
    found = {
        label
        for data in tables.values()
        if data.labels is not None
        for label in data.labels.tolist()
    }
    classes = sorted(found) if len(found) > _BINARY else []
    refuse_early_stopping(asked, run.behaviour)
    fitted = _Regression(classes, [], {party: _watched(run) for party in tables})

    def look(epoch: int, average: Average) -> None:
        for party, watch in fitted.watches.items():
            if classes or not watch.due(epoch):
                continue
            for name, part in (("train", tables), ("validate", held)):
                if party in part:
                    data = part[party]
                    said = chances_of(*average.of(party), data, asked["batch_size"])
                    watch.look(epoch, [(name, data.ids, said)])

    for label in classes or [None]:
        own = tables if label is None else _masked(tables, label)
        fitted.averages.append(average_together(own, asked, run.seed, look, start))
    return fitted


def _unit(party: Party) -> str:
    return "aggregate_round" if party[0] == "arbiter" else "epochs"


def _start(run: ComponentRun, tables: Tables) -> Start | None:
    """Return what an averaged regression goes on from; None if it starts anew."""
    models = models_to_go_on_from(run)
    if not models:
        return None
    if any(model.param.get("needOneVsRest") for model in models.values()):
        # Models of single classes are loaded where they are looked for to predict, not to train.
        raise ValueError("AttributeError: 'NoneType' object has no attribute 'coef_'")
    own, epochs = {}, 0
    for party in tables:
        weights, intercept = single_weights(models[party])
        last = [intercept] if models[party].meta["fitIntercept"] else []
        own[party] = np.append(weights, last).astype(np.float32)
        epochs = models[party].param["iters"] + 1
    return Start(own, epochs)


def _loss(curve: Sequence[float], unit: str, name: str = "loss") -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": unit, "curve_name": name}
    return Metric([[epoch, loss] for epoch, loss in enumerate(curve)], meta)


def _summary(fitted: _Regression, party: Party, header: Sequence[str]) -> dict[str, Any]:
    summaries: list[dict[str, Any]] = [
        {
            "coef": dict(zip(header, average.of(party)[0].astype(float).tolist(), strict=True)),
            "intercept": average.of(party)[1],
            # The server hands these three in the wrong order to what writes them down.
            "is_converged": average.best_epoch(party),
            "best_iteration": average.losses[party],
            "local_loss_history": average.converged,
            "validation_metrics": fitted.watches[party].summary,
        }
        for average in fitted.averages
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
        (part[party], _of(fitted, party, part[party], batch_size), name)
        for name, part in (("train", tables), ("validate", held))
        if party in part
    ]
    return [merged_predictions(parts)]


def train_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train the common model; every party evaluates it on its own samples."""
    held = validation_tables(run, tables)
    start = _start(run, tables)
    fitted = _fit(run, tables, held, start)
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
            (average,) = fitted.averages
            result.metrics = fitted.watches[party].metrics
            result.add_metric("train", "loss", _loss(average.losses[party], _unit(party)))
            if start is not None:
                result.add_metric("train", "init_iter", first_iteration(start.epochs))
        for average in fitted.averages:
            result.checkpoints |= averaged_checkpoints(asked, average, party, data.header)
        results[party] = result
    for party in parties(run, "arbiter"):
        own = parameter(run, party)
        results[party] = PartyResult(checkpoints=arbiter_checkpoints(own, fitted.averages))
        if fitted.classes:
            numbers = range(len(fitted.classes))
            results[party].summary = {str(number): {"one_vs_rest": True} for number in numbers}
        else:
            results[party].add_metric("train", "loss", _loss([], _unit(party)))
    return results


def cross_validate_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train on every fold of each party's samples."""
    asked = parameter(run, next(iter(tables)))
    cv = asked["cv_param"]
    points: dict[Party, list[list[Any]]] = {party: [] for party in tables}

    def train(number: int, sets: Mapping[str, Mapping[Party, Instances]]) -> Fold:
        parts = {name: dict(members) for name, members in sets.items()}
        fitted = _fit(run, parts["train"], parts["validate"])
        predictions = {
            party: {
                name: (part[party], _of(fitted, party, part[party], asked["batch_size"]))
                for name, part in parts.items()
            }
            for party in tables
            if party[0] == "guest" or not fitted.classes
        }
        if not fitted.classes:
            (average,) = fitted.averages
            for party, curve in average.losses.items():
                points[party].extend([epoch, loss] for epoch, loss in enumerate(curve))
        return Fold(
            predictions=predictions,
            eval_type="multi" if fitted.classes else "binary",
            summaries={
                party: _summary(fitted, party, data.header) for party, data in tables.items()
            },
            # The meta of a curve goes by the fold, its points by the name of the trainer.
            losses={
                party: _loss([], _unit(party), str(number))
                for party in run.parties
                if not fitted.classes
            },
            validations={
                party: [watch] for party, watch in fitted.watches.items() if not fitted.classes
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
        if points[party]:
            curve = sorted(points[party], key=itemgetter(0))
            results[party].add_metric("train", "loss", Metric(curve, {}))
    return results


def predict_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Predict with the model of each party."""
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        model = fitted_model(run, party)
        weights, classes = averaged_weights(model)
        result = results[party] = PartyResult(model=loaded(model))
        if not classes or party[0] == "guest":
            said = _said(weights, classes, data, parameter(run, party)["batch_size"])
            result.tables = [merged_predictions([(data, said, "predict")])]
    return results
