"""Looking at a model while it is trained: evaluation every few rounds, and stopping when it gets no better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.columns.ids import Ids
from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.core.predict_output import Predictions, first_of_each
from flowkit_mockserver.components.evaluation.evaluation import Scoring
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.kinds.evaluation.evaluation import (
    METRICS_BY_TASK,
    SINGLE_VALUES,
    full_names,
)

__all__ = ["Sets", "Validation", "evaluate_sets", "refuse_early_stopping"]

_LARGER_IS_BETTER = {
    "auc",
    "ks",
    "r2_score",
    "precision",
    "recall",
    "explained_variance",
    "accuracy",
}
_SMALLER_IS_BETTER = {"root_mean_squared_error", "mean_absolute_error", "mean_squared_error"}
_TABLES = ("psi", "f1_score", "confusion_mat", "quantile_pr")
Sets = Sequence[tuple[str, Ids, Predictions]]
"""Per set its name, the ids, and what the model says of them."""


def _names(eval_type: str, metrics: Sequence[str] | None) -> list[str]:
    """Return what to compute: `metrics` without tables.

    FATE strikes the tables from the list that it goes through, and so skips whatever follows one.
    """
    names = list(metrics or SINGLE_VALUES[eval_type])
    for name in names:
        if name in _TABLES:
            names.remove(name)
    return full_names(names, METRICS_BY_TASK[eval_type], eval_type)


def evaluate_sets(name: str, eval_type: str, metrics: Sequence[str] | None, sets: Sets) -> Scoring:
    """Evaluate predictions on some sets under one name; of a sample in two sets the first prediction counts.

    Args:
        name: the name of the evaluation.
        eval_type: binary, multi or regression.
        metrics: what to compute; None or empty for the usual single values.
        sets: the predictions.

    Raises:
        ValueError: there is no such metric, or the values do not allow it.
    """
    scoring = Scoring(eval_type, _names(eval_type, metrics))
    kept = first_of_each([ids for _, ids, _ in sets])
    for (set_name, _, said), first in zip(sets, kept, strict=True):
        chosen = said if first.all() else said.take(first)
        if len(chosen):
            scoring.add(name, chosen, np.full(len(chosen), set_name))
    return scoring


def _asked_by_callbacks(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a parameter with what its callbacks ask for in the places where the first lines have it."""
    callbacks: Mapping[str, Any] = asked.get("callback_param") or {}
    named = set(callbacks.get("callbacks") or ())
    if not named & {"PerformanceEvaluate", "EarlyStopping"}:
        return asked
    found = {"validation_freqs": callbacks["validation_freqs"], "metrics": callbacks["metrics"]}
    if "EarlyStopping" in named:
        names = ("early_stopping_rounds", "use_first_metric_only")
        found |= {name: callbacks[name] for name in names}
    return {**asked, **found}


def refuse_early_stopping(asked: Mapping[str, Any], behaviour: Behaviour) -> None:
    """Refuse that callbacks stop the training of a model that the parties have in common.

    Raises:
        ValueError: they would.
    """
    if behaviour.callbacks:
        callbacks: Mapping[str, Any] = asked.get("callback_param") or {}
        looks = {"PerformanceEvaluate", "EarlyStopping"} & set(callbacks.get("callbacks") or ())
        if looks and callbacks.get("early_stopping_rounds") is not None:
            raise ValueError("early stopping is not supported for homo algorithms")


class Validation:
    """Evaluates the rounds that a user asked for.

    Args:
        asked: the parameter (validation_freqs, early_stopping_rounds, use_first_metric_only, metrics).
        eval_type: binary, multi or regression.
        prefix: put before the name of each round, for cross validation.
        metrics: what to compute; None for the usual single values.
        behaviour: how the line of the server looks at models in training.
        own_metrics: whether `metrics` counts whatever callbacks ask for.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        eval_type: str,
        *,
        prefix: str = "",
        metrics: Sequence[str] | None = None,
        behaviour: Behaviour = FIRST_BEHAVIOUR,
        own_metrics: bool = False,
    ) -> None:
        if behaviour.callbacks:
            asked = _asked_by_callbacks(asked)
            metrics = metrics if own_metrics else asked.get("metrics") or metrics
        self._freqs: Any = asked.get("validation_freqs")
        self._patience: int | None = asked.get("early_stopping_rounds")
        self._first_only = bool(asked.get("use_first_metric_only"))
        self._eval_type, self._prefix, self._metrics = eval_type, prefix, metrics
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, dict[str, list[float]]] = {}
        self.best_iteration = -1
        self._best: dict[str, tuple[float, int]] = {}
        self._since: dict[str, int] = {}

    @property
    def active(self) -> bool:
        """Whether any round is evaluated."""
        return bool(self._freqs)

    @property
    def stops_early(self) -> bool:
        """Whether the best round's model is kept instead of the last one's."""
        return self._patience is not None

    def due(self, iteration: int) -> bool:
        """Say whether a round is to be evaluated."""
        if not self._freqs:
            return False
        if isinstance(self._freqs, int):
            return (iteration + 1) % self._freqs == 0
        return iteration in self._freqs

    def look(self, iteration: int, sets: Sets) -> bool:
        """Evaluate a round; return whether training should stop.

        Raises:
            ValueError: a metric is unknown, or none can say whether to stop.
        """
        name = f"{self._prefix}iteration_{iteration}"
        scoring = evaluate_sets(name, self._eval_type, self._metrics, sets)
        for mode, found in scoring.metrics.items():
            self.metrics.setdefault(mode, {}).update(found)
        of_round = scoring.summary.get(name, {})
        for mode, values in of_round.items():
            for metric, value in values.items():
                self.summary.setdefault(mode, {}).setdefault(metric, []).append(value)
        if self._patience is None:
            return False
        values = of_round.get("validate") or of_round.get("train") or {}
        if not values:
            raise ValueError(
                "eval_result len is 0, no single value metric detected for early stopping checking"
            )
        if self._first_only:
            # The first in the order asked for; all, when that list has no single value.
            first = next((metric for metric in scoring.names if metric in values), None)
            values = values if first is None else {first: values[first]}
        return self._judge(iteration, values)

    def _judge(self, iteration: int, values: Mapping[str, float]) -> bool:
        for metric, value in values.items():
            best = self._best.get(metric)
            if best is None or _is_better(metric, value, best[0]):
                self._best[metric] = (value, iteration)
                self._since[metric] = 0
            else:
                self._since[metric] += 1
        first = next(iter(self._since))
        if self._since[first] == 0:
            self.best_iteration = iteration
        for metric, since in self._since.items():
            if self._patience is not None and since >= self._patience:
                self.best_iteration = self._best[metric][1]
                return True
        return False


def _is_better(metric: str, value: float, best: float) -> bool:
    # Of a metric in neither list (the median error) the first value stays the best one.
    if metric in _LARGER_IS_BETTER:
        return value > best
    return metric in _SMALLER_IS_BETTER and value < best
