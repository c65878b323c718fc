"""Single values of an evaluation (AUC, KS, errors of a regression), and precision and recall by class."""

from __future__ import annotations

from dataclasses import dataclass

from flowkit.results.answers import Source, integer, number, read_metrics, source_of

__all__ = ["ClassScores", "Score", "read_class_scores", "read_scores"]

SUMMARIES = {"EVALUATION_SUMMARY", "CLUSTERING_EVALUATION_SUMMARY"}


@dataclass(frozen=True, slots=True)
class Score:
    """One value of an evaluation.

    Attributes:
        source: what was evaluated: a component, an iteration, a fold.
        dataset: the set of data: ``train``, ``validate``, ``predict``.
        metric: FATE's name: ``auc``, ``ks``, ``root_mean_squared_error``, ``davies_bouldin_index`` ….
        value: the value; FATE writes -9999999 for an infinite one.
    """

    source: str
    dataset: str
    metric: str
    value: float


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Precision and recall of each class, of an evaluation over more than two.

    Attributes:
        source: what was evaluated.
        dataset: the set of data.
        classes: shape (k,): the classes, numbered as FATE does.
        precision: shape (k,); 0 for a class that nothing was assigned to.
        recall: shape (k,); empty when only the other was asked for, as is precision.
    """

    source: str
    dataset: str
    classes: tuple[int, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]


def read_scores(metrics: Source | None) -> tuple[Score, ...]:
    """Return the single values in an answer of ``component.metric_all``.

    They are FATE's metrics of the types ``EVALUATION_SUMMARY`` and ``CLUSTERING_EVALUATION_SUMMARY``, the same on all
    lines, rounded to six digits; `component.get_summary` has them in full.

    Raises:
        ArgumentError: the answer has another form.
    """
    return tuple(
        Score(metric.name, metric.namespace, str(name), number(value, f"{metric.name}.{name}"))
        for metric in read_metrics(metrics)
        if metric.metric_type in SUMMARIES
        for name, value in metric.data
    )


def read_class_scores(metrics: Source | None) -> tuple[ClassScores, ...]:
    """Return precision and recall by class in an answer of ``component.metric_all``.

    They are FATE's metrics of the types ``PRECISION_MULTI_EVALUATION`` and ``RECALL_MULTI_EVALUATION``.

    Raises:
        ArgumentError: the answer has another form.
    """
    found: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    for metric in read_metrics(metrics):
        side = metric.metric_type.removesuffix("_MULTI_EVALUATION").lower()
        if side not in {"precision", "recall"} or side.upper() == metric.metric_type:
            continue
        key = metric.namespace, source_of(metric, f"_{side}")
        found.setdefault(key, {})[side] = {
            integer(place, metric.name): number(value, metric.name) for place, value in metric.data
        }
    result = []
    for (dataset, source), sides in found.items():
        classes = tuple(sorted({place for values in sides.values() for place in values}))
        columns = [
            tuple(sides[side].get(place, 0.0) for place in classes) if side in sides else ()
            for side in ("precision", "recall")
        ]
        result.append(ClassScores(source, dataset, classes, *columns))
    return tuple(result)
