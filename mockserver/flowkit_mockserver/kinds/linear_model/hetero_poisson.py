"""HeteroPoisson: Poisson regression over the columns of several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_POISSON
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
    precision,
    uses_paillier,
)
from flowkit_mockserver.kinds.rules import Rules, cased, kind, nested, optional

__all__ = ["KIND"]

_POISSON = "poisson_regression_param's "

_RULES: Rules = (
    *penalty(_POISSON),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "nesterov_momentum_sgd"],
        _POISSON + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'adagrad' or 'nesterov_momentum_sgd'",
    ),
    *batches_and_start(_POISSON),
    uses_paillier(_POISSON + "encrypt method supports 'Paillier' only"),
    *iterations(_POISSON),
    optional(
        "exposure_colname",
        kind("str"),
        _POISSON + "exposure_colname {} not supported, should be string type",
    ),
    *convergence(_POISSON, "'diff' or 'abs'"),
    uses_paillier(_POISSON + "encrypt method supports 'Paillier' or None only"),
    *decay_and_validation(_POISSON),
    nested("stepwise_param", STEPWISE.rules),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(64),
)

KIND = Kind(
    name="HeteroPoisson",
    algorithm="flowkit_mockserver.components.linear_model.hetero:regress",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained on all common samples in FATE's own steps, in the clear. Weights that start at random "
        "without a seed, and batches that are shuffled, are drawn from the seed of the server."
    ),
    param_class="PoissonParam",
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
        "exposure_colname": None,
        "floating_point_precision": 23,
        "init_param": INIT.defaults,
        "learning_rate": 0.01,
        "max_iter": 20,
        "metrics": [],
        "optimizer": "rmsprop",
        "penalty": "L2",
        "predict_param": PREDICT.defaults,
        "stepwise_param": STEPWISE.defaults,
        "tol": 0.0001,
        "use_first_metric_only": False,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("linear_models", LATER_POISSON),
    code_path=code_in(
        "federatedml/linear_model/poisson_regression/hetero_poisson_regression",
        arbiter="hetero_poisson_arbiter.py/HeteroPoissonArbiter",
        guest="hetero_poisson_guest.py/HeteroPoissonGuest",
        host="hetero_poisson_host.py/HeteroPoissonHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroPoissonRegression", "PoissonModel")},
    key_check=2,
)
