"""The nested parameter classes that several kinds have, and the rules of single parameters that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    among,
    at_least,
    boolean,
    cased,
    ensure,
    given,
    holds,
    instance,
    kind,
    lowered,
    need,
    nested,
    one_of,
    optional,
    positive_integer,
    respelled,
    when,
    whole_within,
    within,
)

__all__ = [
    "CROSS_VALIDATION",
    "EARLY_STOPPING_ROUNDS",
    "ENCRYPT",
    "FIRST_METRIC_ONLY",
    "INIT",
    "LATER_ENCRYPT",
    "METRICS",
    "MODE_CALCULATOR",
    "PAILLIER",
    "PREDICT",
    "STEPWISE",
    "STOCHASTIC_QUASI_NEWTON",
    "VALIDATION_FREQS",
    "NestedClass",
    "precision",
    "uses_paillier",
]


@dataclass(frozen=True, slots=True)
class NestedClass:
    """A parameter class inside another one.

    Attributes:
        defaults: its parameters, unless the class around it has defaults of its own.
        rules: what it checks.
    """

    defaults: Mapping[str, Any]
    rules: Rules = ()


PAILLIER = "Paillier"
_CIPHERS = {
    "paillier": PAILLIER,
    "iterativeaffine": "IterativeAffine",
    "randomiterativeaffine": "RandomIterativeAffine",
}
_STEPWISE = "stepwise param's"
_SQN = "hetero sqn param's"

ENCRYPT = NestedClass(
    {"key_length": 1024, "method": PAILLIER},
    (
        optional(
            "method", kind("str"), "encrypt_param's method {} not supported, should be str type"
        ),
        respelled("method", _CIPHERS, "encrypt_param's method {} not supported"),
        need(
            "key_length",
            kind("int"),
            "encrypt_param's key_length {} not supported, should be int type",
        ),
        need(
            "key_length",
            at_least(1),
            "encrypt_param's key_length must be greater or equal to 1",
        ),
    ),
)


#: The cipher of the later lines: the affine one is taken for Paillier.
LATER_ENCRYPT = NestedClass(
    {"key_length": 1024, "method": PAILLIER},
    (
        ENCRYPT.rules[0],
        respelled(
            "method",
            {"paillier": PAILLIER, "iterativeaffine": PAILLIER, "ipcl": "IPCL"},
            "encrypt_param's method {} not supported",
        ),
        *ENCRYPT.rules[2:],
    ),
)


def uses_paillier(text: str) -> Rule:
    """The cipher is Paillier; after the rules of `ENCRYPT` in any letters, before them exactly."""
    return nested("encrypt_param", (need("method", among(PAILLIER), text),))


MODE_CALCULATOR = NestedClass(
    {"mode": "strict", "re_encrypted_rate": 1},
    (
        lowered(
            "mode",
            "encrypted_mode_calculator param",
            ["strict", "fast", "balance", "confusion_opt", "confusion_opt_balance"],
        ),
        when(
            holds("mode", among("balance", "confusion_opt_balance")),
            need(
                "re_encrypted_rate",
                kind("int", "float"),
                "re_encrypted_rate should be a numeric number",
            ),
            need(
                "re_encrypted_rate",
                within(0, 1),
                "re_encrypted_rate should  in [0, 1]",
            ),
        ),
    ),
)

PREDICT = NestedClass(
    {"threshold": 0.5},
    (
        need(
            "threshold",
            kind("float", "int"),
            "predict param's predict_param {} not supported, should be float or int",
        ),
    ),
)

CROSS_VALIDATION = NestedClass(
    {
        "history_value_type": "score",
        "mode": "hetero",
        "n_splits": 5,
        "need_cv": False,
        "output_fold_history": True,
        "random_seed": 1,
        "role": "guest",
        "shuffle": True,
    },
)

INIT = NestedClass(
    {"fit_intercept": True, "init_const": 1, "init_method": "random_uniform", "random_seed": None},
    (
        need(
            "init_method",
            kind("str"),
            "Init param's init_method {} not supported, should be str type",
        ),
        cased(
            "init_method",
            str.lower,
            ["random_uniform", "random_normal", "ones", "zeros", "const"],
            "Init param's init_method {} not supported, init_method should in 'random_uniform',"
            " 'random_normal' 'ones', 'zeros' or 'const'",
        ),
        need(
            "init_const",
            kind("int", "float"),
            "Init param's init_const {} not supported, should be int or float type",
        ),
        need(
            "fit_intercept",
            kind("bool"),
            "Init param's fit_intercept {} not supported, should be bool type",
        ),
        optional(
            "random_seed",
            kind("int"),
            "Init param's random_seed {} not supported, should be int or float type",
        ),
    ),
)

STOCHASTIC_QUASI_NEWTON = NestedClass(
    {"memory_M": 5, "random_seed": None, "sample_size": 5000, "update_interval_L": 3},
    (
        positive_integer("update_interval_L", _SQN),
        positive_integer("memory_M", _SQN),
        positive_integer("sample_size", _SQN),
        when(holds("random_seed", given), positive_integer("random_seed", _SQN)),
    ),
)

STEPWISE = NestedClass(
    {
        "direction": "both",
        "max_step": 10,
        "mode": "hetero",
        "need_stepwise": False,
        "nvmax": None,
        "nvmin": 2,
        "role": "guest",
        "score_name": "AIC",
    },
    (
        lowered("score_name", _STEPWISE, ["aic", "bic"]),
        one_of("mode", _STEPWISE, ["homo", "hetero"]),
        one_of("role", _STEPWISE, ["host", "guest", "arbiter"]),
        lowered("direction", _STEPWISE, ["forward", "backward", "both"]),
        positive_integer("max_step", _STEPWISE),
        positive_integer("nvmin", _STEPWISE),
        need("nvmin", at_least(2), "stepwise param's nvmin must be no less than 2."),
        when(
            holds("nvmax", given),
            positive_integer("nvmax", _STEPWISE),
            ensure(
                lambda values: values["nvmin"] <= values["nvmax"],
                "stepwise param's nvmax must be greater than nvmin.",
            ),
        ),
        boolean("need_stepwise", _STEPWISE),
    ),
)

EARLY_STOPPING_ROUNDS = when(
    holds("early_stopping_rounds", instance(int)),
    need(
        "early_stopping_rounds",
        at_least(1),
        "early stopping rounds should be larger than 0 when it's integer",
    ),
    need(
        "validation_freqs",
        given,
        "validation freqs must be set when early stopping is enabled",
    ),
)

METRICS = optional("metrics", instance(list), "metrics should be a list")

FIRST_METRIC_ONLY = need(
    "use_first_metric_only", instance(bool), "use_first_metric_only should be a boolean"
)

VALIDATION_FREQS = when(
    holds("validation_freqs", given),
    need(
        "validation_freqs",
        lambda value: not isinstance(value, int) or value >= 1,
        "validation_freqs should be larger than 0 when it's integer",
    ),
    need(
        "validation_freqs",
        instance(int, str, list, dict),
        "validation_freqs should be None or positive integer or container",
    ),
)


def precision(bits: int) -> Rule:
    """Floating point precision is null or a whole number of at most `bits`."""
    return optional(
        "floating_point_precision",
        whole_within(0, bits),
        f"floating point precision should be null or a integer between 0 and {bits}",
    )
