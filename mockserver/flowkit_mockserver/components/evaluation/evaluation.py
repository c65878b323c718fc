"""Evaluation: what predictions are worth, computed from the prediction tables; also used while models are trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.evaluation.report import (
    MetricLog,
    log_binary,
    log_clustering,
    log_multi,
    log_one_vs_rest,
    log_regression,
    log_stability,
)
from flowkit_mockserver.components.rows.run import parameter
from flowkit_mockserver.party import Party

__all__ = ["DEFAULT_SINGLE", "Scoring", "evaluate", "metric_names"]

_WIDTH = 5
_ALIASES = {
    "l1": "mean_absolute_error",
    "mae": "mean_absolute_error",
    "regression_l1": "mean_absolute_error",
    "l2": "mean_squared_error",
    "mse": "mean_squared_error",
    "regression_l2": "mean_squared_error",
    "regression": "mean_squared_error",
    "l2_root": "root_mean_squared_error",
    "rmse": "root_mean_squared_error",
    "r2": "r2_score",
    "acc": "accuracy",
    "dbi": "davies_bouldin_index",
    "fmi": "fowlkes_mallows_score",
    "ri": "adjusted_rand_score",
    "jaccard": "jaccard_similarity_score",
}
DEFAULT_SINGLE = {
    "binary": ["auc", "ks"],
    "regression": ["root_mean_squared_error", "mean_absolute_error"],
    "multi": ["accuracy", "precision", "recall"],
}
Rows = Sequence[tuple[str, list[Any]]]


def metric_names(asked: Iterable[str]) -> list[str]:
    """Return metrics by their full names; precision and recall only come together."""
    names = list(dict.fromkeys(_ALIASES.get(name.lower(), name.lower()) for name in asked))
    for one, other in (("recall", "precision"), ("precision", "recall")):
        if one in names and other not in names:
            names.append(other)
    return names


class Scoring:
    """The metrics of one evaluation, gathered set by set.

    Args:
        eval_type: binary, multi, regression or clustering.
        metrics: full names of what to compute, in order.
        pos_label: the label that counts as the event.
    """

    def __init__(self, eval_type: str, metrics: Sequence[str], pos_label: Any = 1) -> None:
        self.eval_type, self.names, self.pos_label = eval_type, list(metrics), pos_label
        self._log = MetricLog(eval_type)
        self.metrics, self.summary = self._log.metrics, self._log.summary
        self._train: tuple[list[float], list[int]] | None = None

    def add(self, name: str, rows: Rows) -> None:
        """Evaluate one prediction table under `name`, each value of its ``type`` column for itself."""
        sets: dict[str, list[tuple[str, list[Any]]]] = {}
        for key, value in rows:
            sets.setdefault(value[-1], []).append((key, value))
        for mode, members in sets.items():
            values = [value for _, value in members]
            if self.eval_type == "clustering":
                log_clustering(self._log, self.names, name, mode, members)
            elif self.eval_type == "binary":
                self._binary(name, mode, values)
            elif self.eval_type == "regression":
                log_regression(self._log, self.names, name, mode, values)
            else:
                log_multi(self._log, self.names, name, mode, values)

    def add_one_vs_rest(self, name: str, rows: Rows) -> None:
        """Evaluate each class of a prediction over several against all others (AUC and KS)."""
        log_one_vs_rest(self._log, name, rows)

    def _binary(self, name: str, mode: str, rows: list[list[Any]]) -> None:
        labels = [int(row[0] == self.pos_label) for row in rows]
        scores = [row[2] for row in rows]
        log_binary(self._log, self.names, name, mode, labels, scores)
        if "psi" not in self.names:
            return
        if mode == "train":
            self._train = (scores, labels)
        elif mode == "validate" and self._train is not None:
            log_stability(self._log, name, mode, self._train, (scores, labels))
            self._train = None


def _check_width(run: ComponentRun, party: Party, rows: Rows) -> None:
    first = rows[0]
    if len(first[1]) != _WIDTH:
        raise ComponentFailed(
            f"length of table header mismatch, expected length is {_WIDTH}, got:{first},"
            "please check the input of the Evaluation Module, result of "
            "cross validation is not supported.",
            party,
        )


def evaluate(run: ComponentRun) -> dict[Party, PartyResult]:
    """Evaluate all predictions of each party that has any."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked: Mapping[str, Any] = parameter(run, party)
        eval_type = asked["eval_type"].lower()
        names = metric_names(asked["metrics"] or asked["default_metrics"][eval_type])
        scoring = Scoring(eval_type, names, asked["pos_label"])
        tables = [t for given in run.inputs.get(party, {}).values() for t in given]
        if eval_type == "clustering" and len(tables) > 1:
            raise ComponentFailed(
                "multiple input detected, one evaluation component is only available "
                "for one clustering(kmean) component in current version",
                party,
            )
        for source, table in tables:
            rows: Rows = [(k, v if isinstance(v, list) else [v]) for k, v in table.records]
            if not rows:
                continue
            if eval_type != "clustering":
                _check_width(run, party, rows)
            scoring.add(source, rows)
            if asked["unfold_multi_result"] and eval_type == "multi":
                scoring.add_one_vs_rest(source, rows)
        results[party] = PartyResult(metrics=scoring.metrics, summary=scoring.summary or None)
    return results
