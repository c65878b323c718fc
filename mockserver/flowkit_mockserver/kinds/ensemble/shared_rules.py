"""What the boosted trees have in common: their rules."""

from __future__ import annotations

from flowkit_mockserver.kinds.nested import METRICS, VALIDATION_FREQS
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    among,
    asserted,
    at_least,
    boolean,
    decimal,
    ensure,
    holds,
    instance,
    kind,
    lowered,
    need,
    nested,
    non_negative,
    when,
    whole_at_least,
)

__all__ = [
    "BOOSTING",
    "MULTI_MODE",
    "OLDER_TREES",
    "SPARSE_OPTIMIZATION",
    "TREES",
    "TREES_AND_MISSING",
    "several_outputs",
]

_OBJECTIVES = ["lse", "lae", "huber", "fair", "log_cosh", "tweedie"]

_TREE = "decision tree param"

_ABOUT = "boosting_core tree param's "

_PARAMETRIC: Rules = (
    need(
        "params",
        lambda params: type(params) is list and len(params) > 0,
        "objective param's params {} not supported, should be non-empty list",
    ),
    need(
        "params",
        lambda params: type(params[0]) in (float, int),
        "objective param's params[0] {0[0]} not supported",
    ),
    when(
        holds("objective", among("tweedie")),
        need(
            "params",
            lambda params: 1 <= params[0] < 2,
            "in tweedie regression, objective params[0] should betweend [1, 2)",
        ),
    ),
    ensure(
        lambda values: values["params"][0] > 0,
        "in {objective} regression, objective params[0] should greater than 0.0",
    ),
)

_REGRESSION_OBJECTIVE = (
    lowered("objective", "objective param's", _OBJECTIVES),
    when(holds("objective", among("huber", "fair", "tweedie")), *_PARAMETRIC),
)

_CLASSIFICATION_OBJECTIVE = (
    need(
        "objective",
        among("cross_entropy"),
        "objective param's objective {} not supported",
    ),
)


def _objective(values: Values) -> None:
    objective = values["objective_param"]
    if objective["objective"] is None:
        return
    classifies = values["task_type"] == "classification"
    for rule in _CLASSIFICATION_OBJECTIVE if classifies else _REGRESSION_OBJECTIVE:
        rule(objective)


def _criterion_weights(values: Values) -> None:
    weights = values["criterion_params"]
    if len(weights) == 0:
        raise ValueError("decisition tree param's criterio_params should be non empty")
    if isinstance(weights, dict):
        if "l1" not in weights or "l2" not in weights:
            raise AssertionError("l1 and l2 keys are needed in criterion_params dict")
    elif not isinstance(weights, list):
        raise ValueError("criterion_params should be a dict or a list contains l1, l2 reg value")
    elif len(weights) != 2:
        raise AssertionError(
            "length of criterion_param should be 2: l1, l2 regularization values are needed"
        )
    else:
        pair = {"l2": weights[0], "l1": weights[1]}
        non_negative("l2", "l2 reg value")(pair)
        non_negative("l1", "l1 reg value")(pair)


_OLDER_CRITERION: Rules = (
    need(
        "criterion_params",
        kind("list"),
        "decision tree param's criterion_params {} not supported, should be list",
    ),
    need("criterion_params", bool, "decisition tree param's criterio_params should be non empty"),
    need(
        "criterion_params",
        lambda weights: type(weights[0]) in (int, float),
        "decision tree param's criterion_params element shoubld be numeric",
    ),
)

_DECISION_TREE: Rules = (
    lowered("criterion_method", _TREE, ["xgboost"]),
    _criterion_weights,
    need(
        "max_depth",
        kind("int"),
        "decision tree param's max_depth {} not supported, should be integer",
    ),
    need(
        "max_depth",
        at_least(1),
        "decision tree param's max_depth should be positive integer, no less than 1",
    ),
    need(
        "min_sample_split",
        kind("int"),
        "decision tree param's min_sample_split {} not supported, should be integer",
    ),
    need(
        "min_impurity_split",
        kind("int", "float"),
        "decision tree param's min_impurity_split {} not supported, should be numeric",
    ),
    need(
        "min_leaf_node",
        kind("int"),
        "decision tree param's min_leaf_node {} not supported, should be integer",
    ),
    need(
        "max_split_nodes",
        whole_at_least(1),
        "decision tree param's max_split_nodes {{}} not supported,"
        " should be positive integer between 1 and {}",
    ),
    need(
        "n_iter_no_change",
        kind("bool"),
        "decision tree param's n_iter_no_change {} not supported, should be bool type",
    ),
    need(
        "tol",
        kind("int", "float"),
        "decision tree param's tol {} not supported, should be numeric",
    ),
    lowered("feature_importance_type", _TREE, ["split", "gain"]),
    non_negative("min_child_weight", "min_child_weight"),
    boolean("deterministic", "deterministic"),
)

BOOSTING: Rules = (
    need(
        "task_type",
        among("classification", "regression"),
        _ABOUT + "task_type {} not supported, should be classification or regression",
    ),
    _objective,
    need(
        "learning_rate",
        kind("float", "int"),
        _ABOUT + "learning_rate {} not supported, should be numeric",
    ),
    need(
        "subsample_feature_rate",
        lambda rate: type(rate) in (float, int) and 0 <= rate <= 1,
        _ABOUT + "subsample_feature_rate should be a numeric number between 0 and 1",
    ),
    need(
        "n_iter_no_change",
        kind("bool"),
        _ABOUT + "n_iter_no_change {} not supported, should be bool type",
    ),
    need("tol", kind("float", "int"), _ABOUT + "tol {} not supported, should be numeric"),
    need(
        "bin_num",
        whole_at_least(2),
        _ABOUT + "bin_num {} not supported, should be positive integer greater than 1",
    ),
    VALIDATION_FREQS,
    METRICS,
    asserted(
        "random_seed",
        lambda seed: seed is None or (isinstance(seed, int) and seed >= 0),
        "random seed must be an integer >= 0",
    ),
    decimal("binning_error", "boosting tree param's"),
)

_SEVERAL_OUTPUTS = "multi_output"


def several_outputs(values: Values) -> bool:
    """Say whether one tree answers all classes, of which the first lines know nothing."""
    return values.get("multi_mode") == _SEVERAL_OUTPUTS


MULTI_MODE = when(
    lambda values: "multi_mode" in values,
    need(
        "multi_mode",
        among("single_output", _SEVERAL_OUTPUTS),
        "unsupported multi-classification mode",
    ),
)

#: Before 1.6 nobody looked at it.
SPARSE_OPTIMIZATION = boolean("sparse_optimization", "sparse optimization")

TREES = nested("tree_param", _DECISION_TREE)

#: Before 1.6 a criterion had one weight.
OLDER_TREES = nested(
    "tree_param",
    [
        rule
        for own in _DECISION_TREE
        for rule in (_OLDER_CRITERION if own is _criterion_weights else (own,))
    ],
)

TREES_AND_MISSING: Rules = (
    TREES,
    need("use_missing", instance(bool), "use missing should be bool type"),
    need("zero_as_missing", instance(bool), "zero as missing should be bool type"),
)
