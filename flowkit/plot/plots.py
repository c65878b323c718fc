"""The plots: each takes data of `flowkit.results`, a reply or the name of a component, and returns axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowkit import results
from flowkit.display.charts import COLOURS
from flowkit.display.graphs import STATUS_COLOURS
from flowkit.errors import ArgumentError
from flowkit.jobs.overview import look_at_job
from flowkit.plot.drawing import draw_curves, horizontal_bars, new_axes
from flowkit.plot.sources import Source, read_source

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "binning",
    "confusion",
    "dag",
    "gain",
    "importance",
    "ks",
    "lift",
    "loss",
    "precision_recall",
    "roc",
]

METRICS, MODEL = "metric_all", "output_model"
MOST_FEATURES = 20


def loss(source: Source, ax: Axes | None = None) -> Axes:
    """Plot losses by iteration; the arbiter has that of linear models, the guest that of trees.

    Args:
        source: losses (`flowkit.results.read_loss`), a reply of ``component.metric_all``, or
            (client, job_id, component), with role and party at the end to ask that one only.
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no loss in it.
        FlowError: matplotlib is not installed, or the server did not answer.
    """
    found = read_source(source, results.LossCurve, results.read_loss, METRICS, "loss")
    ax = new_axes(ax, "Loss", found[0].x_label, found[0].y_label)
    return draw_curves(ax, found, [one.label for one in found])


def roc(source: Source, ax: Axes | None = None) -> Axes:
    """Plot ROC curves, with their AUC.

    Args:
        source: curves (`flowkit.results.read_roc`), a reply of ``component.metric_all``, or
            (client, job_id, component).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no ROC curve in it.
        FlowError: see `loss`.
    """
    found = read_source(source, results.RocCurve, results.read_roc, METRICS, "ROC curve")
    labels = [f"{c.label}, AUC {c.auc:.4f}" if c.auc is not None else c.label for c in found]
    ax = new_axes(ax, "ROC", found[0].x_label, found[0].y_label)
    ax.set_aspect("equal")
    return draw_curves(ax, found, labels, chance=True)


def ks(source: Source, ax: Axes | None = None) -> Axes:
    """Plot the true and the false positive rate, and where they are farthest apart.

    Args:
        source: curves (`flowkit.results.read_ks`), a reply of ``component.metric_all``, or
            (client, job_id, component).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no KS curve in it.
        FlowError: see `loss`.
    """
    found = read_source(source, results.KsCurve, results.read_ks, METRICS, "KS curve")
    ax = new_axes(ax, "KS", found[0].tpr.x_label, "rate")
    curves = [curve for one in found for curve in (one.tpr, one.fpr)]
    labels = [f"{one.label}, {side}" for one in found for side in ("events", "others")]
    draw_curves(ax, curves, labels, legend_at="upper left")
    for one in found:
        place, gap = one.widest
        low = one.fpr.y[one.fpr.x.index(place)] if one.fpr.x else 0.0
        ax.vlines(place, low, low + gap, colors="0.4", linestyles=":")
        shown = one.ks if one.ks is not None else gap
        ax.annotate(
            f"{shown:.4f}", (place, low + gap / 2), xytext=(4, 0), textcoords="offset points"
        )
    return ax


def lift(source: Source, ax: Axes | None = None) -> Axes:
    """Plot lift curves: how many times as many events are found as by chance.

    Args:
        source: curves (`flowkit.results.read_lift`), a reply of ``component.metric_all``, or
            (client, job_id, component).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no lift curve in it.
        FlowError: see `loss`.
    """
    return _curves(source, results.read_lift, "Lift", ax)


def gain(source: Source, ax: Axes | None = None) -> Axes:
    """Plot gain curves: what share of the events is found in what share of the samples.

    Args:
        source: curves (`flowkit.results.read_gain`), a reply of ``component.metric_all``, or
            (client, job_id, component).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no gain curve in it.
        FlowError: see `loss`.
    """
    return _curves(source, results.read_gain, "Gain", ax, chance=True)


def precision_recall(source: Source, ax: Axes | None = None) -> Axes:
    """Plot precision against recall.

    Args:
        source: curves (`flowkit.results.read_precision_recall`), a reply of
            ``component.metric_all``, or (client, job_id, component).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: there is no such curve in it.
        FlowError: see `loss`.
    """
    found = read_source(
        source, results.PrecisionRecallCurve, results.read_precision_recall, METRICS,
        "precision and recall",
    )  # fmt: skip
    ax = new_axes(ax, "Precision and recall", "recall", "precision")
    ax.set_ylim(0, 1.05)
    return draw_curves(ax, [one.curve for one in found], [one.label for one in found])


def confusion(source: Source, ax: Axes | None = None, *, threshold: float = 0.5) -> Axes:
    """Plot a confusion matrix: how many samples of each class were predicted as which.

    Args:
        source: matrices (`flowkit.results.read_confusion`), a reply of ``component.metric_all``, or
            (client, job_id, component); of several the first is plotted.
        ax: where to draw; new axes by default.
        threshold: the threshold; of those that the server has, the closest is plotted and named.

    Raises:
        ArgumentError: there is no confusion matrix in it.
        FlowError: see `loss`.
    """
    found = read_source(
        source, results.ConfusionMatrices, results.read_confusion, METRICS, "confusion matrix"
    )[0]
    matrix = found.at(threshold)
    title = f"{found.label} at {matrix.threshold:g}"
    ax = new_axes(ax, title, "predicted", "actual")
    ax.imshow(matrix.table, cmap="Blues", vmin=0)
    highest = max(max(row) for row in matrix.table)
    for i, row in enumerate(matrix.table):
        for j, count in enumerate(row):
            colour = "white" if count > highest / 2 else "black"
            ax.text(j, i, str(count), ha="center", va="center", color=colour)
    ax.set_xticks([0, 1], ["negative", "positive"])
    ax.set_yticks([0, 1], ["negative", "positive"])
    return ax


def importance(source: Source, ax: Axes | None = None, *, most: int = MOST_FEATURES) -> Axes:
    """Plot the importance of features in boosted trees, the highest on top.

    Args:
        source: importances (`flowkit.results.read_importance`), a reply of
            ``component.output_model``, or (client, job_id, component).
        ax: where to draw; new axes by default.
        most: features at most; how many are left out stands in the title.

    Raises:
        ArgumentError: there is no importance in it.
        FlowError: see `loss`.
    """
    found = read_source(
        source, results.FeatureImportance, results.read_importance, MODEL, "feature importance"
    )
    shown = found[:most]
    title = "Feature importance" + (f" ({most} of {len(found)})" if len(shown) < len(found) else "")
    ax = new_axes(ax, title, found[0].measure)
    return horizontal_bars(ax, [one.feature for one in shown], [one.importance for one in shown])


def binning(source: Source, ax: Axes | None = None, *, feature: str | None = None) -> Axes:
    """Plot the weight of evidence of the bins of a feature.

    Args:
        source: bins (`flowkit.results.read_binning`), a reply of ``component.output_model``, or
            (client, job_id, component).
        ax: where to draw; new axes by default.
        feature: which feature; by default the one of the highest information value.

    Raises:
        ArgumentError: there are no bins in it, none of that feature, or no counts of them: the
            guest has those.
        FlowError: see `loss`.
    """
    found = read_source(source, results.FeatureBins, results.read_binning, MODEL, "binning")
    names = [one.feature for one in found]
    if feature is not None and feature not in names:
        text = f"feature {feature!r} was not binned; there are {', '.join(names)}"
        raise ArgumentError(text, argument="feature", value=feature)
    chosen = max((one for one in found if feature in {None, one.feature}), key=lambda one: one.iv)
    if all(one.woe is None for one in chosen.bins):
        text = f"{chosen.feature} has bounds and no counts: only the guest's model has those"
        raise ArgumentError(text, argument="source")
    title = f"{chosen.feature}, IV {chosen.iv:.4g}"
    ax = new_axes(ax, title, "weight of evidence", "")
    values = [one.woe or 0.0 for one in chosen.bins]
    return horizontal_bars(ax, [one.interval for one in chosen.bins], values)


def dag(source: Source, ax: Axes | None = None) -> Axes:
    """Plot the graph of a job: its components, coloured by their status.

    Args:
        source: a graph (`flowkit.results.read_dag`), a DSL, or (client, job_id).
        ax: where to draw; new axes by default.

    Raises:
        ArgumentError: it is no graph.
        FlowError: see `loss`.
    """
    graph = _graph(source)
    widest = max((len(layer) for layer in graph.layers), default=1)
    ax = new_axes(ax, "", size=(max(2.2 * widest, 4), max(0.8 * len(graph.layers), 1.5)))
    places = {
        node.name: ((place + 0.5) * widest / len(layer), -row)
        for row, layer in enumerate(graph.layers)
        for place, node in enumerate(layer)
    }
    for edge in graph.edges:
        ax.annotate(
            "",
            places[edge.target],
            places[edge.source],
            arrowprops={"arrowstyle": "->", "color": "0.5", "shrinkA": 14, "shrinkB": 14},
        )
    for node in graph.nodes:
        colour = STATUS_COLOURS.get(node.status, COLOURS[-1])
        text = f"{node.name}\n{node.module}" if node.module else node.name
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": colour, "linewidth": 1.5}
        ax.text(
            *places[node.name], text, ha="center", va="center", fontsize=8, bbox=box, parse_math=False
        )  # fmt: skip
    ax.set_xlim(0, widest)
    ax.set_ylim(-len(graph.layers) + 0.4, 0.6)
    ax.set_axis_off()
    return ax


def _graph(source: Source) -> results.Dag:
    if isinstance(source, results.Dag):
        return source
    if isinstance(source, Mapping):
        return results.read_dag(source)
    if isinstance(source, tuple) and len(source) == 2 and hasattr(source[0], "component"):
        return look_at_job(source[0], str(source[1])).dag
    text = f"source must be a Dag, a DSL or (client, job_id): got {type(source).__name__}"
    raise ArgumentError(text, argument="source")


def _curves(
    source: Source, read: Any, title: str, ax: Axes | None, *, chance: bool = False
) -> Axes:
    found: Sequence[results.Curve] = read_source(
        source, results.Curve, read, METRICS, f"{title.lower()} curve"
    )
    ax = new_axes(ax, title, found[0].x_label, found[0].y_label)
    return draw_curves(ax, found, [one.label for one in found], chance=chance)
