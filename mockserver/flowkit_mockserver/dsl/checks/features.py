"""Checks of binning, scaling, encoding and feature selection."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rules,
    Values,
    boolean,
    cased,
    decimal,
    each,
    ensure,
    instance,
    kind,
    lowered,
    need,
    nested,
    one_of,
    optional,
    positive_integer,
    positive_number,
    run,
    string,
    typed,
    unit_interval,
    when,
)
from flowkit_mockserver.dsl.checks.shared import ENCRYPT, uses_paillier

__all__ = [
    "FEATURE_SELECTION",
    "HETERO_BINNING",
    "HOMO_BINNING",
    "HOMO_ONE_HOT",
    "ONE_HOT",
    "SCALE",
]

_TRANSFORM_ABOUT = "Transform Param's "
_TRANSFORM: Rules = (
    when(
        lambda values: values["transform_cols"] not in (None, -1),
        typed("transform_cols", _TRANSFORM_ABOUT, "list"),
    ),
    typed("transform_names", _TRANSFORM_ABOUT, "list", "NoneType"),
    when(
        lambda values: values["transform_names"] is not None,
        each(
            "transform_names",
            instance(str),
            "Elements in transform_names should be string type",
        ),
    ),
    one_of("transform_type", _TRANSFORM_ABOUT, ["bin_num", "woe", None]),
)

_OPTIMAL_ABOUT = "hetero binning's optimal binning param's"
_OPTIMAL: Rules = (
    string("metric_method", _OPTIMAL_ABOUT),
    cased(
        "metric_method",
        lambda name: name.lower().replace("chi-square", "chi_square"),
        ["iv", "gini", "chi_square", "ks"],
        _OPTIMAL_ABOUT + " {} is not supported, it should be in ['iv', 'gini', 'chi_square', 'ks']",
    ),
    positive_integer("init_bin_nums", _OPTIMAL_ABOUT),
    cased(
        "init_bucket_method",
        lambda name: name.lower(),
        ["quantile", "bucket"],
        _OPTIMAL_ABOUT + " {} is not supported, it should be in ['quantile', 'bucket']",
    ),
    when(
        lambda values: values["max_bin_pct"] not in (1, 0), decimal("max_bin_pct", _OPTIMAL_ABOUT)
    ),
    when(
        lambda values: values["min_bin_pct"] not in (1, 0), decimal("min_bin_pct", _OPTIMAL_ABOUT)
    ),
    ensure(
        lambda values: values["min_bin_pct"] <= values["max_bin_pct"],
        "Optimal binning's min_bin_pct should less or equal than max_bin_pct",
    ),
    boolean("mixture", _OPTIMAL_ABOUT),
    positive_integer("init_bin_nums", _OPTIMAL_ABOUT),
)

_BINNING_ABOUT = "Binning param's"
_BINNING: Rules = (
    string("method", _BINNING_ABOUT),
    lambda values: values.update(method=values["method"].lower()),
    positive_integer("compress_thres", _BINNING_ABOUT),
    positive_integer("head_size", _BINNING_ABOUT),
    decimal("error", _BINNING_ABOUT),
    positive_integer("bin_num", _BINNING_ABOUT),
    when(
        lambda values: values["bin_indexes"] != -1,
        typed("bin_indexes", _BINNING_ABOUT, "list", "RepeatedScalarContainer", "NoneType"),
    ),
    typed("bin_names", _BINNING_ABOUT, "list", "NoneType"),
    typed("category_indexes", _BINNING_ABOUT, "list", "NoneType"),
    typed("category_names", _BINNING_ABOUT, "list", "NoneType"),
    unit_interval("adjustment_factor", _BINNING_ABOUT),
    boolean("local_only", _BINNING_ABOUT),
)

HETERO_BINNING: Rules = (
    *_BINNING,
    one_of("method", "Hetero Binning param's", ["quantile", "bucket", "optimal"]),
    nested("optimal_binning_param", _OPTIMAL),
    nested("encrypt_param", ENCRYPT),
    uses_paillier("Feature Binning support Paillier encrypt method only."),
    ensure(
        lambda values: not (values["skip_static"] and values["method"] == "optimal"),
        "When skip_static, optimal binning is not supported.",
    ),
    nested("transform_param", _TRANSFORM),
    ensure(
        lambda values: (
            not (values["skip_static"] and values["transform_param"]["transform_type"] == "woe")
        ),
        "To use woe transform, skip_static should set as False",
    ),
)

HOMO_BINNING: Rules = (
    *_BINNING,
    one_of("method", "homo binning param's", ["virtual_summary", "recursive_query"]),
    positive_integer("max_iter", "homo binning param's"),
    need("max_iter", lambda count: count <= 100, "Max iter is not allowed exceed 100"),
)

ONE_HOT: Rules = (
    typed("transform_col_indexes", "One-hot encoder param's", "list", "int", "NoneType"),
    typed("transform_col_names", "One-hot encoder param's", "list", "NoneType"),
)

_HOMO_ONE_HOT = "One-hot encoder with alignment param's"
HOMO_ONE_HOT: Rules = (
    typed("transform_col_indexes", _HOMO_ONE_HOT, "list", "int"),
    boolean("need_run", _HOMO_ONE_HOT),
    boolean("need_alignment", _HOMO_ONE_HOT),
)

SCALE: Rules = (
    when(
        lambda values: values["method"] is not None,
        lowered("method", "scale param's method", ["min_max_scale", "standard_scale"]),
    ),
    lowered("mode", "scale param's mode", ["normal", "cap"]),
    need(
        "scale_col_indexes",
        lambda value: value == -1 or isinstance(value, list),
        "scale_col_indexes is should be -1 or a list",
    ),
    need(
        "scale_names",
        lambda names: isinstance(names, list) and all(isinstance(name, str) for name in names),
        "scale_names is should be a list of string",
    ),
    boolean("with_mean", "scale_param with_mean"),
    boolean("with_std", "scale_param with_std"),
    boolean("need_run", "scale_param need_run"),
)

_FILTER_LISTS = ("filter_type", "take_high", "threshold", "select_federated")
_SELECTION = "hetero feature selection param's"
_HOST_THRESHOLDS = optional(
    "host_thresholds", instance(list), "IV selection param's host_threshold should be list or None"
)


def _spread(values: Values) -> None:
    """Give every metric of a filter its own setting: single values become lists."""
    metrics = values["metrics"]
    for name in _FILTER_LISTS:
        setting = values[name]
        if not isinstance(metrics, list):
            if isinstance(setting, list):
                raise ValueError(
                    f"{name}: {setting} should not be a list when metrics: {metrics} is not a list"
                )
            values[name] = [setting]
        elif not isinstance(setting, list):
            values[name] = [setting] * len(metrics)
        elif len(setting) != len(metrics):
            raise ValueError(f"The parameter {setting} should have same length with metrics")
    if not isinstance(metrics, list):
        values["metrics"] = [metrics]


def _thresholds(values: Values) -> None:
    for index, value in enumerate(values["threshold"]):
        one = {"threshold": value}
        if values["filter_type"][index] == "threshold":
            if not isinstance(value, (float, int)):
                raise ValueError(f"{_SELECTION}{value} should be a float or int")
        elif values["filter_type"][index] == "top_k":
            positive_integer("threshold", _SELECTION)(one)
        elif value not in (0, 1):
            decimal("threshold", _SELECTION)(one)


def _flags(name: str) -> Rules:
    return (each(name, kind("bool"), _SELECTION + " {} not supported, should be bool type"),)


_COMMON_FILTER: Rules = (
    _spread,
    each(
        "filter_type",
        lambda name: name in ("threshold", "top_k", "top_percentile"),
        'filter_type should be one of "threshold", "top_k", "top_percentile"',
    ),
    *_flags("take_high"),
    _thresholds,
    _HOST_THRESHOLDS,
    *_flags("select_federated"),
)


def _takes(high: bool, text: str) -> Rules:
    return (each("take_high", lambda value: bool(value) is high, text),)


def _measures(metric: str, text: str) -> Rules:
    return (each("metrics", lambda name: name == metric, text),)


_FILTER_METHODS = [
    "unique_value",
    "iv_value_thres",
    "iv_percentile",
    "coefficient_of_variation_value_thres",
    "outlier_cols",
    "manually",
    "percentage_value",
    "iv_filter",
    "statistic_filter",
    "iv_top_k",
    "psi_filter",
    "hetero_sbt_filter",
    "homo_sbt_filter",
    "hetero_fast_sbt_filter",
    "vif_filter",
    "correlation_filter",
]


def _filter_methods(values: Values) -> None:
    methods = values["filter_methods"]
    for index, method in enumerate(methods):
        one = {"method": method.lower()}
        run((one_of("method", _SELECTION, _FILTER_METHODS),), one)
        # In the submitted list itself: the job's parameters show the small letters.
        methods[index] = one["method"]


_IV = "IV selection param's"
_MANUAL = "Manually Filter param's"

FEATURE_SELECTION: Rules = (
    typed("filter_methods", _SELECTION, "list"),
    _filter_methods,
    typed("select_col_indexes", _SELECTION, "list", "int"),
    nested("unique_param", (positive_number("eps", "Unique value param's"),)),
    nested(
        "iv_value_param",
        (
            need(
                "value_threshold",
                instance(float, int),
                f"{_IV} value_threshold should be float or int",
            ),
            _HOST_THRESHOLDS,
            need("local_only", instance(bool), f"{_IV} local_only should be bool"),
        ),
    ),
    nested(
        "iv_percentile_param", (decimal("percentile_threshold", _IV), boolean("local_only", _IV))
    ),
    nested("iv_top_k_param", (positive_integer("k", _IV), boolean("local_only", _IV))),
    nested(
        "variance_coe_param", (positive_number("value_threshold", "Coff of Variances param's"),)
    ),
    nested(
        "outlier_param",
        (
            decimal("percentile", "Outlier Filter param's"),
            typed("upper_threshold", "Outlier Filter param's", "float", "int"),
        ),
    ),
    nested(
        "manually_param",
        (
            typed("filter_out_indexes", _MANUAL, "list", "NoneType"),
            typed("filter_out_names", _MANUAL, "list", "NoneType"),
            typed("left_col_indexes", _MANUAL, "list", "NoneType"),
            typed("left_col_names", _MANUAL, "list", "NoneType"),
            ensure(
                lambda values: (
                    (values["filter_out_indexes"] or values["filter_out_names"]) is None
                    or (values["left_col_names"] or values["left_col_indexes"]) is None
                ),
                "(left_col_indexes & left_col_names) cannot use with"
                " (filter_out_indexes & filter_out_names) simultaneously",
            ),
        ),
    ),
    nested(
        "percentage_value_param",
        (
            when(
                lambda values: values["upper_pct"] not in (0, 1),
                decimal("upper_pct", "Percentage Filter param's"),
            ),
            need(
                "upper_pct",
                lambda share: share >= 0.1,
                "Percentage Filter param's {} not supported, should not be smaller than 0.1",
            ),
        ),
    ),
    nested("iv_param", _COMMON_FILTER),
    nested(
        "iv_param",
        (
            *_takes(True, "Iv filter should take higher iv features"),
            *_measures("iv", "For iv filter, metrics should be 'iv'"),
        ),
    ),
    nested("statistic_param", _COMMON_FILTER),
    nested("psi_param", _COMMON_FILTER),
    nested(
        "psi_param",
        (
            *_takes(False, "PSI filter should take lower psi features"),
            *_measures("psi", "For psi filter, metrics should be 'psi'"),
        ),
    ),
    nested("sbt_param", _COMMON_FILTER),
    nested(
        "sbt_param",
        (
            *_takes(True, "SBT filter should take higher feature_importance features"),
            *_measures(
                "feature_importance", "For SBT filter, metrics should be 'feature_importance'"
            ),
        ),
    ),
    nested("vif_param", _COMMON_FILTER),
    nested("vif_param", _measures("vif", "For VIF filter, metrics should be 'vif'")),
    nested(
        "correlation_param",
        (
            cased(
                "sort_metric",
                lambda name: name.lower(),
                ["iv"],
                "sort_metric in Correlation Filter should be one of ['iv']",
            ),
            positive_number("threshold", "Correlation Filter param's"),
        ),
    ),
)
