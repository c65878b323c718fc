"""DataStatistics: numbers about every column."""

from __future__ import annotations

import re

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    all_or,
    at_least,
    boolean,
    decimal,
    each,
    instance,
    kind,
    listed,
    need,
    when,
)

__all__ = ["KIND"]

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


_RULES: Rules = (
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
        all_or(-1, list),
        "column_indexes should be list of int or -1.",
    ),
    when(
        lambda values: values["column_indexes"] != -1,
        each("column_indexes", instance(int), f"{_INDEXES} should be int or list of int"),
        each(
            "column_indexes",
            at_least(0),
            f"{_INDEXES} should be non-negative int value(s)",
        ),
    ),
    need("abnormal_list", instance(list), "abnormal_list should be list of int or string."),
    decimal("quantile_error", "Statistics's param quantile_error "),
    boolean("bias", "Statistics's param bias "),
)

_LATER_RULES: Rules = (listed("column_names", "column_indexes", "abnormal_list"), *_RULES)

KIND = Kind(
    name="DataStatistics",
    algorithm="flowkit_mockserver.components.statistic.data_statistics:describe",
    rests_with="flowkit_mockserver.components.statistic.data_statistics:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Moments and quantiles are FATE's. FATE gives values that are missing an arbitrary "
        "place in the order of a column; here they are left out of quantiles, and the task's "
        "log says so."
    ),
    param_class="StatisticsParam",
    defaults={
        "abnormal_list": [],
        "bias": True,
        "column_indexes": -1,
        "column_names": [],
        "need_run": True,
        "quantile_error": 0.0001,
        "statistics": "summary",
    },
    rules=_RULES,
    later_rules=("keeps_names", _LATER_RULES),
    code_path=code_in(
        "federatedml/statistic",
        guest="data_statistics.py/DataStatistics",
        host="data_statistics.py/DataStatistics",
    ),
    buffers={ANY_ROLE: Buffers("StatisticMeta", "StatisticMeta", "StatisticParam", "ModelParam")},
)
