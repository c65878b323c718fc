"""Evaluation: what predictions are worth, computed from the prediction tables; also used while models are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.predict_output import (
    PREDICTION_HEADER,
    Predictions,
    stored_predictions,
)
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.evaluation.report import (
    EventScores,
    MetricLog,
    log_binary,
    log_clustering,
    log_multi,
    log_one_vs_rest,
    log_regression,
    log_stability,
)
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.kinds.evaluation.evaluation import full_names
from flowkit_mockserver.party import Party

__all__ = ["Scoring", "evaluate"]

Array = NDArray[Any]


class Scoring:
    """The metrics of one evaluation, gathered table by table.

    Args:
        eval_type: binary, multi, regression or clustering.
        metrics: full names of what to compute, in order.
        pos_label: the label that counts as the event.
        behaviour: how the line of the server computes metrics.
    """

    def __init__(
        self,
        eval_type: str,
        metrics: Sequence[str],
        pos_label: Any = 1,
        *,
        behaviour: Behaviour = FIRST_BEHAVIOUR,
    ) -> None:
        self.eval_type, self.names, self.pos_label = eval_type, list(metrics), pos_label
        self._log = MetricLog(eval_type, behaviour)
        self.metrics, self.summary = self._log.metrics, self._log.summary
        self._compared: dict[str, EventScores] = {}

    def add(self, name: str, said: Predictions, types: Array) -> None:
        """Evaluate predictions under `name`, each of their types (the set a sample belongs to) for itself.

        Args:
            name: what the predictions are called.
            said: the predictions.
            types: shape (n,), text.
        """
        for mode in _in_order_of_appearance(types):
            of_mode = said.take(types == mode)
            if self.eval_type == "binary":
                self._add_binary(name, mode, of_mode)
            elif self.eval_type == "regression":
                log_regression(self._log, self.names, name, mode, of_mode)
            else:
                log_multi(self._log, self.names, name, mode, of_mode)

    def add_clusters(self, name: str, rows: Sequence[tuple[str, list[Any]]]) -> None:
        """Evaluate a table of clusters, or of samples in clusters, whose last column is the set."""
        by_mode: dict[str, list[tuple[str, list[Any]]]] = {}
        for key, value in rows:
            by_mode.setdefault(value[-1], []).append((key, value))
        for mode, members in by_mode.items():
            log_clustering(self._log, self.names, name, mode, members)

    def add_one_vs_rest(self, name: str, said: Predictions, types: Array) -> None:
        """Evaluate each class of a prediction over several against all others (AUC and KS)."""
        log_one_vs_rest(self._log, name, said, _in_order_of_appearance(types), self.pos_label)

    def _add_binary(self, name: str, mode: str, said: Predictions) -> None:
        found = EventScores(said, self.pos_label)
        log_binary(self._log, self.names, name, mode, found)
        if "psi" not in self.names or mode not in {"train", "validate"}:
            return
        self._compared[mode] = found
        if len(self._compared) == len({"train", "validate"}):
            # Filed under whichever set came last.
            pair = self._compared["train"], self._compared["validate"]
            log_stability(self._log, name, mode, *pair)
            self._compared = {}


def _in_order_of_appearance(types: Array) -> list[str]:
    modes, first = np.unique(types.astype(np.str_), return_index=True)
    return [str(modes[place]) for place in np.argsort(first)]


def _predictions(table: TableData, party: Party) -> tuple[Predictions, Array]:
    """Return the predictions of a table and the type of each.

    Raises:
        ComponentFailed: it is no table of predictions.
    """
    if table.kind != "prediction" or table.schema.get("header") != PREDICTION_HEADER:
        first = next(iter(table.records))
        raise ComponentFailed(
            f"length of table header mismatch, expected length is {len(PREDICTION_HEADER)},"
            f" got:{first},please check the input of the Evaluation Module, result of "
            "cross validation is not supported.",
            party,
        )
    _, said, types = stored_predictions(table)
    return said, types


def evaluate(run: ComponentRun) -> dict[Party, PartyResult]:
    """Evaluate all predictions of each party that has any."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        asked: Mapping[str, Any] = parameter(run, party)
        task = asked["eval_type"].lower()
        names = full_names(
            asked["metrics"] or asked["default_metrics"][task], asked["allowed_metrics"][task], task
        )
        scoring = Scoring(task, names, asked["pos_label"], behaviour=run.behaviour)
        tables = [t for given in run.inputs.get(party, {}).values() for t in given]
        if task == "clustering" and len(tables) > 1:
            raise ComponentFailed(
                "multiple input detected, one evaluation component is only available "
                "for one clustering(kmean) component in current version",
                party,
            )
        for source, table in tables:
            if not len(table.records):
                continue
            if task == "clustering":
                scoring.add_clusters(source, [(k, list(v)) for k, v in table.records])
                continue
            said, types = _predictions(table, party)
            scoring.add(source, said, types)
            if asked["unfold_multi_result"] and task == "multi":
                scoring.add_one_vs_rest(source, said, types)
        flat = run.behaviour.flat_evaluations
        summary = _of_one_set(scoring.summary) if flat else scoring.summary
        results[party] = PartyResult(metrics=scoring.metrics, summary=summary or None)
    return results


def _of_one_set(summary: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
    """Return the single values of the validation, or of the training where nothing was validated."""
    for mode in ("validate", "train"):
        found: dict[str, float] = {}
        for by_mode in summary.values():
            found |= by_mode.get(mode, {})
        if found:
            return found
    return {}
