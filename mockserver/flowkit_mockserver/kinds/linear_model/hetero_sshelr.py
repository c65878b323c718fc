"""HeteroSSHELR: logistic regression of a guest and a host without an arbiter, on shares of what nobody knows."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_SHARED_LOGISTIC

__all__ = ["KIND"]

KIND = Kind(
    name="HeteroSSHELR",
    algorithm="flowkit_mockserver.components.linear_model.sshe:regress_on_shares",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained in FATE's own steps, in the clear; there, random shares leave chance from about the twelfth digit on."
    ),
    param_class="HeteroSSHELRParam",
    defaults={
        "alpha": 1.0,
        "batch_size": -1,
        "batch_strategy": "full",
        "callback_param": {
            "callbacks": [],
            "early_stopping_rounds": None,
            "metrics": [],
            "save_freq": 1,
            "use_first_metric_only": False,
            "validation_freqs": None,
        },
        "cv_param": {
            "history_value_type": "score",
            "mode": "hetero",
            "n_splits": 5,
            "need_cv": False,
            "output_fold_history": True,
            "random_seed": 1,
            "role": "guest",
            "shuffle": True,
        },
        "decay": 1,
        "decay_sqrt": True,
        "early_stop": "diff",
        "early_stopping_rounds": None,
        "encrypt_param": {"key_length": 2048, "method": "Paillier"},
        "encrypted_mode_calculator_param": {"mode": "strict", "re_encrypted_rate": 1},
        "floating_point_precision": 23,
        "init_param": {
            "fit_intercept": True,
            "init_const": 1,
            "init_method": "random_uniform",
            "random_seed": None,
        },
        "learning_rate": 0.01,
        "masked_rate": 5,
        "max_iter": 100,
        "metrics": [],
        "multi_class": "ovr",
        "optimizer": "sgd",
        "penalty": "L2",
        "predict_param": {"threshold": 0.5},
        "reveal_every_iter": False,
        "reveal_strategy": "respectively",
        "shuffle": True,
        "stepwise_param": {
            "direction": "both",
            "max_step": 10,
            "mode": "hetero",
            "need_stepwise": False,
            "nvmax": None,
            "nvmin": 2,
            "role": "guest",
            "score_name": "AIC",
        },
        "tol": 0.0001,
        "use_first_metric_only": False,
        "use_mix_rand": True,
        "validation_freqs": None,
    },
    later_rules=("linear_models", LATER_SHARED_LOGISTIC),
    code_path=code_in(
        "federatedml/linear_model/bilateral_linear_model/hetero_sshe_logistic_regression",
        guest="hetero_lr_guest.py/HeteroLRGuest",
        host="hetero_lr_host.py/HeteroLRHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroLogisticRegression", "LRModel")},
    later_only=True,
)
