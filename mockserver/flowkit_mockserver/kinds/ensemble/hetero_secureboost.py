"""HeteroSecureBoost: boosted trees over the columns of several parties."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.kinds.callbacks import moved_to_callbacks
from flowkit_mockserver.kinds.ensemble.shared_rules import (
    BOOSTING,
    MULTI_MODE,
    SPARSE_OPTIMIZATION,
    TREES_AND_MISSING,
    several_outputs,
)
from flowkit_mockserver.kinds.kind import Buffers, Exactness, Kind, LaterResults, code_in
from flowkit_mockserver.kinds.nested import (
    CROSS_VALIDATION,
    EARLY_STOPPING_ROUNDS,
    ENCRYPT,
    FIRST_METRIC_ONLY,
    LATER_ENCRYPT,
    MODE_CALCULATOR,
    PREDICT,
)
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    asserted,
    boolean,
    decimal,
    ensure,
    given,
    holds,
    need,
    nested,
    positive_integer,
    positive_number,
    when,
)

__all__ = ["KIND"]

_OUTPUTS_TOGETHER = when(
    several_outputs,
    ensure(
        lambda values: (values["work_mode"] or values["boosting_strategy"]) == "std",
        "MO trees only works when boosting strategy is std tree",
    ),
    ensure(
        lambda values: bool(values["cipher_compress"]),
        "Mo trees only works when cipher compress is enabled",
    ),
)

_SHARES_OF_GOSS = ensure(
    lambda values: values["top_rate"] + values["other_rate"] < 1,
    "sum of top rate and other rate should be smaller than 1",
)

_RULES: Rules = (
    *BOOSTING,
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
    nested("encrypt_param", ENCRYPT.rules),
    EARLY_STOPPING_ROUNDS,
    FIRST_METRIC_ONLY,
    *TREES_AND_MISSING,
    boolean("complete_secure", "complete_secure"),
    SPARSE_OPTIMIZATION,
    boolean("run_goss", "run goss"),
    decimal("top_rate", "top rate"),
    decimal("other_rate", "other rate"),
    positive_number("other_rate", "other_rate"),
    positive_number("top_rate", "top_rate"),
    boolean("new_ver", "code version switcher"),
    MULTI_MODE,
    _OUTPUTS_TOGETHER,
    _SHARES_OF_GOSS,
    when(
        holds("cipher_compress_error", given),
        positive_integer("cipher_compress_error", "cipher_compress_error"),
        need(
            "cipher_compress_error",
            lambda places: places <= 15,
            "cipher compress error exceeds max value 15.",
        ),
    ),
)


def _strategy_by_its_old_name(values: Values) -> None:
    if values["work_mode"] is not None:
        values["boosting_strategy"] = values["work_mode"]


_LATER_RULES: Rules = (
    *BOOSTING,
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
    nested("encrypt_param", LATER_ENCRYPT.rules),
    EARLY_STOPPING_ROUNDS,
    FIRST_METRIC_ONLY,
    *TREES_AND_MISSING,
    boolean("run_goss", "run goss"),
    decimal("top_rate", "top rate"),
    decimal("other_rate", "other rate"),
    positive_number("other_rate", "other_rate"),
    positive_number("top_rate", "top_rate"),
    boolean("new_ver", "code version switcher"),
    boolean("cipher_compress", "cipher compress"),
    boolean("EINI_inference", "eini inference"),
    boolean("EINI_random_mask", "eini random mask"),
    boolean("EINI_complexity_check", "eini complexity check"),
    asserted(
        "complete_secure",
        lambda count: isinstance(count, int) and count >= 0,
        "complete secure should be an int >= 0",
    ),
    _strategy_by_its_old_name,
    MULTI_MODE,
    _OUTPUTS_TOGETHER,
    need(
        "boosting_strategy",
        lambda name: name in ["std", "layered", "mix"],
        "unknown sbt boosting strategy{}",
    ),
    moved_to_callbacks(
        "early_stopping_rounds",
        "validation_freqs",
        "metrics",
        "use_first_metric_only",
        listed=True,
    ),
    _SHARES_OF_GOSS,
)


def _relabel(param: dict[str, Any], parties: Relabelling) -> None:
    own_features = set(param["featureNameFidMapping"].values())
    for importance in param["featureImportances"]:
        importance["sitename"] = parties.name(importance["sitename"])
        if importance["fullname"] not in own_features:
            importance["fullname"] = parties.name(importance["fullname"])
    for tree in param["trees"]:
        for node in tree["tree"]:
            node["sitename"] = parties.name(node["sitename"])
    plan = (step.split("_") for step in param["treePlan"])
    param["treePlan"] = [
        f"{mode}_{party_id if int(party_id) == -1 else parties.host(party_id)}"
        for mode, party_id in plan
    ]


KIND = Kind(
    name="HeteroSecureBoost",
    algorithm="flowkit_mockserver.components.ensemble.hetero_secureboost:boost_trees",
    exactness=Exactness.EXACT,
    accuracy=(
        "Grown on all rows from the same histograms and gains, in the clear: encryption changes no number."
    ),
    param_class="HeteroSecureBoostParam",
    defaults={
        "bin_num": 32,
        "binning_error": 0.0001,
        "cipher_compress_error": None,
        "complete_secure": False,
        "cv_param": CROSS_VALIDATION.defaults,
        "early_stopping_rounds": None,
        "encrypt_param": ENCRYPT.defaults,
        "encrypted_mode_calculator_param": MODE_CALCULATOR.defaults,
        "learning_rate": 0.3,
        "metrics": None,
        "n_iter_no_change": True,
        "new_ver": True,
        "num_trees": 5,
        "objective_param": {"objective": "cross_entropy", "params": None},
        "other_rate": 0.1,
        "predict_param": PREDICT.defaults,
        "random_seed": 100,
        "run_goss": False,
        "sparse_optimization": False,
        "subsample_feature_rate": 1.0,
        "task_type": "classification",
        "tol": 0.0001,
        "top_rate": 0.2,
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
        "use_first_metric_only": False,
        "use_missing": False,
        "validation_freqs": None,
        "zero_as_missing": False,
    },
    rules=_RULES,
    later_rules=("callbacks", _LATER_RULES),
    code_path=code_in(
        "federatedml/ensemble/boosting/hetero",
        guest="hetero_secureboost_guest.py/HeteroSecureBoostingTreeGuest",
        host="hetero_secureboost_host.py/HeteroSecureBoostingTreeHost",
    ),
    buffers={
        "guest": Buffers.named("HeteroSecureBoostingTreeGuest", "BoostingTreeModel"),
        "host": Buffers.named("HeteroSecureBoostingTreeHost", "BoostingTreeModel"),
    },
    later=LaterResults(
        buffers={
            "guest": Buffers.named(
                "HeteroSecureBoostingTreeGuest", "BoostingTreeModel", later=True
            ),
            "host": Buffers.named("HeteroSecureBoostingTreeHost", "BoostingTreeModel", later=True),
        }
    ),
    relabel=_relabel,
)
