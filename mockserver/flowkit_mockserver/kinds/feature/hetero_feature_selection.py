"""HeteroFeatureSelection: filters one after the other leave fewer and fewer columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    Values,
    among,
    at_least,
    boolean,
    cased,
    decimal,
    each,
    ensure,
    instance,
    kind,
    need,
    nested,
    one_of,
    optional,
    positive_integer,
    positive_number,
    run,
    typed,
    when,
)

__all__ = ["FILTER_METHODS", "KIND", "filter_methods"]

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


def _common_filter(*of_hosts: Rule) -> Rules:
    return (
        _spread,
        each(
            "filter_type",
            among("threshold", "top_k", "top_percentile"),
            'filter_type should be one of "threshold", "top_k", "top_percentile"',
        ),
        *_flags("take_high"),
        _thresholds,
        *of_hosts,
        *_flags("select_federated"),
    )


def _merge_types(values: Values) -> None:
    """Refuse ways to merge classes, which came with 1.7, that are not as many as the metrics."""
    given = values.get("mul_class_merge_type")
    if isinstance(given, list) and len(given) != len(values["metrics"]):
        raise ValueError(f"The parameter {given} should have same length with metrics")


def _takes(high: bool, text: str) -> Rules:
    return (each("take_high", lambda value: bool(value) is high, text),)


def _measures(metric: str, text: str) -> Rules:
    return (each("metrics", lambda name: name == metric, text),)


#: The filters, in the order in which a refusal lists them.
FILTER_METHODS = [
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


def filter_methods(known: Sequence[str]) -> Rule:
    """Each filter is one of those that are known, in any letters."""

    def rule(values: Values) -> None:
        methods = values["filter_methods"]
        for index, method in enumerate(methods):
            one = {"method": method.lower()}
            run((one_of("method", _SELECTION, known),), one)
            # In the submitted list itself: the job's parameters show the small letters.
            methods[index] = one["method"]

    return rule


_IV = "IV selection param's"

_MANUAL = "Manually Filter param's"

_OWN_FILTERS: Rules = (
    typed("filter_methods", _SELECTION, "list"),
    filter_methods(FILTER_METHODS),
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
                at_least(0.1),
                "Percentage Filter param's {} not supported, should not be smaller than 0.1",
            ),
        ),
    ),
)


def _metric_filters(common: Rules) -> Rules:
    """Return the rules of the filters by metrics, which have those of `common`."""
    return (
        nested("iv_param", common),
        nested(
            "iv_param",
            (
                _merge_types,
                *_takes(True, "Iv filter should take higher iv features"),
                *_measures("iv", "For iv filter, metrics should be 'iv'"),
            ),
        ),
        nested("statistic_param", common),
        nested("psi_param", common),
        nested(
            "psi_param",
            (
                *_takes(False, "PSI filter should take lower psi features"),
                *_measures("psi", "For psi filter, metrics should be 'psi'"),
            ),
        ),
        nested("sbt_param", common),
        nested(
            "sbt_param",
            (
                *_takes(True, "SBT filter should take higher feature_importance features"),
                *_measures(
                    "feature_importance", "For SBT filter, metrics should be 'feature_importance'"
                ),
            ),
        ),
        nested("vif_param", common),
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


_RULES: Rules = (*_OWN_FILTERS, *_metric_filters(_common_filter(_HOST_THRESHOLDS)))
#: Later a single threshold of hosts is one of a list.
_LATER_RULES: Rules = (
    *_OWN_FILTERS,
    *_metric_filters(_common_filter()),
    need(
        "use_anonymous",
        kind("bool"),
        f"{_SELECTION} use_anonymous {{}} not supported, should be bool type",
    ),
)


def _relabel(param: dict[str, Any], parties: Relabelling) -> None:
    for host in param["hostColNames"]:
        host["partyId"] = parties.host(host["partyId"])
        host["colNames"] = parties.names(host["colNames"])
    for result in param["results"]:
        for values in result["hostFeatureValues"]:
            values["featureValues"] = parties.keys(values["featureValues"])
        for left in result["hostLeftCols"]:
            left["originalCols"] = parties.names(left["originalCols"])
            left["leftCols"] = parties.keys(left["leftCols"])


KIND = Kind(
    name="HeteroFeatureSelection",
    algorithm="flowkit_mockserver.components.feature.selection.hetero_feature_selection:select",
    rests_with="flowkit_mockserver.components.feature.selection.hetero_feature_selection:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Filters judge by the models they are given, as in FATE. Where FATE keeps any one "
        "column by chance, the first is kept."
    ),
    param_class="FeatureSelectionParam",
    defaults={
        "correlation_param": {"select_federated": True, "sort_metric": "iv", "threshold": 0.1},
        "filter_methods": ["manually"],
        "iv_param": {
            "filter_type": "threshold",
            "host_thresholds": None,
            "metrics": "iv",
            "select_federated": True,
            "take_high": True,
            "threshold": 1,
        },
        "iv_percentile_param": {"local_only": False, "percentile_threshold": 1.0},
        "iv_top_k_param": {"k": 10, "local_only": False},
        "iv_value_param": {"host_thresholds": None, "local_only": False, "value_threshold": 0.0},
        "manually_param": {
            "filter_out_indexes": None,
            "filter_out_names": None,
            "left_col_indexes": None,
            "left_col_names": None,
        },
        "need_run": True,
        "outlier_param": {"percentile": 1.0, "upper_threshold": 1.0},
        "percentage_value_param": {"upper_pct": 1.0},
        "psi_param": {
            "filter_type": "threshold",
            "host_thresholds": None,
            "metrics": "psi",
            "select_federated": True,
            "take_high": False,
            "threshold": 1,
        },
        "sbt_param": {
            "filter_type": "threshold",
            "host_thresholds": None,
            "metrics": "feature_importance",
            "select_federated": True,
            "take_high": True,
            "threshold": 1,
        },
        "select_col_indexes": -1,
        "select_names": [],
        "statistic_param": {
            "filter_type": "threshold",
            "host_thresholds": None,
            "metrics": "mean",
            "select_federated": True,
            "take_high": True,
            "threshold": 1,
        },
        "unique_param": {"eps": 1e-05},
        "variance_coe_param": {"value_threshold": 1.0},
        "vif_param": {
            "filter_type": "threshold",
            "host_thresholds": None,
            "metrics": "vif",
            "select_federated": True,
            "take_high": False,
            "threshold": 5.0,
        },
    },
    rules=_RULES,
    later_rules=("keeps_names", _LATER_RULES),
    code_path=code_in(
        "federatedml/feature/hetero_feature_selection",
        guest="feature_selection_guest.py/HeteroFeatureSelectionGuest",
        host="feature_selection_host.py/HeteroFeatureSelectionHost",
    ),
    buffers={ANY_ROLE: Buffers.named("FeatureSelection")},
    relabel=_relabel,
)
