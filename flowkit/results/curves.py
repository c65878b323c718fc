"""Curves: loss, ROC, KS, lift, gain, accuracy, precision and recall.

Curves of a binary evaluation go through the samples in descending order of their score. A point stands for a
threshold: samples above it count as positive (ROC: those at it as well).

============ ============================ ========================= =========================================
function     metrics of FATE 1.5 to 1.11  x                         y
============ ============================ ========================= =========================================
loss         ``LOSS``                     iteration, from 0         the loss, in the unit of the objective
roc          ``ROC_EVALUATION``           false positive rate       true positive rate
ks           ``KS_EVALUATION``, two       share of samples          true and false positive rate
lift         ``LIFT_EVALUATION``          share of samples          share of events found, times that of chance
gain         ``GAIN_EVALUATION``          share of samples          share of all events that was found
accuracy     ``ACCURACY_EVALUATION``      share of distinct scores  share of right answers
precision    ``PRECISION_BINARY_…`` and   recall                    precision (both also by the share of
recall       ``RECALL_BINARY_EVALUATION``                           distinct scores)
============ ============================ ========================= =========================================

Shares and rates are 0 to 1. FATE rounds evaluations to six digits. Later lines have more points on some of the
curves; the form is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flowkit.errors import ArgumentError
from flowkit.results.answers import Metric, Source, number, numbers, read_metrics, source_of
from flowkit.results.scores import read_scores

__all__ = [
    "Curve",
    "KsCurve",
    "LossCurve",
    "PrecisionRecallCurve",
    "RocCurve",
    "read_accuracy",
    "read_gain",
    "read_ks",
    "read_lift",
    "read_loss",
    "read_precision_recall",
    "read_roc",
]

Numbers = tuple[float, ...]
CurveFields = tuple[str, str, Numbers, Numbers, str, str, Numbers]

SHARE, SHARE_OF_SCORES = "share of samples", "share of distinct scores"


@dataclass(frozen=True, slots=True, repr=False)
class Curve:
    """A line through points.

    Attributes:
        source: what it is about: the component that was evaluated, an iteration, a fold.
        dataset: the set of data: ``train``, ``validate``, ``predict``.
        x: shape (n,), ascending.
        y: shape (n,).
        x_label: what x is.
        y_label: what y is.
        thresholds: the threshold of each of the first points; the end that FATE adds may have none,
            or 0 or 1 in its place, and a loss has none at all.
    """

    source: str
    dataset: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    thresholds: tuple[float, ...] = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}: {len(self.x)} points>"

    @property
    def label(self) -> str:
        """What to call it in a legend: ``hetero_lr_0 (train)``."""
        return f"{self.source} ({self.dataset})" if self.dataset else self.source

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The points, n pairs of x and y."""
        return tuple(zip(self.x, self.y, strict=True))


@dataclass(frozen=True, slots=True, repr=False)
class LossCurve(Curve):
    """The loss by iteration, or by tree, or by round of aggregation.

    Attributes:
        best: the lowest loss, where FATE says it (boosted trees).
    """

    best: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RocCurve(Curve):
    """The receiver operating characteristic.

    Attributes:
        auc: the area beneath it as FATE computed it; None when it is not among the metrics.
    """

    auc: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class KsCurve:
    """The Kolmogorov-Smirnov curves: how far events and others are apart, along the scores.

    Attributes:
        source: what was evaluated.
        dataset: the set of data.
        tpr: share of all events among the samples so far.
        fpr: share of all others among them.
        ks: the greatest distance as FATE computed it, 0 to 1; None when it is not among the metrics.
    """

    source: str
    dataset: str
    tpr: Curve
    fpr: Curve
    ks: float | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}: {len(self.tpr.x)} points, KS {self.ks}>"

    @property
    def label(self) -> str:
        """What to call it in a legend."""
        return self.tpr.label

    @property
    def widest(self) -> tuple[float, float]:
        """Where the distance of the points is greatest: x, and the distance there."""
        gaps = [a - b for a, b in zip(self.tpr.y, self.fpr.y, strict=True)]
        if not gaps:
            return 0.0, 0.0
        place = max(range(len(gaps)), key=gaps.__getitem__)
        return self.tpr.x[place], gaps[place]


@dataclass(frozen=True, slots=True, repr=False)
class PrecisionRecallCurve:
    """Precision and recall, each along the scores and both against each other.

    Attributes:
        source: what was evaluated.
        dataset: the set of data.
        precision: share of events among the samples so far.
        recall: share of all events among them.
    """

    source: str
    dataset: str
    precision: Curve
    recall: Curve

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}: {len(self.precision.x)} points>"

    @property
    def label(self) -> str:
        """What to call it in a legend."""
        return self.precision.label

    @property
    def curve(self) -> Curve:
        """Precision against recall, in the order of the thresholds, highest first."""
        return Curve(
            self.source,
            self.dataset,
            self.recall.y,
            self.precision.y,
            "recall",
            "precision",
            self.precision.thresholds,
        )


