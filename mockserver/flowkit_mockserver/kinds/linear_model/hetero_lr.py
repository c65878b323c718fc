"""HeteroLR: logistic regression over the columns of several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import (
    ANY_ROLE,
    Buffers,
    Exactness,
    Kind,
    TaskLogs,
    code_in,
)
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_HETERO_LOGISTIC
from flowkit_mockserver.kinds.linear_model.shared_rules import LOGISTIC
from flowkit_mockserver.kinds.nested import (
    CROSS_VALIDATION,
    ENCRYPT,
    INIT,
    MODE_CALCULATOR,
    PREDICT,
    STEPWISE,
    STOCHASTIC_QUASI_NEWTON,
)
from flowkit_mockserver.kinds.rules import Rules, nested

__all__ = ["KIND"]

_RULES: Rules = (
    *LOGISTIC,
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON.rules),
)


KIND = Kind(
    name="HeteroLR",
    algorithm="flowkit_mockserver.components.linear_model.hetero:regress",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained on all common samples in FATE's own steps, in the clear. Weights that start at random "
        "without a seed, and batches that are shuffled, are drawn from the seed of the server."
    ),
    param_class="HeteroLogisticParam",
    defaults={
        "alpha": 1.0,
        "batch_size": -1,
        "cv_param": CROSS_VALIDATION.defaults,
        "decay": 1,
        "decay_sqrt": True,
        "early_stop": "diff",
        "early_stopping_rounds": None,
        "encrypt_param": ENCRYPT.defaults,
        "encrypted_mode_calculator_param": MODE_CALCULATOR.defaults,
        "floating_point_precision": 23,
        "init_param": INIT.defaults,
        "learning_rate": 0.01,
        "max_iter": 100,
        "metrics": ["auc", "ks"],
        "multi_class": "ovr",
        "optimizer": "rmsprop",
        "penalty": "L2",
        "predict_param": PREDICT.defaults,
        "sqn_param": STOCHASTIC_QUASI_NEWTON.defaults,
        "stepwise_param": STEPWISE.defaults,
        "tol": 0.0001,
        "use_first_metric_only": False,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("linear_models", LATER_HETERO_LOGISTIC),
    code_path=code_in(
        "federatedml/linear_model/logistic_regression/hetero_logistic_regression",
        arbiter="hetero_lr_arbiter.py/HeteroLRArbiter",
        guest="hetero_lr_guest.py/HeteroLRGuest",
        host="hetero_lr_host.py/HeteroLRHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroLogisticRegression", "LRModel")},
    key_check=0,
    logs=TaskLogs(later_warns={"guest": 1}),
)
