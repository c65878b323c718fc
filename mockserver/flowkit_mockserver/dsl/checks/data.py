"""Checks of reading, sampling, splitting, joining and describing data."""

from __future__ import annotations

import re

from flowkit_mockserver.dsl.checks.rules import (
    Rule,
    Rules,
    Values,
    boolean,
    decimal,
    each,
    ensure,
    instance,
    kind,
    lowered,
    need,
    non_negative,
    string,
    when,
)

__all__ = [
    "COLUMN_EXPAND",
    "DATAIO",
    "DATA_SPLIT",
    "DATA_TRANSFORM",
    "PEARSON",
    "SAMPLE",
    "SAMPLE_WEIGHT",
    "SCORECARD",
    "STATISTICS",
    "UNION",
]

_FILLS = ["min", "max", "mean", "designated"]
_TYPES = ["int", "int64", "float", "float64", "str", "long"]


def _reading(about: str, label_about: str) -> Rules:
    return (
        lowered("input_format", about, ["dense", "sparse", "tag"]),
        lowered("output_format", about, ["dense", "sparse"]),
        lowered("data_type", about, _TYPES),
        need("missing_fill", kind("bool"), about + " missing_fill {} not supported"),
        when(
            lambda values: values["missing_fill_method"] is not None,
            lowered("missing_fill_method", about, _FILLS),
        ),
        when(
            lambda values: values["outlier_replace_method"] is not None,
            lowered("outlier_replace_method", about, _FILLS),
        ),
        need("with_label", kind("bool"), about + " with_label {} not supported"),
        when(
            lambda values: values["with_label"],
            need("label_name", instance(str), label_about + " label_name {} should be str"),
            lowered("label_type", about, _TYPES),
        ),
        need(
            "exclusive_data_type",
            instance(dict, type(None)),
            "exclusive_data_type is should be None or a dict",
        ),
    )


DATAIO = _reading("dataio param's", "dataio param's")
DATA_TRANSFORM = _reading("data_transform param's", "data transform param's")


def _size(name: str) -> Rule:
    about = f"data split param's  {name} "
    return when(
        lambda values: values[name] is not None,
        non_negative(name, about),
        when(lambda values: isinstance(values[name], float), decimal(name, about)),
    )


DATA_SPLIT: Rules = (
    when(
        lambda values: values["random_state"] is not None,
        need("random_state", instance(int), "data split param's  random state should be int type"),
        non_negative("random_state", "data split param's  random_state "),
    ),
    _size("test_size"),
    _size("train_size"),
    _size("validate_size"),
    boolean("stratified", "data split param's  stratified "),
    boolean("shuffle", "data split param's  shuffle "),
    boolean("need_run", "data split param's  need run "),
    need(
        "split_points",
        instance(list, type(None)),
        "data split param's  split_points should be list type",
    ),
)

SAMPLE: Rules = (
    lowered("mode", "sample param", ["random", "stratified"]),
    lowered("method", "sample param", ["upsample", "downsample"]),
    when(
        lambda values: values["mode"] == "stratified" and values["fractions"] is not None,
        need(
            "fractions",
            instance(list),
            "fractions of sample param when using stratified should be list",
        ),
        each(
            "fractions",
            lambda pair: isinstance(pair, (list, str, dict)) and len(pair) == 2,
            "element in fractions of sample param using stratified"
            " should be a pair like [label_i, rate_i]",
        ),
    ),
)


def _class_weight(values: Values) -> None:
    weight = values["class_weight"]
    about = "sample weight param's class_weight"
    if not isinstance(weight, (str, dict)):
        raise ValueError(f"{about} must be str, dict, or None.")
    if isinstance(weight, str):
        lowered("class_weight", about, ["balanced"])(values)
    else:
        # Negative weights are only warned about, but comparing them can fail.
        any(share < 0 for share in weight.values())


SAMPLE_WEIGHT: Rules = (
    when(lambda values: values["class_weight"], _class_weight),
    when(
        lambda values: values["sample_weight_name"],
        string("sample_weight_name", "sample weight param's sample_weight_name"),
    ),
    boolean("need_run", "sample weight param's need_run"),
    boolean("normalize", "sample weight param's normalize"),
)

UNION: Rules = tuple(
    need(name, kind("bool"), f"union param's {name} {{}} not supported, should be bool")
    for name in ("need_run", "allow_missing", "keep_duplicate")
)

_EXPAND = "column_expand param's "


