"""The metrics of an evaluation: what they are called, and what each task can ask for."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["METRICS_BY_TASK", "SINGLE_VALUES", "full_names"]

_ALIASES = {
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

#: What a model is validated by while it is trained, unless its parameters say otherwise.
SINGLE_VALUES = {
    "binary": ["auc", "ks"],
    "multi": ["accuracy", "precision", "recall"],
    "regression": ["root_mean_squared_error", "mean_absolute_error"],
    "clustering": ["davies_bouldin_index"],
}

_KNOWN = {"mean_squared_log_error"}.union(*METRICS_BY_TASK.values())


def full_names(names: Iterable[str], allowed: Iterable[str], task: str) -> list[str]:
    """Return metrics by their full names, each once; precision and recall only come together.

    Args:
        names: as a user writes them, in any letters, aliases among them.
        allowed: what the task can ask for.
        task: binary, multi, regression or clustering.

    Raises:
        ValueError: there is no such metric, or the task has none of it.
    """
    full: dict[str, None] = {}
    for name in [str.lower(name) for name in names]:
        if name not in _KNOWN and name not in _ALIASES:
            raise ValueError(f"metric {name} is not supported")
        full[_ALIASES.get(name, name)] = None
    for name in full:
        if name not in allowed:
            raise ValueError(f"metric {name} is not used for {task} task")
    for one, other in (("recall", "precision"), ("precision", "recall")):
        if one in full:
            full[other] = None
    return list(full)
