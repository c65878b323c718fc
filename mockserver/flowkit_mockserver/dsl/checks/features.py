"""Checks of binning, scaling and encoding features."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rules,
    boolean,
    cased,
    decimal,
    each,
    ensure,
    instance,
    lowered,
    need,
    nested,
    one_of,
    positive_integer,
    string,
    typed,
    unit_interval,
    when,
)
from flowkit_mockserver.dsl.checks.shared import ENCRYPT, uses_paillier

__all__ = [
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
