"""Confusion matrices by threshold, and the contingency tables of clusterings."""

from __future__ import annotations

from dataclasses import dataclass

from flowkit.errors import ArgumentError
from flowkit.results.answers import (
    Metric,
    Source,
    integer,
    numbers,
    read_metrics,
    sequence_at,
    source_of,
    texts,
)

__all__ = [
    "ConfusionMatrices",
    "ConfusionMatrix",
    "ContingencyTable",
    "read_confusion",
    "read_contingency",
]


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """How many samples of each class were predicted as which, at one threshold.

    Attributes:
        threshold: samples whose score is above it are predicted as positive.
        tp: true positives: positives that were predicted as positive.
        fp: false positives: negatives that were predicted as positive.
        tn: true negatives: negatives that were predicted as negative.
        fn: false negatives: positives that were predicted as negative.
    """

    threshold: float
    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def total(self) -> int:
        """How many samples there are."""
        return self.tp + self.fp + self.tn + self.fn

    @property
    def table(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Shape (2, 2): a row for each truth, a column for each answer, other before event: ((tn, fp), (fn, tp))."""
        return (self.tn, self.fp), (self.fn, self.tp)

    @property
    def accuracy(self) -> float:
        """Share of right answers; 0 when there are no samples."""
        return (self.tp + self.tn) / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True, repr=False)
class ConfusionMatrices:
    """The confusion matrices of one evaluation.

    Attributes:
        source: what was evaluated.
        dataset: the set of data: ``train``, ``validate``, ``predict``.
        matrices: one for each threshold, about a hundred of them, in FATE's order: falling thresholds
            up to 1.6, rising ones later.
    """

    source: str
    dataset: str
    matrices: tuple[ConfusionMatrix, ...]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label}: {len(self.matrices)} thresholds>"

    @property
    def label(self) -> str:
        """What to call them in a legend."""
        return f"{self.source} ({self.dataset})"

    def at(self, threshold: float = 0.5) -> ConfusionMatrix:
        """Return the matrix whose threshold is closest to `threshold`; it says which one that is.

        Raises:
            ArgumentError: there are no matrices.
        """
        if not self.matrices:
            raise ArgumentError(f"{self.label} has no confusion matrices", argument="metrics")
        return min(self.matrices, key=lambda matrix: abs(matrix.threshold - threshold))


@dataclass(frozen=True, slots=True)
class ContingencyTable:
    """How samples of each label fell into clusters.

    Attributes:
        source: what was evaluated.
        dataset: the set of data.
        labels: shape (r,): the true labels.
        clusters: shape (c,): the clusters.
        counts: shape (r, c): samples.
    """

    source: str
    dataset: str
    labels: tuple[str, ...]
    clusters: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def read_confusion(metrics: Source | None) -> tuple[ConfusionMatrices, ...]:
    """Return the confusion matrices in an answer of ``component.metric_all``.

    They are FATE's metrics of the type ``CONFUSION_MAT``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return tuple(
        ConfusionMatrices(source_of(metric, "_confusion_mat"), metric.namespace, _matrices(metric))
        for metric in read_metrics(metrics)
        if metric.metric_type == "CONFUSION_MAT"
    )


def read_contingency(metrics: Source | None) -> tuple[ContingencyTable, ...]:
    """Return the contingency tables of clusterings in an answer of ``component.metric_all``.

    They are FATE's metrics of the type ``CONTINGENCY_MATRIX``.

    Raises:
        ArgumentError: the answer has another form.
    """
    found = []
    for metric in read_metrics(metrics):
        if metric.metric_type != "CONTINGENCY_MATRIX":
            continue
        rows = sequence_at(metric.meta, "result_table")
        where = f"{metric.name}.result_table"
        labels = texts(metric.meta.get("true_labels"), "true_labels")
        clusters = texts(metric.meta.get("predicted_labels"), "predicted_labels")
        counts = tuple(
            tuple(integer(count, where) for count in numbers(row, where)) for row in rows
        )
        if len(counts) != len(labels) or any(len(row) != len(clusters) for row in counts):
            raise ArgumentError(
                f"{where} is not {len(labels)} by {len(clusters)}; the answer is damaged",
                argument="metrics",
            )
        source = source_of(metric, "_contingency_matrix")
        found.append(ContingencyTable(source, metric.namespace, labels, clusters, counts))
    return tuple(found)


def _matrices(metric: Metric) -> tuple[ConfusionMatrix, ...]:
    names = ("thresholds", "tp", "fp", "tn", "fn")
    columns = [numbers(metric.meta.get(name), f"{metric.name}.{name}") for name in names]
    if len({len(column) for column in columns}) != 1:
        raise ArgumentError(
            f"{metric.name}: its columns differ in length; the answer is damaged",
            argument="metrics",
        )
    return tuple(
        ConfusionMatrix(row[0], *(integer(count, metric.name) for count in row[1:]))
        for row in zip(*columns, strict=True)
    )
