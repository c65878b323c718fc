"""What the regressions have in common: their rules."""

from __future__ import annotations

from flowkit_mockserver.kinds.nested import (
    EARLY_STOPPING_ROUNDS,
    ENCRYPT,
    FIRST_METRIC_ONLY,
    INIT,
    METRICS,
    MODE_CALCULATOR,
    PREDICT,
    STEPWISE,
    precision,
)
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    above,
    among,
    cased,
    either,
    ensure,
    given,
    holds,
    instance,
    kind,
    need,
    nested,
    optional,
    when,
    whole_at_least,
)

__all__ = [
    "LOGISTIC",
    "batches_and_start",
    "convergence",
    "decay_and_validation",
    "iterations",
    "penalty",
]

_CONVERGENCE = ["diff", "abs", "weight_diff"]

_BATCH_TEXT = " {} not supported, should be larger than 10 or -1 represent for all data"


def _batch_size(about: str) -> Rule:
    return need(
        "batch_size",
        either(among(-1), whole_at_least(10)),
        about + _BATCH_TEXT,
    )


LOGISTIC: Rules = (
    optional(
        "penalty", kind("str"), "logistic_param's penalty {} not supported, should be str type"
    ),
    when(
        holds("penalty", given),
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
    nested("init_param", INIT.rules),
    need("max_iter", kind("int"), "logistic_param's max_iter {} not supported, should be int type"),
    need(
        "max_iter",
        above(0),
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
    nested("encrypt_param", ENCRYPT.rules),
    nested("predict_param", PREDICT.rules),
    nested(
        "encrypt_param",
        (
            need(
                "method",
                among("Paillier", None),
                "logistic_param's encrypted method support 'Paillier' or None only",
            ),
        ),
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
    nested("stepwise_param", STEPWISE.rules),
    EARLY_STOPPING_ROUNDS,
    METRICS,
    FIRST_METRIC_ONLY,
    precision(63),
)


def penalty(about: str) -> Rules:
    """Return the rules of what is minimised, in a class that calls itself `about`."""
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


def batches_and_start(about: str) -> Rules:
    """Return the rules of batches, learning rate and starting weights."""
    return (
        need("batch_size", kind("int"), about + "batch_size {} not supported, should be int type"),
        _batch_size(about),
        need(
            "learning_rate",
            kind("int", "float"),
            about + "learning_rate {} not supported, should be float type",
        ),
        nested("init_param", INIT.rules),
    )


def iterations(about: str) -> Rules:
    """Return the rules of the number of iterations."""
    return (
        need("max_iter", kind("int"), about + "max_iter {} not supported, should be int type"),
        need("max_iter", above(0), about + "max_iter must be greater or equal to 1"),
    )


def convergence(about: str, allowed: str) -> Rules:
    """Return the rules of convergence, whose text says that `allowed` can be chosen, and of encryption."""
    return (
        need("early_stop", kind("str"), about + "early_stop {} not supported, should be str type"),
        cased(
            "early_stop",
            str.lower,
            _CONVERGENCE,
            f"{about}early_stop not supported, early_stop should be {allowed}",
        ),
        nested("encrypt_param", ENCRYPT.rules),
    )


def decay_and_validation(about: str) -> Rules:
    """Return the rules of decay and of validation while training."""
    freqs = "validation strategy param's validate_freqs"
    return (
        nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
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
