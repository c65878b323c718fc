"""Logging what regressions, classifications into several classes, and clusters are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.evaluation.classification_metric import BinaryScores
from flowkit_mockserver.components.evaluation.regression_clustering_metric import (
    class_scores,
    clustering_score,
    contingency,
    davies_bouldin,
    nearest_clusters,
    regression_score,
)
from flowkit_mockserver.components.evaluation.report import MetricLog, rounded

__all__ = ["log_clustering", "log_multi", "log_one_vs_rest", "log_regression"]

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
