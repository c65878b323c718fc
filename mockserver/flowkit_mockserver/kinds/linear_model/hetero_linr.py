"""HeteroLinR: linear regression over the columns of several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_LINEAR
from flowkit_mockserver.kinds.linear_model.shared_rules import (
    batches_and_start,
    convergence,
    decay_and_validation,
    iterations,
    penalty,
)
from flowkit_mockserver.kinds.nested import (
    CROSS_VALIDATION,
    EARLY_STOPPING_ROUNDS,
    ENCRYPT,
    FIRST_METRIC_ONLY,
    INIT,
    METRICS,
    MODE_CALCULATOR,
    PREDICT,
    STEPWISE,
    STOCHASTIC_QUASI_NEWTON,
    precision,
    uses_paillier,
)
from flowkit_mockserver.kinds.rules import Rules, cased, nested

__all__ = ["KIND"]

_LINEAR = "linear_regression_param's "

_RULES: Rules = (
    *penalty(_LINEAR),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "sqn"],
        _LINEAR + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'sqn' or 'adagrad'",
    ),
    *batches_and_start(_LINEAR),
    *iterations(_LINEAR),
    *convergence(_LINEAR, "'weight_diff', 'diff' or 'abs'"),
    uses_paillier(_LINEAR + "encrypt method supports 'Paillier' only"),
    *decay_and_validation(_LINEAR),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON.rules),
    nested("stepwise_param", STEPWISE.rules),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(64),
)

KIND = Kind(
    name="HeteroLinR",
    algorithm="flowkit_mockserver.components.linear_model.hetero:regress",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained on all common samples in FATE's own steps, in the clear. Weights that start at random "
        "without a seed, and batches that are shuffled, are drawn from the seed of the server."
    ),
    param_class="LinearParam",
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
        "max_iter": 20,
        "metrics": [],
        "optimizer": "sgd",
        "penalty": "L2",
        "predict_param": PREDICT.defaults,
        "sqn_param": STOCHASTIC_QUASI_NEWTON.defaults,
        "stepwise_param": STEPWISE.defaults,
        "tol": 0.0001,
        "use_first_metric_only": False,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("linear_models", LATER_LINEAR),
    code_path=code_in(
        "federatedml/linear_model/linear_regression/hetero_linear_regression",
        arbiter="hetero_linr_arbiter.py/HeteroLinRArbiter",
        guest="hetero_linr_guest.py/HeteroLinRGuest",
        host="hetero_linr_host.py/HeteroLinRHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroLinearRegression", "LinRModel")},
    key_check=1,
)