def read_loss(metrics: Source | None) -> tuple[LossCurve, ...]:
    """Return the losses in an answer of ``component.metric_all``; their source is the metric's name, ``loss``.

    Where the party trained nothing that it may see the loss of (the hosts of hetero models) there is none: the
    arbiter has it for linear models, the guest for trees.

    Raises:
        ArgumentError: the answer has another form.
    """
    found = []
    for metric in _of_type(metrics, "LOSS"):
        curve = _curve(metric, metric.name, _unit(metric), "loss")
        best = metric.meta.get("Best")
        best = None if best is None else number(best, f"{metric.name}.meta.Best")
        found.append(LossCurve(*_fields(curve), best=best))
    return tuple(found)


def read_roc(metrics: Source | None) -> tuple[RocCurve, ...]:
    """Return the ROC curves in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    single = _single_values(metrics, "auc")
    found = []
    for metric in _of_type(metrics, "ROC_EVALUATION"):
        source = source_of(metric, "_roc")
        curve = _curve(metric, source, "false positive rate", "true positive rate")
        found.append(RocCurve(*_fields(curve), auc=single.get((metric.namespace, source))))
    return tuple(found)


def read_ks(metrics: Source | None) -> tuple[KsCurve, ...]:
    """Return the KS curves in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    single = _single_values(metrics, "ks")
    sides: dict[str, dict[tuple[str, str], Curve]] = {"tpr": {}, "fpr": {}}
    titles = {"tpr": "true positive rate", "fpr": "false positive rate"}
    for metric in _of_type(metrics, "KS_EVALUATION"):
        side = metric.name[-3:]
        if side in sides:
            source = source_of(metric, f"_ks_{side}")
            curve = _curve(metric, source, SHARE, titles[side])
            sides[side][metric.namespace, source] = curve
    return tuple(
        KsCurve(source, dataset, tpr, sides["fpr"][dataset, source], single.get((dataset, source)))
        for (dataset, source), tpr in sides["tpr"].items()
        if _same_x(tpr, sides["fpr"].get((dataset, source)))
    )


def read_lift(metrics: Source | None) -> tuple[Curve, ...]:
    """Return the lift curves in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return _simple(metrics, "lift", "lift")


def read_gain(metrics: Source | None) -> tuple[Curve, ...]:
    """Return the gain curves in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return _simple(metrics, "gain", "share of events found")


def read_accuracy(metrics: Source | None) -> tuple[Curve, ...]:
    """Return the accuracy by threshold in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return _simple(metrics, "accuracy", "accuracy", SHARE_OF_SCORES)


def read_precision_recall(metrics: Source | None) -> tuple[PrecisionRecallCurve, ...]:
    """Return precision and recall of binary evaluations in an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    sides: dict[str, dict[tuple[str, str], Curve]] = {}
    for side in ("precision", "recall"):
        sides[side] = {
            (metric.namespace, source_of(metric, f"_{side}")): _curve(
                metric, source_of(metric, f"_{side}"), SHARE_OF_SCORES, side
            )
            for metric in _of_type(metrics, f"{side.upper()}_BINARY_EVALUATION")
        }
    return tuple(
        PrecisionRecallCurve(source, dataset, precision, sides["recall"][dataset, source])
        for (dataset, source), precision in sides["precision"].items()
        if _same_x(precision, sides["recall"].get((dataset, source)))
    )


def _simple(
    metrics: Source | None, name: str, y_label: str, x_label: str = SHARE
) -> tuple[Curve, ...]:
    return tuple(
        _curve(metric, source_of(metric, f"_{name}"), x_label, y_label)
        for metric in _of_type(metrics, f"{name.upper()}_EVALUATION")
    )


def _of_type(metrics: Source | None, metric_type: str) -> Iterator[Metric]:
    return (metric for metric in read_metrics(metrics) if metric.metric_type == metric_type)


def _unit(metric: Metric) -> str:
    """Return what the steps of a loss are called: FATE says ``iters`` or ``aggregate_round``."""
    unit = str(metric.meta.get("unit_name") or "iters")
    return {"iters": "iteration", "aggregate_round": "aggregation round"}.get(unit, unit)


def _curve(metric: Metric, source: str, x_label: str, y_label: str) -> Curve:
    x = numbers([key for key, _ in metric.data], f"{metric.name}.data")
    y = numbers([value for _, value in metric.data], f"{metric.name}.data")
    thresholds = numbers(metric.meta.get("thresholds"), f"{metric.name}.meta.thresholds")
    if len(thresholds) > len(x):
        raise ArgumentError(
            f"{metric.name}: {len(thresholds)} thresholds for {len(x)} points; the answer is damaged",
            argument="metrics",
        )
    return Curve(source, metric.namespace, x, y, x_label, y_label, thresholds)


def _fields(curve: Curve) -> CurveFields:
    """Return the fields of a curve, for one that has more."""
    return (
        curve.source,
        curve.dataset,
        curve.x,
        curve.y,
        curve.x_label,
        curve.y_label,
        curve.thresholds,
    )


def _single_values(metrics: Source | None, name: str) -> dict[tuple[str, str], float]:
    return {
        (score.dataset, score.source): score.value
        for score in read_scores(metrics)
        if score.metric == name
    }


def _same_x(one: Curve, other: Curve | None) -> bool:
    """Return whether two curves are halves of one.

    Raises:
        ArgumentError: they are, and have different points.
    """
    if other is None:
        return False
    if one.x != other.x:
        raise ArgumentError(
            f"{one.source}: {one.y_label} and {other.y_label} have different points; the answer is damaged",
            argument="metrics",
        )
    return True
