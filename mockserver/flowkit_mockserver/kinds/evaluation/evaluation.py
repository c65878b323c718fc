"""Evaluation: what predictions are worth."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    boolean,
    each_allowed,
    each_spelled,
    kind,
    lowered,
    need,
    taken_from,
)

__all__ = ["KIND", "METRICS_BY_TASK", "SINGLE_VALUES", "full_names"]

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

METRICS_BY_TASK = {
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
_METRICS = {"mean_squared_log_error"}.union(*METRICS_BY_TASK.values())

#: What a model is validated by while it is trained, unless its parameters say otherwise.
SINGLE_VALUES = {
    "binary": ["auc", "ks"],
    "multi": ["accuracy", "precision", "recall"],
    "regression": ["root_mean_squared_error", "mean_absolute_error"],
    "clustering": ["davies_bouldin_index"],
}


def full_names(names: Iterable[str], allowed: Iterable[str], task: str) -> list[str]:
    """Return metrics by their full names, each once; precision and recall only come together.

    Args:
        names: as a user writes them, in any letters, aliases among them.
        allowed: what the task can ask for.
        task: binary, multi, regression or clustering.

    Raises:
        ValueError: there is no such metric, or the task has none of it.
    """
    asked: Values = {"metrics": list(names), "task": task, "allowed": {task: list(allowed)}}
    for rule in (_SPELLED, each_allowed("metrics", "allowed", "task", _NOT_OF_TASK)):
        rule(asked)
    full: dict[str, None] = dict.fromkeys(asked["metrics"])
    for one, other in (("recall", "precision"), ("precision", "recall")):
        if one in full:
            full[other] = None
    return list(full)


_SPELLED = each_spelled("metrics", _METRICS, _METRIC_ALIASES, "metric {} is not supported")
_NOT_OF_TASK = "metric {} is not used for {} task"


_RULES: Rules = (
    lowered("eval_type", "evaluate param's ", list(METRICS_BY_TASK)),
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
    _SPELLED,
    each_allowed("metrics", "allowed_metrics", "eval_type", _NOT_OF_TASK),
)

KIND = Kind(
    name="Evaluation",
    algorithm="flowkit_mockserver.components.evaluation.evaluation:evaluate",
    exactness=Exactness.EXACT,
    accuracy="Metrics and curves are computed from all predictions by FATE's formulas.",
    param_class="EvaluateParam",
    defaults={
        "allowed_metrics": METRICS_BY_TASK,
        "default_metrics": METRICS_BY_TASK,
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
    logs=TaskLogs(
        profiling="fed",
        warns=True,
        later_profiling=False,
        later_warns={"guest": 2, "host": 2, "arbiter": 2},
    ),
)
