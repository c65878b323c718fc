"""Evaluation: what predictions are worth, computed from the prediction tables; also used while models are trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.binary_scores import BinaryScores, Curve, population_stability
from flowkit_mockserver.components.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Party,
    PartyResult,
)
from flowkit_mockserver.components.other_scores import (
    class_scores,
    clustering_score,
    contingency,
    davies_bouldin,
    nearest_clusters,
    regression_score,
)
from flowkit_mockserver.components.registry import component
from flowkit_mockserver.components.running import parameter

__all__ = ["DEFAULT_SINGLE", "Scoring", "evaluate", "metric_names"]

_WIDTH = 5
_SCALE = 1e6
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


def _rounded(value: float) -> float:
    """Round to six digits the way numpy does."""
    return round(value * _SCALE) / _SCALE if math.isfinite(value) else value


def metric_names(asked: Iterable[str]) -> list[str]:
    """Return metrics by their full names; precision and recall only come together."""
    names = list(dict.fromkeys(_ALIASES.get(name.lower(), name.lower()) for name in asked))
    for one, other in (("recall", "precision"), ("precision", "recall")):
        if one in names and other not in names:
            names.append(other)
    return names


def _best_by_cut(cuts: Sequence[float], scores: Sequence[float]) -> dict[float, int]:
    """Return, for every distinct cut, where its highest score stands."""
    best: dict[float, int] = {}
    for i, cut in enumerate(cuts):
        if cut not in best or scores[best[cut]] < scores[i]:
            best[cut] = i
    return best


class Scoring:
    """The metrics of one evaluation, gathered set by set.

    Args:
        eval_type: binary, multi, regression or clustering.
        metrics: full names of what to compute, in order.
        pos_label: the label that counts as the event.
    """

    def __init__(self, eval_type: str, metrics: Sequence[str], pos_label: Any = 1) -> None:
        self.eval_type, self.names, self.pos_label = eval_type, list(metrics), pos_label
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, dict[str, dict[str, float]]] = {}
        self._train: tuple[list[float], list[int]] | None = None

    def add(self, name: str, rows: Rows) -> None:
        """Evaluate one prediction table under `name`, each value of its ``type`` column for itself."""
        sets: dict[str, list[tuple[str, list[Any]]]] = {}
        for key, value in rows:
            sets.setdefault(value[-1], []).append((key, value))
        for mode, members in sets.items():
            if self.eval_type == "clustering":
                self._clustering(name, mode, members)
            elif self.eval_type == "binary":
                self._binary(name, mode, [value for _, value in members])
            elif self.eval_type == "regression":
                self._regression(name, mode, [value for _, value in members])
            else:
                self._multi(name, mode, [value for _, value in members])

    def _keep(self, mode: str, name: str, data: list[list[Any]], meta: dict[str, Any]) -> None:
        kept = {key: value for key, value in meta.items() if value not in (None, "", [])}
        self.metrics.setdefault(mode, {})[name] = Metric(data, {"name": name, **kept})

    def _single(self, name: str, mode: str, metric: str, value: float) -> None:
        value = -9999999.0 if math.isinf(value) else value
        kind = "CLUSTERING_EVALUATION_SUMMARY" if self.eval_type == "clustering" else "EVALUATION_SUMMARY"
        of_mode = self.metrics.setdefault(mode, {})
        entry = of_mode.setdefault(name, Metric([], {"name": name, "metric_type": kind}))
        entry.data.append([metric, _rounded(value)])
        self.summary.setdefault(name, {}).setdefault(mode, {})[metric] = value

    def _curve(
        self, mode: str, name: str, metric_type: str, points: Curve, **meta: Any
    ) -> None:
        values, cuts, thresholds = points
        pairs = [[_rounded(cut), _rounded(value)] for cut, value in zip(cuts, values, strict=True)]
        pairs.sort(key=lambda pair: pair[0])
        meta = {"metric_type": metric_type, **meta, "thresholds": [_rounded(t) for t in thresholds]}
        self._keep(mode, name, pairs, meta)

    def _binary(self, name: str, mode: str, rows: list[list[Any]]) -> None:
        labels = [1 if row[0] == self.pos_label else 0 for row in rows]
        scores = [row[2] for row in rows]
        found = BinaryScores(labels, scores)
        for metric in self.names:
            if metric == "auc":
                self._single(name, mode, metric, found.auc)
            elif metric == "ks":
                self._ks(name, mode, found)
            elif metric == "roc":
                fpr, tpr, thresholds = found.roc()
                self._curve(
                    mode, f"{name}_roc", "ROC_EVALUATION", (tpr, fpr, thresholds),
                    unit_name="fpr", ordinate_name="tpr", curve_name=name,
                )
            elif metric in {"lift", "gain"}:
                values, cuts, thresholds = found.lift() if metric == "lift" else found.gain()
                best = _best_by_cut(cuts, values)
                curve = (
                    [*(values[i] for i in best.values()), 1.0],
                    [*best, 1.0],
                    [*(thresholds[i] for i in best.values()), 0.0],
                )
                kind = f"{metric.upper()}_EVALUATION"
                self._curve(mode, f"{name}_{metric}", kind, curve, curve_name=name)
            elif metric == "accuracy":
                self._curve(
                    mode, f"{name}_accuracy", "ACCURACY_EVALUATION", found.accuracy(), curve_name=name
                )
            elif metric == "recall":
                self._precision_recall(name, mode, found)
            elif metric == "confusion_mat":
                counted, thresholds = found.confusion()
                self._table(name, mode, metric, **vars(counted), thresholds=thresholds)
            elif metric == "f1_score":
                values, thresholds = found.f1()
                self._table(name, mode, metric, f1_scores=values, thresholds=thresholds)
            elif metric == "quantile_pr":
                precision, recall, thresholds = found.quantile_pr()
                self._table(
                    name, mode, metric,
                    p_scores=[[0.0, _rounded(p)] for p in precision],
                    r_scores=[[0.0, _rounded(r)] for r in recall],
                    thresholds=thresholds,
                )
            elif metric == "psi":
                self._stability(name, mode, scores, labels)

    def _table(self, name: str, mode: str, metric: str, **columns: list[Any]) -> None:
        shown = {
            key: [_rounded(v) if isinstance(v, float) else v for v in values]
            for key, values in columns.items()
        }
        full = f"{name}_{metric}"
        self.metrics.setdefault(mode, {})[full] = Metric(
            [], {"name": full, "metric_type": metric.upper(), **shown}
        )

    def _ks(self, name: str, mode: str, found: BinaryScores) -> None:
        best, fpr, tpr, thresholds, cuts = found.ks()
        self._single(name, mode, "ks", best)
        for side, values in (("fpr", fpr), ("tpr", tpr)):
            self._curve(
                mode, f"{name}_ks_{side}", "KS_EVALUATION", (values, cuts, thresholds),
                curve_name=f"{name}_{side}", pair_type=name,
            )

    def _precision_recall(self, name: str, mode: str, found: BinaryScores) -> None:
        precision, cuts, thresholds = found.precision()
        recall = found.recall()[0]
        # Among steps of equal recall the one of highest precision is shown.
        kept = list(_best_by_cut(recall, precision).values())
        shown_cuts = [cuts[i] for i in kept]
        if kept[-1] == len(thresholds) - 1:
            kept_thresholds = [thresholds[i] for i in kept[:-1]]
        else:
            kept_thresholds = [thresholds[i] for i in kept]
        for title, values in (("Precision", precision), ("Recall", recall)):
            self._curve(
                mode, f"{name}_{title.lower()}", f"{title.upper()}_BINARY_EVALUATION",
                ([values[i] for i in kept], shown_cuts, kept_thresholds),
                ordinate_name=title, curve_name=name, pair_type=name,
            )

    def _stability(self, name: str, mode: str, scores: list[float], labels: list[int]) -> None:
        if mode == "train":
            self._train = (scores, labels)
        elif mode == "validate" and self._train is not None:
            found = population_stability(self._train[0], scores, self._train[1], labels)
            found["psi_scores"] = [_rounded(v) for v in found["psi_scores"]]  # type: ignore[attr-defined]
            found["total_psi"] = _rounded(float(found["total_psi"]))  # type: ignore[arg-type]
            full = f"{name}_psi"
            self.metrics.setdefault(mode, {})[full] = Metric(
                [], {"name": full, "metric_type": "PSI", **found}
            )
            self._train = None

    def _regression(self, name: str, mode: str, rows: list[list[Any]]) -> None:
        labels, guesses = [row[0] for row in rows], [row[2] for row in rows]
        for metric in self.names:
            self._single(name, mode, metric, regression_score(metric, labels, guesses))

    def _multi(self, name: str, mode: str, rows: list[list[Any]]) -> None:
        accuracy, precision, recall = class_scores(
            [row[0] for row in rows], [row[1] for row in rows]
        )
        single = {
            "accuracy": accuracy,
            "precision": sum(precision.values()) / len(precision),
            "recall": sum(recall.values()) / len(recall),
        }
        for metric in self.names:
            self._single(name, mode, metric, single[metric])
        for title, by_class in (("Precision", precision), ("Recall", recall)):
            metric = title.lower()
            if metric not in self.names:
                continue
            classes = range(max(by_class) + 1)
            points = [[c, _rounded(by_class.get(c, 0.0))] for c in classes]
            meta = {
                "metric_type": f"{title.upper()}_MULTI_EVALUATION",
                "ordinate_name": title,
                "curve_name": name,
                "pair_type": name,
            }
            self._keep(mode, f"{name}_{metric}", points, meta)

    def _clustering(self, name: str, mode: str, members: Rows) -> None:
        width = len(members[0][1])
        if width == _WIDTH:
            ordered = sorted(members, key=lambda member: int(member[0]))
            within = [value[1] for _, value in ordered]
            radius = [value[2] for _, value in ordered]
            between = ordered[0][1][3]
            if "davies_bouldin_index" in self.names:
                self._single(name, mode, "davies_bouldin_index", davies_bouldin(within, between))
            if "distance_measure" in self.names:
                self._table(
                    name, mode, "distance_measure",
                    cluster_index=list(range(len(within))),
                )
                meta = self.metrics[mode][f"{name}_distance_measure"].meta
                meta["radius"] = radius
                meta["nearest_idx"] = nearest_clusters(len(within), between)
            return
        values = [value for _, value in members]
        if not (isinstance(values[0][0], int) and isinstance(values[0][1], int)):
            return
        labels, clusters = [value[0] for value in values], [value[1] for value in values]
        for metric in self.names:
            if metric in {"jaccard_similarity_score", "fowlkes_mallows_score", "adjusted_rand_score"}:
                self._single(name, mode, metric, clustering_score(metric, labels, clusters))
            elif metric == "contingency_matrix":
                self._table(
                    name, mode, metric,
                    true_labels=sorted(set(labels)),
                    predicted_labels=list(range(max(clusters) + 1)),
                    result_table=contingency(labels, clusters),
                )

    def add_one_vs_rest(self, name: str, rows: Rows) -> None:
        """Evaluate each class of a prediction over several against all others (AUC and KS)."""
        modes = list(dict.fromkeys(value[-1] for _, value in rows))
        for label in rows[0][1][3]:
            found: dict[str, dict[str, dict[str, float]]] = {"train": {}, "validate": {}}
            binary = [(1 if str(label) == str(v[0]) else 0, v[3][label]) for _, v in rows]
            for mode in modes:
                kept = found["train" if mode == "train" else "validate"].setdefault(str(label), {})
                try:
                    scores = BinaryScores([b for b, _ in binary], [s for _, s in binary])
                    kept["auc"], kept["ks"] = scores.auc, scores.ks()[0]
                except ValueError:
                    kept["auc"] = kept["ks"] = 0
            for mode, meta in found.items():
                full = f"{name}_class_{label}_ovr"
                self.metrics.setdefault(mode, {})[full] = Metric(
                    [], {"name": name, "metric_type": "ovr", **meta}
                )


def _check_width(run: ComponentRun, party: Party, rows: Rows) -> None:
    first = rows[0]
    if len(first[1]) != _WIDTH:
        raise ComponentFailed(
            f"length of table header mismatch, expected length is {_WIDTH}, got:{first},"
            "please check the input of the Evaluation Module, result of "
            "cross validation is not supported.",
            party,
        )


@component("Evaluation")
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
