"""HomoSecureboost: boosted trees over samples that lie with several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.callbacks import moved_to_callbacks
from flowkit_mockserver.kinds.ensemble.shared_rules import (
    BOOSTING,
    MULTI_MODE,
    TREES_AND_MISSING,
    several_outputs,
)
from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, LaterResults, code_in
from flowkit_mockserver.kinds.nested import CROSS_VALIDATION, PREDICT
from flowkit_mockserver.kinds.rules import Rules, among, ensure, need, when

__all__ = ["KIND"]

_RULES: Rules = (
    *BOOSTING,
    *TREES_AND_MISSING,
    MULTI_MODE,
    when(
        several_outputs,
        ensure(
            lambda values: values["task_type"] != "regression",
            "regression tasks not support multi-output trees",
        ),
    ),
)

_LATER_RULES: Rules = (
    *_RULES,
    need("backend", among("memory", "distributed"), "unsupported backend"),
    moved_to_callbacks("validation_freqs", "metrics", listed=True),
)

KIND = Kind(
    name="HomoSecureboost",
    later_name="HomoSecureBoost",
    algorithm="flowkit_mockserver.components.ensemble.homo_secureboost:boost_homo",
    exactness=Exactness.EXACT,
    accuracy=(
        "Grown on all rows from the same summed histograms, in the clear: secure aggregation changes no number."
    ),
    param_class="HomoSecureBoostParam",
    defaults={
        "bin_num": 32,
        "binning_error": 0.0001,
        "cv_param": CROSS_VALIDATION.defaults,
        "learning_rate": 0.3,
        "metrics": None,
        "n_iter_no_change": True,
        "num_trees": 5,
        "objective_param": {"objective": "cross_entropy", "params": None},
        "predict_param": PREDICT.defaults,
        "random_seed": 100,
        "subsample_feature_rate": 1,
        "task_type": "classification",
        "tol": 0.0001,
        "tree_param": {
            "criterion_method": "xgboost",
            "criterion_params": [0.1, 0],
            "deterministic": False,
            "feature_importance_type": "split",
            "max_depth": 3,
            "max_split_nodes": 65536,
            "min_child_weight": 0,
            "min_impurity_split": 0.001,
            "min_leaf_node": 1,
            "min_sample_split": 2,
            "n_iter_no_change": True,
            "tol": 0.001,
            "use_missing": False,
            "zero_as_missing": False,
        },
        "use_missing": False,
        "validation_freqs": None,
        "zero_as_missing": False,
    },
    rules=_RULES,
    later_rules=("callbacks", _LATER_RULES),
    code_path=code_in(
        "federatedml/ensemble/boosting/homo",
        arbiter="homo_secureboost_arbiter.py/HomoSecureBoostingTreeArbiter",
        guest="homo_secureboost_client.py/HomoSecureBoostingTreeClient",
        host="homo_secureboost_client.py/HomoSecureBoostingTreeClient",
    ),
    buffers={ANY_ROLE: Buffers.named("HomoSecureBoostingTreeGuest", "BoostingTreeModel")},
    later=LaterResults(
        buffers={
            ANY_ROLE: Buffers.named("HomoSecureBoostingTreeGuest", "BoostingTreeModel", later=True)
        }
    ),
)
