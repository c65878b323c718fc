"""Checks of the remaining classes: evaluation, clustering, stability, secure arithmetic."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rules,
    Values,
    boolean,
    decimal,
    each,
    instance,
    kind,
    lowered,
    need,
    nested,
    optional,
    positive_integer,
    string,
    when,
)
from flowkit_mockserver.dsl.checks.shared import PREDICT

__all__ = [
    "EVALUATE",
    "FELDMAN_SUM",
    "KMEANS",
    "LOCAL_BASELINE",
    "PSI",
    "RETRIEVAL",
    "RSA_EXAMPLE",
    "SBT_TRANSFORMER",
    "SECURE_ADD",
]

_METRIC_ALIASES = {
    "l1": "mean_absolute_error",
    "mae": "mean_absolute_error",
    "regression_l1": "mean_absolute_error",
    "l2": "mean_squared_error",
    "mse": "mean_squared_error",
    "regression_l2": "mean_squared_error",
    "regression": "mean_squared_error",
    "l2_root": "root_mean_squared_error",
    "rmse": "root_mean_squared_error",
    "msle": "mean_squared_log_error",
    "r2": "r2_score",
    "acc": "accuracy",
    "jaccard": "jaccard_similarity_score",
}
_METRICS_BY_TASK = {
    "binary": {
        "auc",
        "ks",
        "lift",
        "gain",
        "accuracy",
        "precision",
        "recall",
        "roc",
        "confusion_mat",
        "psi",
        "f1_score",
        "quantile_pr",
    },
    "multi": {"accuracy", "precision", "recall"},
    "regression": {
        "explained_variance",
        "mean_absolute_error",
        "mean_squared_error",
        "median_absolute_error",
        "r2_score",
        "root_mean_squared_error",
    },
    "clustering": {
        "jaccard_similarity_score",
        "fowlkes_mallows_score",
        "adjusted_rand_score",
        "davies_bouldin_index",
        "distance_measure",
        "contingency_matrix",
    },
}
_METRICS = set.union({"mean_squared_log_error"}, *_METRICS_BY_TASK.values())


def _default_metrics(values: Values) -> None:
    if values["metrics"] is None or len(values["metrics"]) == 0:
        values["metrics"] = values["default_metrics"][values["eval_type"]]


def _metrics(values: Values) -> None:
    task = values["eval_type"]
    full = []
    for name in [str.lower(name) for name in values["metrics"]]:
        if name not in _METRICS and name not in _METRIC_ALIASES:
            raise ValueError(f"metric {name} is not supported")
        full.append(_METRIC_ALIASES.get(name, name))
    for name in full:
        if name not in values["allowed_metrics"][task]:
            raise ValueError(f"metric {name} is not used for {task} task")


EVALUATE: Rules = (
    lowered("eval_type", "evaluate param's ", list(_METRICS_BY_TASK)),
    need(
        "pos_label",
        kind("str", "float", "int"),
        "evaluate param's pos_label {} not supported, should be str or float or int type",
    ),
    need(
        "need_run",
        kind("bool"),
        "evaluate param's need_run {} not supported, should be bool",
    ),
    _default_metrics,
    boolean("unfold_multi_result", "multi_result_unfold"),
    _metrics,
)

_KMEANS = "Kmeans_param's"
KMEANS: Rules = (
    need("k", instance(int), _KMEANS + "k {} not supported, should be int type"),
    need("k", lambda k: k > 1, _KMEANS + "k {{}} not supported, should be larger than 1"),
    need(
        "k",
        lambda k: k <= 100,
        _KMEANS + "k {{}} not supported, should be less than 100 in this version",
    ),
    need("max_iter", instance(int), _KMEANS + "max_iter not supported, should be int type"),
    need(
        "max_iter",
        lambda count: count > 0,
        _KMEANS + "max_iter not supported, should be larger than 0",
    ),
    need("tol", instance(float, int), _KMEANS + "tol not supported, should be float type"),
    need(
        "tol",
        lambda tol: tol >= 0,
        _KMEANS + "tol not supported, should be larger than or equal to 0",
    ),
    optional(
        "random_stat",
        instance(int),
        _KMEANS + "random_stat not supported, should be int type",
    ),
    optional(
        "random_stat",
        lambda seed: seed >= 0,
        _KMEANS + "random_stat not supported, should be larger than/equal to 0",
    ),
)

_BASELINE = "local baseline param"
LOCAL_BASELINE: Rules = (
    # Only checked: the spelling that was submitted stays.
    lambda values: lowered("model_name", _BASELINE, ["logisticregression"])(dict(values)),
    boolean("need_run", _BASELINE),
    optional("model_opts", instance(dict), _BASELINE + " model_opts must be None or dict."),
    nested("predict_param", PREDICT),
)

PSI: Rules = (
    need(
        "max_bin_num",
        lambda count: type(count) is int and count > 0,
        "max bin must be an integer larger than 0",
    ),
    need("need_run", kind("bool"), ""),
    optional(
        "dense_missing_val",
        kind("str", "int", "float"),
        "missing value type {0.__class__} not supported",
    ),
    decimal("binning_error", "psi's param"),
)

FELDMAN_SUM: Rules = (
    when(
        lambda values: isinstance(values["sum_cols"], list),
        each(
            "sum_cols",
            instance(int),
            "type mismatch, column_indexes with element {0}(type is {0.__class__})",
        ),
    ),
    need(
        "q_n",
        instance(int),
        '("Init param\'s q_n {} not supported, should be int type", False)',
    ),
    need(
        "q_n",
        lambda count: count >= 0,
        "param's q_n {} not supported, should be non-negative int value",
    ),
    need(
        "q_n",
        lambda count: count <= 16,
        "param's q_n {} not supported, should be less than or equal to 16",
    ),
)

RSA_EXAMPLE: Rules = (
    positive_integer("rsa_key_n", "rsa param"),
    positive_integer("rsa_key_e", "rsa param"),
    positive_integer("rsa_key_d", "rsa param"),
    string("save_out_table_namespace", "rsa param"),
    string("save_out_table_name", "rsa param"),
)

SBT_TRANSFORMER: Rules = (boolean("dense_format", "SBTTransformer"),)

SECURE_ADD: Rules = (
    optional("seed", kind("int"), "random seed should be None or integers"),
    need(
        "partition",
        lambda count: type(count) is int and count >= 1,
        "partition should be an integer large than 0",
    ),
    need(
        "data_num",
        lambda count: type(count) is int and count >= 1,
        "data_num should be an integer large than 0",
    ),
)

_RETRIEVAL = "secure information retrieval param's"
RETRIEVAL: Rules = (
    decimal("security_level", _RETRIEVAL),
    string("oblivious_transfer_protocol", _RETRIEVAL),
    string("commutative_encryption", _RETRIEVAL),
    string("non_committing_encryption", _RETRIEVAL),
    positive_integer("key_size", _RETRIEVAL),
    boolean("raw_retrieval", _RETRIEVAL),
)
