"""The filters of feature selection: which columns stay, judged by one number each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowkit_mockserver.components.feature.selection.isometric import (
    GREATEST,
    PEARSON,
    IsometricModel,
    Metric,
)
from flowkit_mockserver.proto.documents import message

__all__ = ["Rule", "keep", "metric_of", "refusal_of", "rules_of"]

_ISOMETRIC = {
    "iv_filter": "iv_param",
    "statistic_filter": "statistic_param",
    "psi_filter": "psi_param",
    "vif_filter": "vif_param",
    "hetero_sbt_filter": "sbt_param",
    "homo_sbt_filter": "sbt_param",
    "hetero_fast_sbt_filter": "sbt_param",
}
#: method → the model it asks, and what the server calls that model and the filter when there is none.
_MODELS = {
    "unique_value": ("statistic_model", "statistic", "unique"),
    "iv_value_thres": ("binning_model", "binning", "iv"),
    "iv_percentile": ("binning_model", "binning", "iv"),
    "iv_top_k": ("binning_model", "binning", "iv"),
    "coefficient_of_variation_value_thres": ("statistic_model", "statistic", "coef_of_var"),
    "outlier_cols": ("statistic_model", "statistic", "outlier"),
    "iv_filter": ("binning_model", "iv", "iv"),
    "hetero_sbt_filter": ("hetero_sbt", "sbt", "sbt"),
    "homo_sbt_filter": ("homo_sbt", "sbt", "sbt"),
    "statistic_filter": ("statistic_model", "statistic", "statistic"),
    "psi_filter": ("psi", "psi", "psi"),
    "vif_filter": (PEARSON, "Hetero Pearson", "VIF"),
    "correlation_filter": ("binning_model", "binning", "correlation"),
}
_LAYERED, _MIX = "hetero_fast_sbt_layered", "hetero_fast_sbt_mix"
#: Filters by which the guest decides for the hosts.
_FEDERATED = {"iv_value_thres", "iv_percentile", "iv_top_k", "iv_filter", "hetero_sbt_filter"}


@dataclass(frozen=True)
class Rule:
    """One filter.

    Attributes:
        method: as the user wrote it.
        metric: the number a column is judged by; empty for filters that need none.
        kind: threshold, top_k or top_percentile.
        high: whether high numbers stay.
        threshold: the bound, the k, or the share.
        federated: whether the guest decides for the hosts.
        host_threshold: the bound for all hosts, or one for each; that of the guest when None.
        greatest: whether the class counts in which the number is greatest, instead of the mean of all.
    """

    method: str
    metric: str = ""
    kind: str = ""
    high: bool = False
    threshold: float = 0.0
    federated: bool = False
    host_threshold: float | list[float] | None = None
    greatest: bool = False

    @property
    def name(self) -> str:
        """What the filter is called in the model and the summary."""
        if self.method == "statistic_filter":
            return self.metric
        if self.method in {"iv_filter", "psi_filter"}:
            return f"{self.metric}_{self.kind}"
        return self.method

    def decided_by_guest(self, models: Mapping[str, IsometricModel]) -> bool:
        """Say whether this is a filter by which the guest decides for the hosts (if it is `federated`)."""
        if self.method == "hetero_fast_sbt_filter":
            return _LAYERED in models
        return self.method in _FEDERATED

    def host_bound(self, number: int) -> float:
        """Return the bound for a host.

        Raises:
            ValueError: there is none for it.
        """
        given = self.host_threshold
        if given is None:
            return self.threshold
        if isinstance(given, list):
            if number >= len(given):
                raise ValueError(f"host_thresholds has no threshold for host {number}: {given}")
            return given[number]
        return given

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


def _at(value: Any, place: int) -> Any:
    return value[min(place, len(value) - 1)] if isinstance(value, list) else value


def _host_threshold(given: Any) -> Any:
    """Return what the first of the thresholds for hosts says: a number for all of them, or a list.

    Raises:
        ValueError: it is neither a list nor a fraction.
    """
    if given is None:
        return None
    if not isinstance(given, list):
        raise ValueError("IV selection param's host_threshold should be list or None")
    first = given[0] if given else None
    if isinstance(first, int) and not isinstance(first, bool):
        raise ValueError(
            f"host_thresholds: {first} is an integer; write it with a decimal point, as the"
            " server demands"
        )
    return first


def _isometric(method: str, asked: Mapping[str, Any]) -> list[Rule]:
    given = asked[_ISOMETRIC[method]]
    metrics = given["metrics"] if isinstance(given["metrics"], list) else [given["metrics"]]
    hosts = given.get("host_thresholds")
    merges = given.get("mul_class_merge_type", "average")
    # The real server takes the greatest for `min` as well.
    greatest = _at(merges, 0) in {"max", "min"}
    return [
        Rule(
            method,
            metric,
            _at(given["filter_type"], place),
            bool(_at(given["take_high"], place)),
            _at(given["threshold"], place),
            bool(_at(given["select_federated"], place)),
            None if hosts is None else _host_threshold(_at(hosts, place)),
            greatest,
        )
        for place, metric in enumerate(metrics)
    ]


def _single(method: str, asked: Mapping[str, Any]) -> Rule:
    if method in {"manually", "percentage_value"}:
        return Rule(method)
    if method == "unique_value":
        return Rule(method, "stddev", "threshold", True, asked["unique_param"]["eps"], True)
    if method == "iv_value_thres":
        given = asked["iv_value_param"]
        bound = given["value_threshold"]
        hosts = _host_threshold(given["host_thresholds"])
        return Rule(method, "iv", "threshold", True, bound, not given["local_only"], hosts)
    if method == "iv_percentile":
        given = asked["iv_percentile_param"]
        bound = given["percentile_threshold"]
        return Rule(method, "iv", "top_percentile", True, bound, not given["local_only"])
    if method == "iv_top_k":
        given = asked["iv_top_k_param"]
        return Rule(method, "iv", "top_k", True, given["k"], not given["local_only"])
    if method == "coefficient_of_variation_value_thres":
        bound = asked["variance_coe_param"]["value_threshold"]
        return Rule(method, "coefficient_of_variance", "threshold", True, bound, True)
    if method == "outlier_cols":
        given = asked["outlier_param"]
        metric = f"{int(given['percentile'] * 100)}%"
        return Rule(method, metric, "threshold", False, given["upper_threshold"], True)
    if method == "correlation_filter":
        given = asked["correlation_param"]
        kind, federated = "Sort and filter by threshold", given["select_federated"]
        return Rule(method, "correlation", kind, False, given["threshold"], federated)
    raise ValueError(f"filter method: {method} does not exist")


def rules_of(asked: Mapping[str, Any]) -> list[Rule]:
    """Return the filters that a parameter asks for, in order.

    Raises:
        ValueError: there is no such filter.
    """
    rules: list[Rule] = []
    for method in asked["filter_methods"]:
        if method in _ISOMETRIC:
            rules += _isometric(method, asked)
        else:
            rules.append(_single(method, asked))
    return rules


def refusal_of(model: str, filter_name: str, *, later: bool) -> str:
    """Return what the server says when a filter has no model to ask, in the first lines or in the `later` ones."""
    if later:
        return f"Missing {model} model to use {filter_name} filter"
    return f"None of {model} model has provided when using {filter_name} filter"


def metric_of(rule: Rule, models: Mapping[str, IsometricModel], *, later: bool) -> Metric:
    """Return the numbers that a filter judges by.

    Args:
        rule: the filter.
        models: those that the component got.
        later: whether a missing one is refused in the words of the later lines.

    Raises:
        ValueError: no model has them.
    """
    if rule.method == "hetero_fast_sbt_filter":
        if _LAYERED in models and _MIX in models:
            raise ValueError("Should not provide both layered and mixed fast sbt simultaneously")
        model = models.get(_LAYERED) or models.get(_MIX)
        refusal = "None of Fast sbt model has been provided"
    else:
        name, called, filter_name = _MODELS[rule.method]
        model, refusal = models.get(name), refusal_of(called, filter_name, later=later)
    if model is None:
        raise ValueError(refusal)
    metric = "iv" if rule.method == "correlation_filter" else rule.metric
    if metric not in model.metrics:
        raise ValueError(f"Metric {metric} is not in this model's valid_value_name")
    if metric == "iv" and rule.method != "correlation_filter" and not rule.high:
        raise ValueError("Iv filter should take higher iv columns")
    return model.metrics[GREATEST if rule.greatest and metric == "iv" else metric]


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
    # Of equal numbers the later column comes first when high ones stay, as on the server; at least one stays.
    order = np.argsort(np.asarray(values, dtype=np.float64))
    order = order[::-1] if rule.high else order
    return sorted(order[: max(1, count)].tolist())
