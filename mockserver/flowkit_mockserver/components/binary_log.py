"""Logging what scores of two classes are worth."""

from __future__ import annotations

from collections.abc import Sequence

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.evaluation.classification_metric import (
    BinaryScores,
    population_stability,
)
from flowkit_mockserver.components.evaluation.report import MetricLog, rounded

__all__ = ["log_binary", "log_stability"]


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
