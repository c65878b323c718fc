"""The metrics of a component as blocks of a page: every type that FATE has, and what is of another type as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit import results
from flowkit.results import Metric
from flowkit_mockserver.board.figures.blocks import (
    Block,
    Chart,
    Document,
    Grid,
    Table,
    curve_chart,
    stability_bars,
)

__all__ = ["metric_blocks"]

Answer = Mapping[str, Any]
#: Ends of the types of metrics that have a form of their own below.
SHOWN = frozenset({
    "LOSS", "ROC_EVALUATION", "KS_EVALUATION", "LIFT_EVALUATION", "GAIN_EVALUATION", "ACCURACY_EVALUATION",
    "PRECISION_BINARY_EVALUATION", "RECALL_BINARY_EVALUATION", "PRECISION_MULTI_EVALUATION",
    "RECALL_MULTI_EVALUATION", "CONFUSION_MAT", "CONTINGENCY_MATRIX", "PSI", "EVALUATION_SUMMARY",
    "CLUSTERING_EVALUATION_SUMMARY",
})  # fmt: skip


def metric_blocks(answer: Answer) -> list[Block]:
    """Return the blocks of an answer of ``component.metric_all``.

    Raises:
        ArgumentError: the answer has another form.
    """
    return [
        *_scores(answer),
        *_curves(answer),
        *_matrices(answer),
        *(stability_bars(found) for found in results.read_stability(answer)),
        *_others(answer),
    ]


def _scores(answer: Answer) -> Iterator[Block]:
    scores = results.read_scores(answer)
    if scores:
        labels = list(dict.fromkeys((one.source, one.dataset) for one in scores))
        values = {(one.metric, one.source, one.dataset): one.value for one in scores}
        rows = [
            [name, *(values.get((name, *label)) for label in labels)]
            for name in dict.fromkeys(one.metric for one in scores)
        ]
        yield Table("Scores", ["metric", *(f"{s} ({d})" for s, d in labels)], rows)
    for found in results.read_class_scores(answer):
        columns = {"precision": found.precision, "recall": found.recall}
        given = {name: column for name, column in columns.items() if column}
        rows = [
            [f"class {number}", *values]
            for number, *values in zip(found.classes, *given.values(), strict=True)
        ]
        yield Table(f"Classes of {found.source} ({found.dataset})", ["class", *given], rows)


def _curves(answer: Answer) -> Iterator[Chart]:
    for loss in results.read_loss(answer):
        best = "" if loss.best is None else f"best {loss.best:.6g}"
        yield curve_chart(f"Loss ({loss.dataset})", {"loss": loss}, note=best, steps=True)
    for roc in results.read_roc(answer):
        area = "" if roc.auc is None else f"AUC {roc.auc:.6g}"
        yield curve_chart(f"ROC of {roc.label}", {"ROC": roc}, note=area, diagonal=True)
    for ks in results.read_ks(answer):
        place, distance = ks.widest
        note = f"KS {ks.ks if ks.ks is not None else distance:.6g}, at {place:.6g} of the samples"
        lines = {"true positive rate": ks.tpr, "false positive rate": ks.fpr}
        yield curve_chart(f"KS of {ks.label}", lines, note=note)
    for pair in results.read_precision_recall(answer):
        yield curve_chart(f"Precision and recall of {pair.label}", {"precision": pair.curve})
    for title, read in (
        ("Lift", results.read_lift),
        ("Gain", results.read_gain),
        ("Accuracy", results.read_accuracy),
    ):
        for curve in read(answer):
            lines = {title.lower(): curve}
            yield curve_chart(f"{title} of {curve.label}", lines, diagonal=title == "Gain")


def _matrices(answer: Answer) -> Iterator[Block]:
    for found in results.read_confusion(answer):
        if not found.matrices:
            continue
        matrix = found.at()
        yield Grid(
            f"Confusion matrix of {found.label}",
            ["actual negative", "actual positive"],
            ["predicted negative", "predicted positive"],
            matrix.table,
            high=float(matrix.total),
            note=f"at threshold {matrix.threshold:.6g}: accuracy {matrix.accuracy:.6g}",
            by_threshold=True,
        )
        yield Table(
            f"Confusion by threshold of {found.label}",
            ["threshold", "true positives", "false positives", "true negatives", "false negatives"],
            [[one.threshold, one.tp, one.fp, one.tn, one.fn] for one in found.matrices],
        )
    for table in results.read_contingency(answer):
        most = max((max(row, default=0) for row in table.counts), default=0)
        yield Grid(
            f"Contingency of {table.source} ({table.dataset})",
            table.labels,
            table.clusters,
            table.counts,
            high=float(most),
            corner="label and cluster",
        )


def _others(answer: Answer) -> Iterator[Block]:
    for metric in results.read_metrics(answer):
        if metric.metric_type in SHOWN:
            continue
        if metric.data:
            yield Table(_title(metric), ["name", "value"], [list(pair) for pair in metric.data])
        rest = {
            name: value
            for name, value in metric.meta.items()
            if name not in {"metric_type", "name", "curve_name"}
        }
        if metric.data or not rest:
            continue
        columns = {name: values for name, values in rest.items() if _is_column(values)}
        if columns == rest and len({len(values) for values in columns.values()}) == 1:
            # The thresholds come first, as in every other table.
            names = sorted(columns, key=lambda name: name != "thresholds")
            rows = [list(row) for row in zip(*(columns[name] for name in names), strict=True)]
            yield Table(_title(metric), names, rows)
        else:
            yield Document(_title(metric), rest)


def _is_column(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, int | float | list) for one in values)


def _title(metric: Metric) -> str:
    return f"{metric.name} ({metric.namespace})" if metric.namespace else metric.name
