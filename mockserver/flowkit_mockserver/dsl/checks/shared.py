"""Checks of the nested classes that several algorithms have, and of the parameters they share."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.rules import (
    Rule,
    Values,
    boolean,
    cased,
    ensure,
    instance,
    kind,
    lowered,
    need,
    one_of,
    optional,
    positive_integer,
    when,
)

__all__ = [
    "EARLY_STOPPING_ROUNDS",
    "ENCRYPT",
    "FIRST_METRIC_ONLY",
    "INIT",
    "METRICS",
    "MODE_CALCULATOR",
    "PREDICT",
    "STEPWISE",
    "STOCHASTIC_QUASI_NEWTON",
    "VALIDATION_FREQS",
    "precision",
    "uses_paillier",
]

PAILLIER = "Paillier"
_CIPHERS = {
    "paillier": PAILLIER,
    "iterativeaffine": "IterativeAffine",
    "randomiterativeaffine": "RandomIterativeAffine",
}
_STEPWISE = "stepwise param's"
_SQN = "hetero sqn param's"


def _cipher(values: Values) -> None:
    method = values["method"]
    if method is None:
        return
    if method.lower() not in _CIPHERS:
        raise ValueError(f"encrypt_param's method {method.lower()} not supported")
    values["method"] = _CIPHERS[method.lower()]


ENCRYPT = (
    optional("method", kind("str"), "encrypt_param's method {} not supported, should be str type"),
    _cipher,
    need(
        "key_length", kind("int"), "encrypt_param's key_length {} not supported, should be int type"
    ),
    need(
        "key_length",
        lambda length: length > 0,
        "encrypt_param's key_length must be greater or equal to 1",
    ),
)


def uses_paillier(text: str) -> Rule:
    """The cipher is Paillier; after the rules of `ENCRYPT` in any letters, before them exactly."""
    return ensure(lambda values: values["encrypt_param"]["method"] == PAILLIER, text)


MODE_CALCULATOR = (
    lowered(
        "mode",
        "encrypted_mode_calculator param",
        ["strict", "fast", "balance", "confusion_opt", "confusion_opt_balance"],
    ),
    when(
        lambda values: values["mode"] in ("balance", "confusion_opt_balance"),
        need(
            "re_encrypted_rate",
            kind("int", "float"),
            "re_encrypted_rate should be a numeric number",
        ),
        need(
            "re_encrypted_rate",
            lambda rate: 0 <= rate <= 1,
            "re_encrypted_rate should  in [0, 1]",
        ),
    ),
)

PREDICT = (
    need(
        "threshold",
        kind("float", "int"),
        "predict param's predict_param {} not supported, should be float or int",
    ),
)

INIT = (
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
)

STOCHASTIC_QUASI_NEWTON = (
    positive_integer("update_interval_L", _SQN),
    positive_integer("memory_M", _SQN),
    positive_integer("sample_size", _SQN),
    when(lambda values: values["random_seed"] is not None, positive_integer("random_seed", _SQN)),
)

STEPWISE = (
    lowered("score_name", _STEPWISE, ["aic", "bic"]),
    one_of("mode", _STEPWISE, ["homo", "hetero"]),
    one_of("role", _STEPWISE, ["host", "guest", "arbiter"]),
    lowered("direction", _STEPWISE, ["forward", "backward", "both"]),
    positive_integer("max_step", _STEPWISE),
    positive_integer("nvmin", _STEPWISE),
    need("nvmin", lambda least: least >= 2, "stepwise param's nvmin must be no less than 2."),
    when(
        lambda values: values["nvmax"] is not None,
        positive_integer("nvmax", _STEPWISE),
        ensure(
            lambda values: values["nvmin"] <= values["nvmax"],
            "stepwise param's nvmax must be greater than nvmin.",
        ),
    ),
    boolean("need_stepwise", _STEPWISE),
)

EARLY_STOPPING_ROUNDS = when(
    lambda values: isinstance(values["early_stopping_rounds"], int),
    need(
        "early_stopping_rounds",
        lambda rounds: rounds >= 1,
        "early stopping rounds should be larger than 0 when it's integer",
    ),
    need(
        "validation_freqs",
        lambda frequency: frequency is not None,
        "validation freqs must be set when early stopping is enabled",
    ),
)

METRICS = optional("metrics", instance(list), "metrics should be a list")

FIRST_METRIC_ONLY = need(
    "use_first_metric_only", instance(bool), "use_first_metric_only should be a boolean"
)

VALIDATION_FREQS = when(
    lambda values: values["validation_freqs"] is not None,
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
        lambda value: isinstance(value, int) and 0 <= value <= bits,
        f"floating point precision should be null or a integer between 0 and {bits}",
    )
