"""HomoLR as the later lines run it: epochs on every side, averaged; an arbiter that learns nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.federation import (
    Tables,
    fitted_model,
    validation_tables,
)
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.predict_output import Predictions, merged_predictions
from flowkit_mockserver.components.core.run import parameter, parties
from flowkit_mockserver.components.linear_model.export import averaged_model, single_weights
from flowkit_mockserver.components.linear_model.homo_average import (
    Average,
    average_together,
    chances_of,
)
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.party import Party

__all__ = ["predict_averaged", "train_averaged"]

_BINARY = 2


def _check(tables: Tables, guest: Party) -> None:
    """Refuse what is not computed here.

    Raises:
        ComponentFailed: there are several classes, or weights of samples.
    """
    found = {label for data in tables.values() if data.labels is not None for label in data.labels}
    if len(found) > _BINARY:
        raise ComponentFailed(
            "this mock server averages no regression over more than two classes", guest
        )
    if any(data.weights is not None for data in tables.values()):
        raise ComponentFailed("this mock server averages no regression with sample weights", guest)


def _loss(curve: Sequence[float], unit: str) -> Metric:
    meta = {"name": "train", "metric_type": "LOSS", "unit_name": unit, "curve_name": "loss"}
    return Metric([[epoch, loss] for epoch, loss in enumerate(curve)], meta)


def _summary(
    average: Average, party: Party, header: Sequence[str], watch: Validation
) -> dict[str, Any]:
    # The server hands the three in the wrong order to what writes them down.
    return {
        "coef": dict(zip(header, average.weights.astype(np.float64).tolist(), strict=True)),
        "intercept": average.intercept,
        "is_converged": average.best_epoch(party),
        "best_iteration": average.losses[party],
        "local_loss_history": average.converged,
        "validation_metrics": watch.summary,
    }


def train_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Train the common model; every party evaluates it on its own samples."""
    guest = next(iter(tables))
    asked = parameter(run, guest)
    _check(tables, guest)
    held = validation_tables(run, tables)
    threshold = asked["predict_param"]["threshold"]
    watches = {party: Validation(asked, "binary", behaviour=run.behaviour) for party in tables}

    def said(average: Average, part: Tables, party: Party) -> Predictions:
        return chances_of(average.weights, average.intercept, part[party], threshold)

    def look(epoch: int, average: Average) -> None:
        for party, watch in watches.items():
            if watch.due(epoch):
                sets = [
                    (name, part[party].ids, said(average, part, party))
                    for name, part in (("train", tables), ("validate", held))
                    if party in part
                ]
                watch.look(epoch, sets)

    average = average_together(tables, asked, run.seed, look)
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        parts = [(data, said(average, tables, party), "train")]
        if party in held:
            parts.append((held[party], said(average, held, party), "validate"))
        watch = watches[party]
        model = averaged_model(parameter(run, party), average, party, data.header)
        result = PartyResult(
            [merged_predictions(parts)],
            watch.metrics,
            _summary(average, party, data.header, watch),
            model,
        )
        result.add_metric("train", "loss", _loss(average.losses[party], "epochs"))
        if watch.active:
            result.warnings.append(
                "metrics of single epochs are named as those of iterations in FATE 1.6"
            )
        results[party] = result
    for party in parties(run, "arbiter"):
        results[party] = PartyResult()
        results[party].add_metric("train", "loss", _loss([], "aggregate_round"))
    return results


def predict_averaged(run: ComponentRun, tables: Tables) -> dict[Party, PartyResult]:
    """Predict with the model of each party."""
    results: dict[Party, PartyResult] = {}
    for party, data in tables.items():
        model: Model = fitted_model(run, party)
        weights, intercept = single_weights(model)
        threshold = parameter(run, party)["predict_param"]["threshold"]
        said = chances_of(weights, intercept, data, threshold)
        results[party] = PartyResult(
            tables=[merged_predictions([(data, said, "predict")])], model=model
        )
    return results