def _fill_value(values: Values) -> None:
    fill = values["fill_value"]
    if isinstance(fill, list) and len(fill) != len(values["append_header"]):
        raise ValueError(
            f"{_EXPAND} `fill value` is set to be list,"
            " and param `append_header` must also be list of the same length."
        )
    for value in fill if isinstance(fill, list) else [fill]:
        if type(value) not in (float, int, str):
            raise ValueError(
                f"{_EXPAND} fill value(s) must be float, int, or str."
                f" Received type {type(value)} instead."
            )


COLUMN_EXPAND: Rules = (
    need("method", instance(str), _EXPAND + "method {} not supported, should be str type"),
    lambda values: values.update(method=values["method"].lower()),
    need("method", lambda name: name == "manual", _EXPAND + " method {} not supported"),
    boolean("need_run", _EXPAND),
    need(
        "append_header",
        instance(list),
        _EXPAND + " append_header must be None or list of str. Received {0.__class__} instead.",
    ),
    each(
        "append_header",
        kind("str"),
        _EXPAND + "append_header values {} not supported, should be string type",
    ),
    _fill_value,
)

_STATISTICS = (
    "count",
    "sum",
    "mean",
    "stddev",
    "median",
    "min",
    "max",
    "variance",
    "coefficient_of_variance",
    "missing_count",
    "missing_ratio",
    "skewness",
    "kurtosis",
)
_QUANTILE = re.compile("^(100)|([1-9]?[0-9])%$")
_INDEXES = "Statistics's param column_indexes"


def _statistic_names(values: Values) -> None:
    names = values["statistics"]
    if names == "summary":
        return
    for name in names if isinstance(names, list) else [names]:
        if name not in _STATISTICS and not _QUANTILE.match(name):
            raise ValueError(f"Illegal statistics name provided: {name}.")


STATISTICS: Rules = (
    boolean("need_run", "Statistics's param statistics"),
    _statistic_names,
    need("column_names", instance(list), "column_names should be list of string."),
    each(
        "column_names",
        kind("str"),
        "Statistics's param column_names {} not supported, should be string type",
    ),
    need(
        "column_indexes",
        lambda value: value == -1 or isinstance(value, list),
        "column_indexes should be list of int or -1.",
    ),
    when(
        lambda values: values["column_indexes"] != -1,
        each("column_indexes", instance(int), f"{_INDEXES} should be int or list of int"),
        each(
            "column_indexes",
            lambda index: index >= 0,
            f"{_INDEXES} should be non-negative int value(s)",
        ),
    ),
    need("abnormal_list", instance(list), "abnormal_list should be list of int or string."),
    decimal("quantile_error", "Statistics's param quantile_error "),
    boolean("bias", "Statistics's param bias "),
)

PEARSON: Rules = (
    need("use_mix_rand", instance(bool), "use_mix_rand accept bool type only, {0.__class__} got"),
    ensure(
        lambda values: values["need_run"] or not values["cross_parties"],
        "need_run should be True(which is default) when cross_parties is True.",
    ),
    need("column_names", instance(list), "type mismatch, column_names with type {0.__class__}"),
    each(
        "column_names",
        instance(str),
        "type mismatch, column_names with element {0}(type is {0.__class__})",
    ),
    when(
        lambda values: isinstance(values["column_indexes"], list),
        each(
            "column_indexes",
            instance(int),
            "type mismatch, column_indexes with element {0}(type is {0.__class__})",
        ),
    ),
    need(
        "column_indexes",
        lambda value: not isinstance(value, int) or value == -1,
        "column_indexes with type int and value {}(only -1 allowed)",
    ),
    ensure(
        lambda values: (
            not values["need_run"] or values["column_indexes"] != [] or values["column_names"] != []
        ),
        "provide at least one column",
    ),
)

_SCORECARD = "scorecard param"
SCORECARD: Rules = (
    need("method", instance(str), _SCORECARD + "method {} not supported, should be str type"),
    lambda values: values.update(method=values["method"].lower()),
    need("method", lambda name: name == "credit", _SCORECARD + " method {} not supported"),
    *(
        need(
            name,
            kind("int", "float"),
            f"{_SCORECARD} {name} must be numeric,received {{0.__class__}} instead.",
        )
        for name in ("offset", "factor", "factor_base", "upper_limit_ratio", "lower_limit_value")
    ),
    boolean("need_run", _SCORECARD + "need_run "),
)
