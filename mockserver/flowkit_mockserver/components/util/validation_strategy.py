"""Looking at a model while it is trained: evaluation every few rounds, and stopping when it gets no better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.evaluation.evaluation import (
    DEFAULT_SINGLE,
    Scoring,
    metric_names,
)

__all__ = ["Validation", "evaluate_sets"]

_SMALLER_IS_BETTER = {
    "root_mean_squared_error",
    "mean_absolute_error",
    "mean_squared_error",
}
_TABLES = {"psi", "f1_score", "confusion_mat", "quantile_pr"}
Sets = Sequence[tuple[str, Sequence[str], Sequence[list[Any]]]]
"""Per set its name, the keys and the rows (without the set's name)."""


def evaluate_sets(name: str, eval_type: str, metrics: Sequence[str] | None, sets: Sets) -> Scoring:
    """Evaluate predictions on some sets under one name; of a sample in two sets the first prediction counts."""
    names = metric_names(metrics or DEFAULT_SINGLE[eval_type])
    scoring = Scoring(eval_type, [metric for metric in names if metric not in _TABLES])
    merged: dict[str, list[Any]] = {}
    for set_name, keys, rows in sets:
        for key, row in zip(keys, rows, strict=True):
            merged.setdefault(key, [*row, set_name])
    scoring.add(name, list(merged.items()))
    return scoring


class Validation:
    """Evaluates the rounds that a user asked for.

    Args:
        asked: the parameter (validation_freqs, early_stopping_rounds, use_first_metric_only, metrics).
        eval_type: binary, multi or regression.
        prefix: put before the name of each round, for cross validation.
        metrics: what to compute; None for the usual single values.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        eval_type: str,
        *,
        prefix: str = "",
        metrics: Sequence[str] | None = None,
    ) -> None:
        self._freqs: Any = asked.get("validation_freqs")
        self._patience: int | None = asked.get("early_stopping_rounds")
        self._first_only = bool(asked.get("use_first_metric_only"))
        self._eval_type, self._prefix, self._names = eval_type, prefix, metrics
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, dict[str, list[float]]] = {}
        self.best_iteration = -1
        self._best: dict[str, tuple[float, int]] = {}
        self._rounds = 0
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
        """Evaluate a round; return whether training should stop."""
        name = f"{self._prefix}iteration_{iteration}"
        scoring = evaluate_sets(name, self._eval_type, self._names, sets)
        for mode, found in scoring.metrics.items():
            self.metrics.setdefault(mode, {}).update(found)
        of_round = scoring.summary[name]
        for mode, values in of_round.items():
            for metric, value in values.items():
                self.summary.setdefault(mode, {}).setdefault(metric, []).append(value)
        if self._patience is None:
            return False
        values = of_round.get("validate") or of_round.get("train") or {}
        if self._first_only:
            values = dict(list(values.items())[:1])
        return self._judge(iteration, values)

    def _judge(self, iteration: int, values: Mapping[str, float]) -> bool:
        for place, (metric, value) in enumerate(values.items()):
            sign = -1 if metric in _SMALLER_IS_BETTER else 1
            best = self._best.get(metric)
            if best is None or sign * value > sign * best[0]:
                self._best[metric] = (value, iteration)
                self._since[metric] = 0
                if place == 0:
                    self.best_iteration = iteration
            else:
                self._since[metric] += 1
        for metric, since in self._since.items():
            if self._patience is not None and since >= self._patience:
                self.best_iteration = self._best[metric][1]
                return True
        return False
