"""Evaluation: what predictions are worth."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    boolean,
    each_allowed,
    each_spelled,
    kind,
    lowered,
    need,
    taken_from,
)

__all__ = ["KIND"]

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
    "binary": [
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
    ],
    "multi": ["accuracy", "precision", "recall"],
    "regression": [
        "explained_variance",
        "mean_absolute_error",
        "mean_squared_error",
        "median_absolute_error",
        "r2_score",
        "root_mean_squared_error",
    ],
    "clustering": [
        "jaccard_similarity_score",
        "fowlkes_mallows_score",
        "adjusted_rand_score",
        "davies_bouldin_index",
        "distance_measure",
        "contingency_matrix",
    ],
}
_METRICS = {"mean_squared_log_error"}.union(*_METRICS_BY_TASK.values())


_RULES: Rules = (
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
    taken_from("metrics", "default_metrics", "eval_type"),
    boolean("unfold_multi_result", "multi_result_unfold"),
    each_spelled("metrics", _METRICS, _METRIC_ALIASES, "metric {} is not supported"),
    each_allowed("metrics", "allowed_metrics", "eval_type", "metric {} is not used for {} task"),
)

KIND = Kind(
    name="Evaluation",
    algorithm="flowkit_mockserver.components.evaluation.evaluation:evaluate",
    exactness=Exactness.EXACT,
    accuracy="Metrics and curves are computed from all predictions by FATE's formulas.",
    param_class="EvaluateParam",
    defaults={
        "allowed_metrics": _METRICS_BY_TASK,
        "default_metrics": _METRICS_BY_TASK,
        "eval_type": "binary",
        "metrics": None,
        "need_run": True,
        "pos_label": 1,
        "run_clustering_arbiter_metric": False,
        "unfold_multi_result": False,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/evaluation",
        arbiter="evaluation.py/Evaluation",
        guest="evaluation.py/Evaluation",
        host="evaluation.py/Evaluation",
    ),
    need_deploy=False,
    alone=True,
    whole_maps=frozenset({"allowed_metrics", "default_metrics"}),
    logs=TaskLogs(profiling="fed", warns=True),
)
