"""The metrics of an evaluation as they are logged: single values, curves, tables; and what is logged for each task."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.core.predict_output import Predictions
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
from flowkit_mockserver.dialects.behaviour import Behaviour

__all__ = [
    "EventScores",
    "MetricLog",
    "log_binary",
    "log_clustering",
    "log_multi",
    "log_one_vs_rest",
    "log_regression",
    "log_stability",
]

Array = NDArray[Any]
#: What a value of infinity is logged as.
_INFINITE = -9999999.0
_DIGITS = 6


def _rounded(values: Any) -> list[float]:
    rounded: list[float] = np.round(np.asarray(values, dtype=np.float64), _DIGITS).tolist()
    return rounded


class EventScores:
    """What a binary evaluation looks at: which samples are events, and their scores.

    Args:
        said: the predictions.
        pos_label: the label of an event. FATE writes a 1 for it before it writes a 0 for whatever is not `pos_label`,
            so with another one than 1 no sample is an event; a 0, taken for none given, leaves the labels alone.

    Attributes:
        events: shape (n,).
        scores: shape (n,) float64.
    """

    def __init__(self, said: Predictions, pos_label: Any) -> None:
        self.events: NDArray[np.bool_] = np.asarray(said.labels == 1, dtype=bool)
        if pos_label and pos_label != 1:
            self.events = np.zeros(len(said), dtype=bool)
        self.scores: NDArray[np.float64] = said.scores.astype(np.float64)
        if not np.isfinite(self.scores).all():
            raise ValueError(
                "Input contains NaN, infinity or a value too large for dtype('float64')."
            )


class MetricLog:
    """The metrics of one evaluation, by set and name, and the single values as a summary.

    Args:
        eval_type: binary, multi, regression or clustering.
        behaviour: how the line of the server computes metrics.
    """

    def __init__(self, eval_type: str, behaviour: Behaviour) -> None:
        self.eval_type, self.behaviour = eval_type, behaviour
        self.metrics: dict[str, dict[str, Metric]] = {}
        self.summary: dict[str, dict[str, dict[str, float]]] = {}

    def keep(self, mode: str, name: str, data: list[list[Any]], meta: dict[str, Any]) -> None:
        """Keep a metric; what its meta leaves empty is not written."""
        kept = {key: value for key, value in meta.items() if value not in (None, "", [])}
        self.metrics.setdefault(mode, {})[name] = Metric(data, {"name": name, **kept})

    def single(self, name: str, mode: str, metric: str, value: float) -> None:
        """Keep a single value, here and in the summary."""
        value = _INFINITE if math.isinf(value) else value
        kind = (
            "CLUSTERING_EVALUATION_SUMMARY"
            if self.eval_type == "clustering"
            else "EVALUATION_SUMMARY"
        )
        of_mode = self.metrics.setdefault(mode, {})
        entry = of_mode.setdefault(name, Metric([], {"name": name, "metric_type": kind}))
        entry.data.append([metric, *_rounded([value])])
        self.summary.setdefault(name, {}).setdefault(mode, {})[metric] = value

    def curve(self, mode: str, name: str, metric_type: str, curve: Curve, **meta: Any) -> None:
        """Keep a curve with the thresholds of its points."""
        pairs = [
            list(pair) for pair in zip(_rounded(curve.cuts), _rounded(curve.values), strict=True)
        ]
        pairs.sort(key=lambda pair: pair[0])
        meta = {"metric_type": metric_type, **meta, "thresholds": _rounded(curve.thresholds)}
        self.keep(mode, name, pairs, meta)

    def table(self, name: str, mode: str, metric: str, **columns: list[Any]) -> None:
        """Keep lists in the meta of a metric without data."""
        full = f"{name}_{metric}"
        self.metrics.setdefault(mode, {})[full] = Metric(
            [], {"name": full, "metric_type": metric.upper(), **columns}
        )


def _best_by_cut(cuts: Sequence[float], scores: Sequence[float]) -> dict[float, int]:
    """Return, for every distinct cut, where its highest score stands."""
    best: dict[float, int] = {}
    for i, cut in enumerate(cuts):
        if cut not in best or scores[best[cut]] < scores[i]:
            best[cut] = i
    return best


def _ks(log: MetricLog, name: str, mode: str, found: BinaryScores) -> None:
    best, fpr, tpr = found.ks()
    log.single(name, mode, "ks", best)
    for side, curve in (("fpr", fpr), ("tpr", tpr)):
        log.curve(
            mode,
            f"{name}_ks_{side}",
            "KS_EVALUATION",
            curve,
            curve_name=f"{name}_{side}",
            pair_type=name,
        )


def _precision_recall(log: MetricLog, name: str, mode: str, found: BinaryScores) -> None:
    precision, recall = found.precision(), found.recall()
    # Among steps of equal recall the one of highest precision is shown.
    kept = list(_best_by_cut(recall.values.tolist(), precision.values.tolist()).values())
    with_threshold = kept[:-1] if kept[-1] == len(precision.thresholds) - 1 else kept
    for title, curve in (("Precision", precision), ("Recall", recall)):
        log.curve(
            mode,
            f"{name}_{title.lower()}",
            f"{title.upper()}_BINARY_EVALUATION",
            Curve(curve.values[kept], curve.cuts[kept], curve.thresholds[with_threshold]),
            ordinate_name=title,
            curve_name=name,
            pair_type=name,
        )
        points = log.metrics[mode][f"{name}_{title.lower()}"].data
        if len(with_threshold) < len(kept):
            # The end that has no threshold is written as an integer.
            points[-1][0] = 1


def _best_of_each_cut(curve: Curve) -> Curve:
    best = _best_by_cut(curve.cuts.tolist(), curve.values.tolist())
    places = list(best.values())
    return Curve(
        np.append(curve.values[places], 1.0),
        np.append(curve.cuts[places], 1.0),
        np.append(curve.thresholds[places], 0.0),
    )


def log_binary(
    log: MetricLog, names: Sequence[str], name: str, mode: str, said: EventScores
) -> None:
    """Log what `names` asks for of one set of scores."""
    found = BinaryScores(said.events, said.scores, rising=log.behaviour.rising_thresholds)
    for metric in names:
        if metric == "auc":
            log.single(name, mode, metric, found.auc)
        elif metric == "ks":
            _ks(log, name, mode, found)
        elif metric == "roc":
            log.curve(
                mode,
                f"{name}_roc",
                "ROC_EVALUATION",
                found.roc(),
                unit_name="fpr",
                ordinate_name="tpr",
                curve_name=name,
            )
        elif metric in {"lift", "gain"}:
            curve = _best_of_each_cut(found.lift() if metric == "lift" else found.gain())
            kind = f"{metric.upper()}_EVALUATION"
            log.curve(mode, f"{name}_{metric}", kind, curve, curve_name=name)
        elif metric == "accuracy":
            curve = found.accuracy()
            log.curve(mode, f"{name}_accuracy", "ACCURACY_EVALUATION", curve, curve_name=name)
        elif metric == "recall":
            _precision_recall(log, name, mode, found)
        elif metric == "confusion_mat":
            counted, thresholds = found.confusion()
            counts = {side: numbers.tolist() for side, numbers in vars(counted).items()}
            log.table(name, mode, metric, **counts, thresholds=_rounded(thresholds))
        elif metric == "f1_score":
            values, thresholds = found.f1()
            log.table(
                name, mode, metric, f1_scores=_rounded(values), thresholds=_rounded(thresholds)
            )
        elif metric == "quantile_pr":
            precision, recall, thresholds = found.quantile_pr()
            log.table(
                name,
                mode,
                metric,
                p_scores=[[0.0, p] for p in _rounded(precision)],
                r_scores=[[0.0, r] for r in _rounded(recall)],
                thresholds=_rounded(thresholds),
            )


def log_stability(
    log: MetricLog, name: str, mode: str, train: EventScores, actual: EventScores
) -> None:
    """Log how far the scores of another set are from those of the training."""
    found = population_stability(train.scores, actual.scores, train.events, actual.events)
    found["psi_scores"] = _rounded(found["psi_scores"])
    (found["total_psi"],) = _rounded([found["total_psi"]])
    full = f"{name}_psi"
    log.metrics.setdefault(mode, {})[full] = Metric(
        [], {"name": full, "metric_type": "PSI", **found}
    )


def log_regression(
    log: MetricLog, names: Sequence[str], name: str, mode: str, said: Predictions
) -> None:
    """Log the errors of a regression."""
    labels, guesses = said.labels.astype(np.float64), said.scores.astype(np.float64)
    for metric in names:
        log.single(name, mode, metric, regression_score(metric, labels, guesses))


def log_multi(
    log: MetricLog, names: Sequence[str], name: str, mode: str, said: Predictions
) -> None:
    """Log how well several classes are told apart, together and by class."""
    accuracy, classes, precision, recall = class_scores(said.labels, said.results)
    single = {
        "accuracy": accuracy,
        "precision": float(np.mean(precision)),
        "recall": float(np.mean(recall)),
    }
    for metric in names:
        log.single(name, mode, metric, single[metric])
    for title, by_class in (("Precision", precision), ("Recall", recall)):
        metric = title.lower()
        if metric not in names:
            continue
        values = dict(zip(classes, _rounded(by_class), strict=True))
        points = [[place, values.get(place, 0.0)] for place in range(max(classes) + 1)]
        meta = {
            "metric_type": f"{title.upper()}_MULTI_EVALUATION",
            "ordinate_name": title,
            "curve_name": name,
            "pair_type": name,
        }
        log.keep(mode, f"{name}_{metric}", points, meta)


#: The columns of a table of clusters; a table of samples has three.
_CLUSTERS = 5
_SCORES = {"jaccard_similarity_score", "fowlkes_mallows_score", "adjusted_rand_score"}


def log_clustering(
    log: MetricLog,
    names: Sequence[str],
    name: str,
    mode: str,
    members: Sequence[tuple[str, list[Any]]],
) -> None:
    """Log what clusters are worth: from their table, or from the samples and their labels."""
    if len(members[0][1]) == _CLUSTERS:
        _log_clusters(log, names, name, mode, members)
        return
    if not all(type(value) is int for value in members[0][1][:2]):
        return
    labels, clusters = (np.array([row[place] for _, row in members]) for place in (0, 1))
    for metric in names:
        if metric in _SCORES:
            weighted = log.behaviour.weighted_jaccard
            score = clustering_score(metric, labels, clusters, weighted_jaccard=weighted)
            log.single(name, mode, metric, score)
        elif metric == "contingency_matrix":
            log.table(
                name,
                mode,
                metric,
                true_labels=np.unique(labels).tolist(),
                predicted_labels=list(range(int(clusters.max()) + 1)),
                result_table=contingency(labels, clusters),
            )


def _log_clusters(
    log: MetricLog,
    names: Sequence[str],
    name: str,
    mode: str,
    members: Sequence[tuple[str, list[Any]]],
) -> None:
    ordered = sorted(members, key=lambda member: int(member[0]))
    within = [value[1] for _, value in ordered]
    between = ordered[0][1][3]
    if "davies_bouldin_index" in names:
        log.single(name, mode, "davies_bouldin_index", davies_bouldin(within, between))
    if "distance_measure" in names:
        log.table(
            name,
            mode,
            "distance_measure",
            cluster_index=list(range(len(within))),
            radius=[value[2] for _, value in ordered],
            nearest_idx=nearest_clusters(len(within), between),
        )


def log_one_vs_rest(
    log: MetricLog, name: str, said: Predictions, modes: Sequence[str], pos_label: Any
) -> None:
    """Evaluate each class of a prediction over several against all others (AUC and KS).

    Every set gets the values of all sets together, as in FATE.
    """
    labels = said.labels.astype(np.str_)
    for place, label in enumerate(said.names):
        scores = said.details[:, place].astype(np.float64)
        events = labels == str(label)
        if pos_label and pos_label != 1:
            events = np.zeros(len(events), dtype=bool)
        found = BinaryScores(events, scores)
        values = (
            {"auc": 0, "ks": 0} if found.one_class_only else {"auc": found.auc, "ks": found.ks()[0]}
        )
        seen = {"train": "train" in modes, "validate": any(mode != "train" for mode in modes)}
        for mode, there in seen.items():
            full = f"{name}_class_{label}_ovr"
            meta = {str(label): values} if there else {}
            log.metrics.setdefault(mode, {})[full] = Metric(
                [], {"name": name, "metric_type": "ovr", **meta}
            )
