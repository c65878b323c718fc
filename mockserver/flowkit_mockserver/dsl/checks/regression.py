"""Checks of the logistic, linear and Poisson regressions."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rule,
    Rules,
    cased,
    ensure,
    instance,
    kind,
    need,
    nested,
    optional,
    when,
)
from flowkit_mockserver.dsl.checks.shared import (
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

__all__ = ["HETERO_LOGISTIC", "HOMO_LOGISTIC", "LINEAR", "POISSON"]

_CONVERGENCE = ["diff", "abs", "weight_diff"]
_BATCH_TEXT = " {} not supported, should be larger than 10 or -1 represent for all data"


def _batch_size(about: str) -> Rule:
    return need(
        "batch_size",
        lambda size: size == -1 or (type(size) is int and size >= 10),
        about + _BATCH_TEXT,
    )


_LOGISTIC: Rules = (
    optional(
        "penalty", kind("str"), "logistic_param's penalty {} not supported, should be str type"
    ),
    when(
        lambda values: values["penalty"] is not None,
        cased(
            "penalty",
            str.upper,
            ["L1", "L2", "NONE"],
            "logistic_param's penalty not supported, penalty should be 'L1', 'L2' or 'none'",
        ),
    ),
    need(
        "tol",
        instance(int, float),
        "logistic_param's tol {} not supported, should be float type",
    ),
    need(
        "alpha",
        kind("float", "int"),
        "logistic_param's alpha {} not supported, should be float or int type",
    ),
    need(
        "optimizer",
        kind("str"),
        "logistic_param's optimizer {} not supported, should be str type",
    ),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "nesterov_momentum_sgd", "sqn"],
        "logistic_param's optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'nesterov_momentum_sgd', 'sqn' or 'adagrad'",
    ),
    _batch_size("logistic_param's"),
    need(
        "learning_rate",
        instance(float, int),
        "logistic_param's learning_rate {} not supported, should be float or int type",
    ),
    nested("init_param", INIT),
    need("max_iter", kind("int"), "logistic_param's max_iter {} not supported, should be int type"),
    need(
        "max_iter",
        lambda count: count > 0,
        "logistic_param's max_iter must be greater or equal to 1",
    ),
    need(
        "early_stop",
        kind("str"),
        "logistic_param's early_stop {} not supported, should be str type",
    ),
    cased(
        "early_stop",
        str.lower,
        _CONVERGENCE,
        "logistic_param's early_stop not supported, converge_func should be"
        " 'diff', 'weight_diff' or 'abs'",
    ),
    nested("encrypt_param", ENCRYPT),
    nested("predict_param", PREDICT),
    ensure(
        lambda values: values["encrypt_param"]["method"] in ("Paillier", None),
        "logistic_param's encrypted method support 'Paillier' or None only",
    ),
    need(
        "decay",
        kind("int", "float"),
        "logistic_param's decay {} not supported, should be 'int' or 'float'",
    ),
    need(
        "decay_sqrt",
        kind("bool"),
        "logistic_param's decay_sqrt {} not supported, should be 'bool'",
    ),
    nested("stepwise_param", STEPWISE),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(63),
)

HETERO_LOGISTIC: Rules = (
    *_LOGISTIC,
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON),
)

HOMO_LOGISTIC: Rules = (
    *_LOGISTIC,
    need(
        "re_encrypt_batches",
        kind("int"),
        "logistic_param's re_encrypt_batches {} not supported, should be int type",
    ),
    need(
        "re_encrypt_batches",
        lambda count: count >= 0,
        "logistic_param's re_encrypt_batches must be greater or equal to 0",
    ),
    need(
        "aggregate_iters",
        instance(int),
        "logistic_param's aggregate_iters {} not supported, should be int type",
    ),
    when(
        lambda values: values["encrypt_param"]["method"] == "Paillier",
        need(
            "optimizer",
            lambda name: name == "sgd",
            "Paillier encryption mode supports 'sgd' optimizer method only.",
        ),
        need(
            "penalty",
            lambda name: name != "L1",
            "Paillier encryption mode supports 'L2' penalty or None only.",
        ),
    ),
    need(
        "optimizer",
        lambda name: name != "sqn",
        "'sqn' optimizer is supported for hetero mode only.",
    ),
)


def _penalty(about: str) -> tuple[Rule, ...]:
    return (
        optional("penalty", kind("str"), about + "penalty {} not supported, should be str type"),
        cased(
            "penalty",
            lambda name: "NONE" if name is None else name.upper(),
            ["L1", "L2", "NONE"],
            "penalty {} not supported, penalty should be 'L1', 'L2' or 'none'",
        ),
        need("tol", kind("int", "float"), about + "tol {} not supported, should be float type"),
        need("alpha", kind("int", "float"), about + "alpha {} not supported, should be float type"),
        need("optimizer", kind("str"), about + "optimizer {} not supported, should be str type"),
    )


def _batches_and_start(about: str) -> tuple[Rule, ...]:
    return (
        need("batch_size", kind("int"), about + "batch_size {} not supported, should be int type"),
        _batch_size(about),
        need(
            "learning_rate",
            kind("int", "float"),
            about + "learning_rate {} not supported, should be float type",
        ),
        nested("init_param", INIT),
    )


def _iterations(about: str) -> tuple[Rule, ...]:
    return (
        need("max_iter", kind("int"), about + "max_iter {} not supported, should be int type"),
        need("max_iter", lambda count: count > 0, about + "max_iter must be greater or equal to 1"),
    )


def _convergence(about: str, allowed: str) -> tuple[Rule, ...]:
    return (
        need("early_stop", kind("str"), about + "early_stop {} not supported, should be str type"),
        cased(
            "early_stop",
            str.lower,
            _CONVERGENCE,
            f"{about}early_stop not supported, early_stop should be {allowed}",
        ),
        nested("encrypt_param", ENCRYPT),
    )


def _decay_and_validation(about: str) -> tuple[Rule, ...]:
    freqs = "validation strategy param's validate_freqs"
    return (
        nested("encrypted_mode_calculator_param", MODE_CALCULATOR),
        need(
            "decay",
            kind("int", "float"),
            about + "decay {} not supported, should be 'int' or 'float'",
        ),
        ensure(
            lambda values: type(values["decay_sqrt"]) is bool,
            about + "decay_sqrt {decay} not supported, should be 'bool'",
        ),
        optional(
            "validation_freqs",
            kind("int", "list"),
            f"{freqs}'s type not supported , should be int or list or tuple or set",
        ),
        need(
            "validation_freqs",
            lambda value: type(value) is not int or value > 0,
            f"{freqs} should greater than 0",
        ),
    )


_LINEAR = "linear_regression_param's "
LINEAR: Rules = (
    *_penalty(_LINEAR),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "sqn"],
        _LINEAR + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'sqn' or 'adagrad'",
    ),
    *_batches_and_start(_LINEAR),
    *_iterations(_LINEAR),
    *_convergence(_LINEAR, "'weight_diff', 'diff' or 'abs'"),
    uses_paillier(_LINEAR + "encrypt method supports 'Paillier' only"),
    *_decay_and_validation(_LINEAR),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON),
    nested("stepwise_param", STEPWISE),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(64),
)

_POISSON = "poisson_regression_param's "
POISSON: Rules = (
    *_penalty(_POISSON),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "nesterov_momentum_sgd"],
        _POISSON + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'adagrad' or 'nesterov_momentum_sgd'",
    ),
    *_batches_and_start(_POISSON),
    uses_paillier(_POISSON + "encrypt method supports 'Paillier' only"),
    *_iterations(_POISSON),
    optional(
        "exposure_colname",
        kind("str"),
        _POISSON + "exposure_colname {} not supported, should be string type",
    ),
    *_convergence(_POISSON, "'diff' or 'abs'"),
    uses_paillier(_POISSON + "encrypt method supports 'Paillier' or None only"),
    *_decay_and_validation(_POISSON),
    nested("stepwise_param", STEPWISE),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(64),
)
