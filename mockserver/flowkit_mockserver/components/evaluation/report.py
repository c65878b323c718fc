"""The metrics of an evaluation as they are logged: single values, curves, tables."""

from __future__ import annotations

import math
from typing import Any

from flowkit_mockserver.components.core.interface import Metric
from flowkit_mockserver.components.evaluation.classification_metric import Curve

__all__ = ["MetricLog", "rounded"]

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
