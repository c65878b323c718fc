"""The filters of feature selection: which columns stay, judged by one number each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.statistic.moments import kurtosis, mean_and_deviation, skewness
from flowkit_mockserver.components.statistic.quantile import quantile, rank_values
from flowkit_mockserver.proto.documents import message

__all__ = ["Rule", "column_number", "keep", "model_numbers", "rules_of"]

_ISOMETRIC = {
    "iv_filter": "iv_param",
    "statistic_filter": "statistic_param",
    "psi_filter": "psi_param",
    "vif_filter": "vif_param",
    "hetero_sbt_filter": "sbt_param",
    "homo_sbt_filter": "sbt_param",
    "hetero_fast_sbt_filter": "sbt_param",
}
_CORRELATION = "correlation"
_ZERO = 1e-8


@dataclass(frozen=True)
class Rule:
    """One filter.

    Attributes:
        name: as the user wrote it.
        metric: the number a column is judged by; empty for filters that need none.
        kind: threshold, top_k or top_percentile.
        high: whether high numbers stay.
        threshold: the bound, the k, or the share.
        federated: whether the meta buffer says that hosts take part.
        host_thresholds: bounds for the hosts in order, where they differ; the last counts for all that follow.
    """

    name: str
    metric: str = ""
    kind: str = ""
    high: bool = False
    threshold: float = 0.0
    federated: bool = False
    host_thresholds: list[float] | None = None

    def meta(self) -> dict[str, Any]:
        """Return the rule as in a model buffer."""
        return message(
            "FilterMeta",
            metrics=self.metric,
            filterType=self.kind,
            takeHigh=self.high,
            threshold=self.threshold,
            selectFederated=self.federated,
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else values[-1]


def _for_hosts(given: Any) -> list[float] | None:
    """Return the bounds for the hosts: a single number counts for all of them."""
    return None if given is None else _listed(given)


def _isometric(method: str, asked: Mapping[str, Any]) -> list[Rule]:
    given = asked[_ISOMETRIC[method]]
    hosts = given.get("host_thresholds") or [None]
    kinds, highs = _listed(given["filter_type"]), _listed(given["take_high"])
    thresholds, federated = _listed(given["threshold"]), _listed(given["select_federated"])
    return [
        Rule(
            method,
            metric,
            _at(kinds, place),
            bool(_at(highs, place)),
            _at(thresholds, place),
            bool(_at(federated, place)),
            _for_hosts(_at(hosts, place)),
        )
        for place, metric in enumerate(_listed(given["metrics"]))
    ]


def rules_of(asked: Mapping[str, Any]) -> list[Rule]:
    """Return the filters that a parameter asks for, in order.

    Raises:
        ValueError: there is no such filter.
    """
    rules: list[Rule] = []
    for method in asked["filter_methods"]:
        if method in {"manually", "percentage_value"}:
            rules.append(Rule(method))
        elif method == "unique_value":
            eps = asked["unique_param"]["eps"]
            rules.append(Rule(method, "stddev", "threshold", True, eps, True))
        elif method == "iv_value_thres":
            given = asked["iv_value_param"]
            hosts = given["host_thresholds"]
            bound, federated = given["value_threshold"], not given["local_only"]
            rules.append(Rule(method, "iv", "threshold", True, bound, federated, hosts))
        elif method == "iv_percentile":
            given = asked["iv_percentile_param"]
            bound, federated = given["percentile_threshold"], not given["local_only"]
            rules.append(Rule(method, "iv", "top_percentile", True, bound, federated))
        elif method == "iv_top_k":
            given = asked["iv_top_k_param"]
            rules.append(Rule(method, "iv", "top_k", True, given["k"], not given["local_only"]))
        elif method == "coefficient_of_variation_value_thres":
            bound = asked["variance_coe_param"]["value_threshold"]
            metric = "coefficient_of_variance"
            rules.append(Rule(method, metric, "threshold", True, bound, True))
        elif method == "outlier_cols":
            given = asked["outlier_param"]
            metric = f"{int(given['percentile'] * 100)}%"
            rules.append(Rule(method, metric, "threshold", False, given["upper_threshold"], True))
        elif method == "correlation_filter":
            given = asked["correlation_param"]
            kind = "Sort and filter by threshold"
            federated = given["select_federated"]
            rules.append(Rule(method, _CORRELATION, kind, False, given["threshold"], federated))
        elif method in _ISOMETRIC:
            rules += _isometric(method, asked)
        else:
            raise ValueError(f"filter method: {method} does not exist")
    return rules


def keep(
    values: Sequence[float], rule: Rule, thresholds: Sequence[float] | None = None
) -> list[int]:
    """Return the positions of the values that stay.

    Args:
        values: one for each column.
        rule: by which they are judged.
        thresholds: a bound for each value, where they differ.
    """
    if rule.kind == "threshold":
        bounds = thresholds or [rule.threshold] * len(values)
        pairs = enumerate(zip(values, bounds, strict=True))
        return [i for i, (v, bound) in pairs if (v >= bound if rule.high else v <= bound)]
    count = int(rule.threshold)
    if rule.kind != "top_k":
        count = math.ceil(rule.threshold * len(values))
    order = sorted(range(len(values)), key=values.__getitem__, reverse=rule.high)
    return sorted(order[:count])


def column_number(metric: str, column: Sequence[Any]) -> float:
    """Return a number about a column, computed from its values.

    Raises:
        ValueError: there is no such number.
    """
    ordered = rank_values(column)
    if metric.endswith("%"):
        return quantile(ordered, float(metric[:-1]) / 100)
    if metric == "mode_share":
        counts = Counter(round(value, 8) for value in ordered)
        return max(counts.values()) / len(column) if counts else 1.0
    mean, deviation = mean_and_deviation(ordered)
    numbers = {
        "mean": mean,
        "stddev": deviation,
        "variance": deviation * deviation,
        "sum": sum(ordered),
        "min": ordered[0],
        "max": ordered[-1],
        "median": quantile(ordered, 0.5),
        "coefficient_of_variance": abs(deviation / (mean if abs(mean) >= _ZERO else _ZERO)),
        "skewness": skewness(ordered),
        "kurtosis": kurtosis(ordered),
        "missing_count": len(column) - len(ordered),
        "missing_ratio": (len(column) - len(ordered)) / (len(column) or 1),
    }
    if metric not in numbers:
        raise ValueError(f"Metric {metric} is not in this model's valid_value_name")
    return numbers[metric]


def model_numbers(metric: str, models: Sequence[Model]) -> dict[str, float] | None:
    """Return the numbers about columns that one of the given models has, or None."""
    for model in models:
        state = model.state
        if metric in {"iv", "psi", "vif"} and isinstance(state.get(metric), dict):
            found: dict[str, float] = dict(state[metric])
            return found
        if metric == "feature_importance" and "featureImportances" in model.param:
            return {
                item["fullname"]: item["importance"] for item in model.param["featureImportances"]
            }
        values = state.get("values")
        if isinstance(values, Mapping) and values:
            first = next(iter(values.values()))
            if isinstance(first, Mapping) and metric in first:
                return {name: numbers[metric] for name, numbers in values.items()}
    return None
