"""Regressions over the columns of several parties: training one with a look at its rounds, predicting with it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.components.core.federation import Federation
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    multi_predictions,
    regression_predictions,
)
from flowkit_mockserver.components.linear_model.hetero_gradient import (
    LinearWeights,
    Start,
    Training,
    fit,
    safe_log,
)
from flowkit_mockserver.components.optim.activation import sigmoid
from flowkit_mockserver.components.util.validation_strategy import Validation
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour

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
        behaviour: of the line.
    """

    def __init__(
        self,
        module: str,
        weights: list[LinearWeights],
        classes: list[Any],
        threshold: float,
        behaviour: Behaviour,
    ) -> None:
        self.module, self.weights, self.classes = module, weights, classes
        self.threshold, self._behaviour = threshold, behaviour

    def predictions(self, data: Federation) -> Predictions:
        """Return the prediction of every sample."""
        if self.classes:
            scores = [sigmoid(weights.linear(data.features)) for weights in self.weights]
            integers = not self._behaviour.spells_classes
            return multi_predictions(
                data.labels, np.column_stack(scores), self.classes, integers=integers
            )
        (weights,) = self.weights
        if self.module == "HeteroLR":
            chances = sigmoid(weights.linear(data.features))
            return binary_predictions(data.labels, chances, self.threshold)
        if self.module == "HeteroPoisson":
            guest, *hosts = weights.forwards(data.features)
            with np.errstate(over="ignore"):
                means = np.exp(guest + safe_log(data.exposure))
                for host in hosts:
                    means = means * np.exp(host)
            return regression_predictions(data.labels, means)
        return regression_predictions(data.labels, weights.linear(data.features))


def _weights(data: Federation, module: str) -> NDArray[np.float64] | None:
    """Return the weights of samples by which the errors of a regression are multiplied; None if there are none."""
    given = data.guest.weights
    if given is None or module == "HeteroPoisson":
        return None
    return given.astype(np.float64)


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
        behaviour: Behaviour = FIRST_BEHAVIOUR,
        start: Start | None = None,
    ) -> None:
        self.asked, self.behaviour = asked, behaviour
        self.classes: list[Any] = []
        if module == "HeteroLR":
            # In the order of a set, as FATE takes them.
            found = [] if data.labels is None else list(set(data.labels.tolist()))
            self.classes = found if len(found) > _BINARY else []
        self.trainings: list[Training] = []
        self.validations: list[Validation] = []
        threshold = asked["predict_param"]["threshold"]
        ordered = data.in_batch_order()
        for event in self.classes or [1]:
            labels = ordered.labels
            if labels is None:
                raise ValueError("training needs labels; the guest's table has none")
            if module == "HeteroLR":
                labels = np.where(labels == event, 1.0, -1.0)
            metrics = None if module == "HeteroLR" else asked["metrics"]
            own = prefix
            if self.classes and behaviour.callbacks:
                own = f"{prefix}model_{len(self.trainings)}."
            watch = Validation(
                asked, EVAL_TYPES[module], prefix=own, metrics=metrics, behaviour=behaviour
            )
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
                    regression = Regression(module, [weights], [], threshold, behaviour)
                    said = regression.predictions(part)
                    if self.classes:
                        said = replace(said, labels=(said.labels == event).astype(np.int64))
                    sets.append((name, part.guest.ids, said))
                stop = watch.look(iteration, sets)
                if watch.best_iteration == iteration:
                    kept[:] = [weights]
                return stop

            training = fit(
                module,
                ordered.features,
                labels.astype(np.float64),
                ordered.exposure if module == "HeteroPoisson" else None,
                asked,
                seed=seed,
                after=look,
                ids=ordered.guest.ids,
                partitions=ordered.guest.partitions,
                behaviour=behaviour,
                weights=_weights(ordered, module) if behaviour.weighs_samples else None,
                start=start,
            )
            if watch.stops_early and kept:
                training.weights = kept[0]
                training.iterations = watch.best_iteration
            self.trainings.append(training)
            self.validations.append(watch)
        weights = [training.weights for training in self.trainings]
        self.regression = Regression(module, weights, self.classes, threshold, behaviour)

    def checkpoints(self) -> dict[int, Fitted]:
        """Return what was there to be saved after iterations, by their numbers.

        Of several classes each is trained for itself, and its checkpoints take the place of those before it.
        """
        found: dict[int, Fitted] = {}
        for training, watch in zip(self.trainings, self.validations, strict=True):
            for iteration in saved_steps(self.asked, len(training.rounds), training.first):
                then = found[iteration] = copy(self)
                then.classes, then.validations = [], [watch]
                then.trainings = [training.at(iteration)]
        return dict(sorted(found.items()))
