"""Regressions over the columns of several parties: training one with a look at its rounds, predicting with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.linear_model.hetero_gradient import LinearWeights, Training, fit
from flowkit_mockserver.components.optim.activation import sigmoid
from flowkit_mockserver.components.rows.federation import Federation
from flowkit_mockserver.components.rows.predict_output import (
    Row,
    binary_rows,
    multi_rows,
    regression_rows,
)
from flowkit_mockserver.components.util.validation_strategy import Validation

__all__ = ["EVAL_TYPES", "Fitted", "Regression"]

_BINARY = 2
EVAL_TYPES = {"HeteroLR": "binary", "HeteroLinR": "regression", "HeteroPoisson": "regression"}


class Regression:
    """One trained regression, ready to predict.

    Args:
        module: which regression.
        weights: one set, or one for each of `classes`.
        classes: the labels of a one-vs-rest model, else empty.
        threshold: above which a sample counts as positive.
    """

    def __init__(
        self, module: str, weights: list[LinearWeights], classes: list[Any], threshold: float
    ) -> None:
        self.module, self.weights, self.classes, self.threshold = (
            module,
            weights,
            classes,
            threshold,
        )

    def rows(self, data: Federation) -> list[Row]:
        """Return the prediction of every sample."""
        if self.classes:
            scores = [[sigmoid(v) for v in w.linear(data.features)] for w in self.weights]
            by_sample = [list(row) for row in zip(*scores, strict=True)]
            return multi_rows(data.labels, by_sample, self.classes)
        values = self.weights[0].linear(data.features)
        if self.module == "HeteroLR":
            return binary_rows(data.labels, [sigmoid(v) for v in values], self.threshold)
        if self.module == "HeteroPoisson":
            values = [
                math.exp(min(value, 70.0)) * exposure
                for value, exposure in zip(values, data.extra, strict=True)
            ]
        return regression_rows(data.labels, values)


class Fitted:
    """What training left: the regression, how it went (per class), and what validation saw."""

    def __init__(
        self,
        module: str,
        data: Federation,
        held: Federation | None,
        asked: Mapping[str, Any],
        *,
        seed: int,
        prefix: str = "",
    ) -> None:
        self.asked = asked
        self.classes: list[Any] = []
        if module == "HeteroLR":
            found = sorted(set(data.labels))
            self.classes = found if len(found) > _BINARY else []
        self.trainings: list[Training] = []
        self.validations: list[Validation] = []
        threshold = asked["predict_param"]["threshold"]
        ordered = data.in_batch_order()
        for event in self.classes or [1]:
            labels = ordered.labels
            if module == "HeteroLR":
                labels = [1.0 if label == event else -1.0 for label in labels]
            metrics = None if module == "HeteroLR" else asked["metrics"]
            watch = Validation(asked, EVAL_TYPES[module], prefix=prefix, metrics=metrics)
            if watch.stops_early and held is None:
                raise ValueError("validate data is needed when early stopping is enabled")
            kept: list[LinearWeights] = []

            def look(
                iteration: int,
                weights: LinearWeights,
                watch: Validation = watch,
                event: Any = event,
                kept: list[LinearWeights] = kept,
            ) -> bool:
                if not watch.due(iteration):
                    return False
                sets = []
                for name, part in (("train", data), ("validate", held)):
                    if part is None:
                        continue
                    regression = Regression(module, [weights], [], threshold)
                    rows = regression.rows(part)
                    if self.classes:
                        rows = [[int(row[0] == event), *row[1:]] for row in rows]
                    sets.append((name, part.guest.keys, rows))
                stop = watch.look(iteration, sets)
                if watch.best_iteration == iteration:
                    kept[:] = [weights]
                return stop

            training = fit(
                module, ordered.features, labels, ordered.extra, asked, seed=seed, after=look
            )
            if watch.stops_early and kept:
                training.weights = kept[0]
                training.iterations = watch.best_iteration
            self.trainings.append(training)
            self.validations.append(watch)
        self.regression = Regression(
            module, [training.weights for training in self.trainings], self.classes, threshold
        )
