"""The parts of a report: what one component found, as charts and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowkit.display.charts import bar_chart, heat_map, line_chart
from flowkit.display.markup import Markup, element
from flowkit.display.tables import html_table, pairs_table
from flowkit.display.text import short
from flowkit.report.collection import ComponentAnswers
from flowkit.results import (
    Curve,
    read_accuracy,
    read_binning,
    read_class_scores,
    read_coefficients,
    read_confusion,
    read_contingency,
    read_correlations,
    read_feature_stability,
    read_gain,
    read_importance,
    read_ks,
    read_lift,
    read_loss,
    read_metrics,
    read_precision_recall,
    read_roc,
    read_scorecard,
    read_scores,
    read_stability,
    read_trees,
)

__all__ = ["component_parts"]

MOST_FEATURES, MOST_TREES, MOST_MATRICES = 12, 5, 6
#: Iterations of a training are evaluated each for itself; a report shows the last.
PER_ITERATION = "iteration_"


def component_parts(answers: ComponentAnswers) -> Iterator[Markup]:
    """Yield charts and tables of what a component found, in the order in which people ask for them."""
    for part in (_scores, _curves, _tables, _stability, _model):
        yield from part(answers)
    if answers.summary:
        yield _folded("Summary", pairs_table(_flat(answers.summary)))
    if answers.parameters:
        yield _folded("Parameters", pairs_table(_flat(answers.parameters)))


def _scores(answers: ComponentAnswers) -> Iterator[Markup]:
    rows = [
        {"of": one.source, "set": one.dataset, "metric": one.metric, "value": one.value}
        for one in read_scores(answers.metrics)
    ]
    if rows:
        yield html_table(rows, caption="Scores")
    others = {
        metric.name: ", ".join(f"{key} {value}" for key, value in metric.data)
        for metric in read_metrics(answers.metrics)
        if metric.metric_type in {"INTERSECTION", "UNION", "SAMPLE_TEXT", "DOWNLOAD", "UPLOAD"}
    }
    if others:
        yield pairs_table(others)


def _curves(answers: ComponentAnswers) -> Iterator[Markup]:
    metrics = answers.metrics
    if losses := read_loss(metrics):
        series = [(loss.label, loss.x, loss.y) for loss in losses]
        yield line_chart("Loss", series, losses[0].x_label, "loss")
    roc = read_roc(metrics)
    yield from _lines("ROC", roc, lambda one: f"{one.label} AUC {one.auc}", diagonal=True)
    for ks in read_ks(metrics):
        if not ks.source.startswith(PER_ITERATION):
            series = [
                ("true positive rate", ks.tpr.x, ks.tpr.y),
                ("false positive rate", ks.fpr.x, ks.fpr.y),
            ]
            title = f"KS of {ks.label}: {ks.ks if ks.ks is not None else ks.widest[1]:.4g}"
            yield line_chart(title, series, ks.tpr.x_label, "rate")
    yield from _lines("Lift", read_lift(metrics), zero=True)
    yield from _lines("Gain", read_gain(metrics), diagonal=True)
    curves = tuple(one.curve for one in read_precision_recall(metrics))
    yield from _lines("Precision and recall", curves, zero=True)
    yield from _lines("Accuracy", read_accuracy(metrics))


def _lines(
    title: str,
    curves: tuple[Any, ...],
    label: Callable[[Any], str] = lambda one: str(one.label),
    *,
    diagonal: bool = False,
    zero: bool = False,
) -> Iterator[Markup]:
    shown: list[Curve] = [one for one in curves if not one.source.startswith(PER_ITERATION)]
    if shown:
        series = [(label(one), one.x, one.y) for one in shown]
        heading = title if len(shown) > 1 else f"{title}, {series[0][0]}"
        yield line_chart(
            heading, series, shown[0].x_label, shown[0].y_label, diagonal=diagonal, zero=zero
        )


def _tables(answers: ComponentAnswers) -> Iterator[Markup]:
    for found in read_confusion(answers.metrics)[:MOST_MATRICES]:
        matrix = found.at(0.5)
        rows = [
            {
                "": "actual negative",
                "predicted negative": matrix.tn,
                "predicted positive": matrix.fp,
            },
            {
                "": "actual positive",
                "predicted negative": matrix.fn,
                "predicted positive": matrix.tp,
            },
        ]
        yield html_table(rows, caption=f"Confusion matrix of {found.label} at {matrix.threshold:g}")
    for table in read_contingency(answers.metrics):
        rows = [
            {"label": label, **dict(zip(table.clusters, counts, strict=True))}
            for label, counts in zip(table.labels, table.counts, strict=True)
        ]
        yield html_table(rows, caption=f"Clusters of {table.source}")
    for scores in read_class_scores(answers.metrics):
        names = [str(one) for one in scores.classes]
        for title, values in (("Precision", scores.precision), ("Recall", scores.recall)):
            if values:
                yield bar_chart(f"{title} by class, {scores.source}", names, values)


def _stability(answers: ComponentAnswers) -> Iterator[Markup]:
    for one in read_stability(answers.metrics):
        title = f"PSI of the scores of {one.name}: {one.total:.4g}"
        yield bar_chart(
            title, one.intervals, one.expected, "expected share, actual share below", one.actual
        )
    features = read_feature_stability(answers.model)
    if features:
        ranked = sorted(features, key=lambda one: -one.total)
        yield bar_chart(
            "PSI by feature", [f.name for f in ranked], [f.total for f in ranked], "PSI"
        )


def _model(answers: ComponentAnswers) -> Iterator[Markup]:
    model = answers.model
    if importance := read_importance(model):
        names = [one.feature for one in importance]
        measure = importance[0].measure or "importance"
        yield bar_chart(
            "Feature importance", names, [one.importance for one in importance], measure
        )
    for one in read_coefficients(model):
        title = "Coefficients" + (f" of class {one.label}" if one.label else "")
        names = [*one.weights, "(intercept)"]
        yield bar_chart(title, names, [*one.weights.values(), one.intercept])
    yield from _bins(model)
    if correlations := read_correlations(model):
        matrices = [("Correlations", correlations.local)]
        if correlations.across:
            matrices.append(("Correlations across parties", correlations.across))
        for title, matrix in matrices:
            yield heat_map(title, matrix.rows, matrix.columns, matrix.values)
    if trees := read_trees(model):
        shown = [
            element("pre", "\n".join(f"{'  ' * depth}{node.rule}" for depth, node in tree.walk()))
            for tree in trees[:MOST_TREES]
            if tree.nodes
        ]
        yield _folded(f"Trees ({len(shown)} of {len(trees)})", *shown)
    if card := read_scorecard(answers.summary):
        yield element("p", card.formula)


def _bins(model: Mapping[str, Any]) -> Iterator[Markup]:
    features = read_binning(model)
    if not features:
        return
    counted = sorted((one for one in features if one.iv), key=lambda one: -one.iv)
    if counted:
        names = [one.feature for one in counted]
        yield bar_chart("Information value by feature", names, [one.iv for one in counted], "IV")
    for one in counted[:MOST_FEATURES]:
        woe = [bin_.woe or 0.0 for bin_ in one.bins]
        yield bar_chart(f"WOE of {one.feature}", [b.interval for b in one.bins], woe, "WOE")
    if not counted:
        rows = [
            {"feature": f.feature, "bins": ", ".join(b.interval for b in f.bins)} for f in features
        ]
        yield html_table(rows, caption="Bins; the guest has the counts")


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one, names joined by dots."""
    found: dict[str, Any] = {}
    pending = [(prefix, values)]
    while pending:
        before, mapping = pending.pop()
        for name, value in mapping.items():
            if isinstance(value, Mapping) and value and before.count(".") < 4:
                pending.append((f"{before}{name}.", value))
            else:
                found[f"{before}{name}"] = short(value) if isinstance(value, Mapping) else value
    return dict(sorted(found.items()))


def _folded(title: str, *content: Markup) -> Markup:
    return element("details", element("summary", title), *content)
