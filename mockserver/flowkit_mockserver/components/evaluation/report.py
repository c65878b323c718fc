"""The metrics of an evaluation as they are logged: single values, curves, tables; and what is logged for each task."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.evaluation.classification_metric import (
    BinaryScores,
    Curve,
    population_stability,
)
from flowkit_mockserver.components.evaluation.regression_clustering_metric import (
    class_scores,
    clustering_score,
    contingency,
    davies_bouldin,
    nearest_clusters,
    regression_score,
)

__all__ = [
    "MetricLog",
    "log_binary",
    "log_clustering",
    "log_multi",
    "log_one_vs_rest",
    "log_regression",
    "log_stability",
    "rounded",
]

_SCALE = 1e6


def rounded(value: float) -> float:
    """Round to six digits the way numpy does."""
    return round(value * _SCALE) / _SCALE if math.isfinite(value) else value


class MetricLog:
    """The metrics of one evaluation, by set and name, and the single values as a summary.

    Args:
        eval_type: binary, multi, regression or clustering.
    """

    def __init__(self, eval_type: str) -> None:
        self.eval_type = eval_type
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, dict[str, dict[str, float]]] = {}

    def keep(self, mode: str, name: str, data: list[list[Any]], meta: dict[str, Any]) -> None:
        """Keep a metric; what its meta leaves empty is not written."""
        kept = {key: value for key, value in meta.items() if value not in (None, "", [])}
        self.metrics.setdefault(mode, {})[name] = Metric(data, {"name": name, **kept})

    def single(self, name: str, mode: str, metric: str, value: float) -> None:
        """Keep a single value, here and in the summary."""
        value = -9999999.0 if math.isinf(value) else value
        kind = (
            "CLUSTERING_EVALUATION_SUMMARY"
            if self.eval_type == "clustering"
            else "EVALUATION_SUMMARY"
        )
        of_mode = self.metrics.setdefault(mode, {})
        entry = of_mode.setdefault(name, Metric([], {"name": name, "metric_type": kind}))
        entry.data.append([metric, rounded(value)])
        self.summary.setdefault(name, {}).setdefault(mode, {})[metric] = value

    def curve(self, mode: str, name: str, metric_type: str, points: Curve, **meta: Any) -> None:
        """Keep a curve with the thresholds of its points."""
        values, cuts, thresholds = points
        pairs = [[rounded(cut), rounded(value)] for cut, value in zip(cuts, values, strict=True)]
        pairs.sort(key=lambda pair: pair[0])
        meta = {"metric_type": metric_type, **meta, "thresholds": [rounded(t) for t in thresholds]}
        self.keep(mode, name, pairs, meta)

    def table(self, name: str, mode: str, metric: str, **columns: list[Any]) -> None:
        """Keep lists in the meta of a metric without data."""
        shown = {
            key: [rounded(v) if isinstance(v, float) else v for v in values]
            for key, values in columns.items()
        }
        full = f"{name}_{metric}"
        self.metrics.setdefault(mode, {})[full] = Metric(
            [], {"name": full, "metric_type": metric.upper(), **shown}
        )


def _best_by_cut(cuts: Sequence[float], scores: Sequence[float]) -> dict[float, int]:
    """Return, for every distinct cut, where its highest score stands."""
    best: dict[float, int] = {}
    for i, cut in enumerate(cuts):
        if cut not in best or scores[best[cut]] < scores[i]:
            best[cut] = i
    return best


def _ks(log: MetricLog, name: str, mode: str, found: BinaryScores) -> None:
    best, fpr, tpr, thresholds, cuts = found.ks()
    log.single(name, mode, "ks", best)
    for side, values in (("fpr", fpr), ("tpr", tpr)):
        log.curve(
            mode,
            f"{name}_ks_{side}",
            "KS_EVALUATION",
            (values, cuts, thresholds),
            curve_name=f"{name}_{side}",
            pair_type=name,
        )


def _precision_recall(log: MetricLog, name: str, mode: str, found: BinaryScores) -> None:
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
        log.curve(
            mode,
            f"{name}_{title.lower()}",
            f"{title.upper()}_BINARY_EVALUATION",
            ([values[i] for i in kept], shown_cuts, kept_thresholds),
            ordinate_name=title,
            curve_name=name,
            pair_type=name,
        )


def log_binary(
    log: MetricLog,
    names: Sequence[str],
    name: str,
    mode: str,
    labels: list[int],
    scores: list[float],
) -> None:
    """Log what `names` asks for of one set of scores."""
    found = BinaryScores(labels, scores)
    for metric in names:
        if metric == "auc":
            log.single(name, mode, metric, found.auc)
        elif metric == "ks":
            _ks(log, name, mode, found)
        elif metric == "roc":
            fpr, tpr, thresholds = found.roc()
            log.curve(
                mode,
                f"{name}_roc",
                "ROC_EVALUATION",
                (tpr, fpr, thresholds),
                unit_name="fpr",
                ordinate_name="tpr",
                curve_name=name,
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
            log.curve(mode, f"{name}_{metric}", kind, curve, curve_name=name)
        elif metric == "accuracy":
            log.curve(
                mode,
                f"{name}_accuracy",
                "ACCURACY_EVALUATION",
                found.accuracy(),
                curve_name=name,
            )
        elif metric == "recall":
            _precision_recall(log, name, mode, found)
        elif metric == "confusion_mat":
            counted, thresholds = found.confusion()
            log.table(name, mode, metric, **vars(counted), thresholds=thresholds)
        elif metric == "f1_score":
            values, thresholds = found.f1()
            log.table(name, mode, metric, f1_scores=values, thresholds=thresholds)
        elif metric == "quantile_pr":
            precision, recall, thresholds = found.quantile_pr()
            log.table(
                name,
                mode,
                metric,
                p_scores=[[0.0, rounded(p)] for p in precision],
                r_scores=[[0.0, rounded(r)] for r in recall],
                thresholds=thresholds,
            )


def log_stability(
    log: MetricLog,
    name: str,
    mode: str,
    train: tuple[list[float], list[int]],
    actual: tuple[list[float], list[int]],
) -> None:
    """Log how far the scores of another set are from those of the training."""
    found = population_stability(train[0], actual[0], train[1], actual[1])
    found["psi_scores"] = [rounded(v) for v in found["psi_scores"]]
    found["total_psi"] = rounded(found["total_psi"])
    full = f"{name}_psi"
    log.metrics.setdefault(mode, {})[full] = Metric(
        [], {"name": full, "metric_type": "PSI", **found}
    )


_WIDTH = 5
Rows = Sequence[tuple[str, list[Any]]]


def log_regression(
    log: MetricLog, names: Sequence[str], name: str, mode: str, rows: list[list[Any]]
) -> None:
    """Log the errors of a regression."""
    labels, guesses = [row[0] for row in rows], [row[2] for row in rows]
    for metric in names:
        log.single(name, mode, metric, regression_score(metric, labels, guesses))


def log_multi(
    log: MetricLog, names: Sequence[str], name: str, mode: str, rows: list[list[Any]]
) -> None:
    """Log how well several classes are told apart, together and by class."""
    accuracy, precision, recall = class_scores([row[0] for row in rows], [row[1] for row in rows])
    single = {
        "accuracy": accuracy,
        "precision": sum(precision.values()) / len(precision),
        "recall": sum(recall.values()) / len(recall),
    }
    for metric in names:
        log.single(name, mode, metric, single[metric])
    for title, by_class in (("Precision", precision), ("Recall", recall)):
        metric = title.lower()
        if metric not in names:
            continue
        classes = range(max(by_class) + 1)
        points = [[c, rounded(by_class.get(c, 0.0))] for c in classes]
        meta = {
            "metric_type": f"{title.upper()}_MULTI_EVALUATION",
            "ordinate_name": title,
            "curve_name": name,
            "pair_type": name,
        }
        log.keep(mode, f"{name}_{metric}", points, meta)


def log_clustering(
    log: MetricLog, names: Sequence[str], name: str, mode: str, members: Rows
) -> None:
    """Log what clusters are worth: from their table, or from the samples and their labels."""
    width = len(members[0][1])
    if width == _WIDTH:
        ordered = sorted(members, key=lambda member: int(member[0]))
        within = [value[1] for _, value in ordered]
        radius = [value[2] for _, value in ordered]
        between = ordered[0][1][3]
        if "davies_bouldin_index" in names:
            log.single(name, mode, "davies_bouldin_index", davies_bouldin(within, between))
        if "distance_measure" in names:
            log.table(
                name,
                mode,
                "distance_measure",
                cluster_index=list(range(len(within))),
            )
            meta = log.metrics[mode][f"{name}_distance_measure"].meta
            meta["radius"] = radius
            meta["nearest_idx"] = nearest_clusters(len(within), between)
        return
    values = [value for _, value in members]
    if not (isinstance(values[0][0], int) and isinstance(values[0][1], int)):
        return
    labels, clusters = [value[0] for value in values], [value[1] for value in values]
    for metric in names:
        if metric in {
            "jaccard_similarity_score",
            "fowlkes_mallows_score",
            "adjusted_rand_score",
        }:
            log.single(name, mode, metric, clustering_score(metric, labels, clusters))
        elif metric == "contingency_matrix":
            log.table(
                name,
                mode,
                metric,
                true_labels=sorted(set(labels)),
                predicted_labels=list(range(max(clusters) + 1)),
                result_table=contingency(labels, clusters),
            )


def log_one_vs_rest(log: MetricLog, name: str, rows: Rows) -> None:
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
            log.metrics.setdefault(mode, {})[full] = Metric(
                [], {"name": name, "metric_type": "ovr", **meta}
            )
