"""What the regressions of the later lines check: the rules of linear models, and those of each class behind them."""

from __future__ import annotations

from flowkit_mockserver.kinds.callbacks import CALLBACKS, moved_to_callbacks
from flowkit_mockserver.kinds.nested import (
    INIT,
    LATER_ENCRYPT,
    MODE_CALCULATOR,
    PAILLIER,
    PREDICT,
    STEPWISE,
    STOCHASTIC_QUASI_NEWTON,
    precision,
)
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    Values,
    above,
    among,
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
    optional,
    when,
    whole_at_least,
)

__all__ = [
    "LATER_HETERO_LOGISTIC",
    "LATER_HOMO_LOGISTIC",
    "LATER_LINEAR",
    "LATER_POISSON",
    "LATER_SHARED_LINEAR",
    "LATER_SHARED_LOGISTIC",
]

_MODEL = "linear model param's "
_LINEAR = "linear_regression_param's "
_POISSON = "poisson_regression_param's "
_SHARED_LINEAR = "sshe linear_regression_param's "
_NUMBER = kind("int", "float")


def _no_penalty_is_named(values: Values) -> None:
    if values["penalty"] is None:
        values["penalty"] = "NONE"


_LINEAR_MODEL: Rules = (
    _no_penalty_is_named,
    need("penalty", kind("str"), _MODEL + "penalty {} not supported, should be str type"),
    cased(
        "penalty",
        str.upper,
        ["L1", "L2", "NONE"],
        "penalty {} not supported, penalty should be 'L1', 'L2' or 'NONE'",
    ),
    need("tol", _NUMBER, _MODEL + "tol {} not supported, should be float type"),
    need("alpha", _NUMBER, _MODEL + "alpha {} not supported, should be float type"),
    need("optimizer", kind("str"), _MODEL + "optimizer {} not supported, should be str type"),
    cased(
        "optimizer",
        str.lower,
        ["sgd", "rmsprop", "adam", "adagrad", "sqn", "nesterov_momentum_sgd"],
        _MODEL + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'sqn', 'adagrad', or 'nesterov_momentum_sgd'",
    ),
    need("batch_size", kind("int"), _MODEL + "batch_size {} not supported, should be int type"),
    when(
        holds("batch_size", lambda size: size != -1),
        need(
            "batch_size",
            whole_at_least(10),
            _MODEL + " {} not supported, should be larger than 10 or -1 represent for all data",
        ),
    ),
    need("learning_rate", _NUMBER, _MODEL + "learning_rate {} not supported, should be float type"),
    nested("init_param", INIT.rules),
    need("max_iter", kind("int"), _MODEL + "max_iter {} not supported, should be int type"),
    need("max_iter", above(0), _MODEL + "max_iter must be greater or equal to 1"),
    need("early_stop", kind("str"), _MODEL + "early_stop {} not supported, should be str type"),
    cased(
        "early_stop",
        str.lower,
        ["diff", "abs", "weight_diff"],
        _MODEL + "early_stop not supported, early_stop should be 'weight_diff', 'diff' or 'abs'",
    ),
    nested("encrypt_param", LATER_ENCRYPT.rules),
    need("decay", _NUMBER, _MODEL + "decay {} not supported, should be 'int' or 'float'"),
    ensure(
        lambda values: type(values["decay_sqrt"]) is bool,
        _MODEL + "decay_sqrt {decay} not supported, should be 'bool'",
    ),
    nested("stepwise_param", STEPWISE.rules),
    moved_to_callbacks(
        "early_stopping_rounds", "validation_freqs", "metrics", "use_first_metric_only"
    ),
    precision(64),
    nested("callback_param", CALLBACKS),
)


def _cipher(allowed: tuple[str | None, ...], text: str) -> Rule:
    return nested("encrypt_param", (need("method", among(*allowed), text),))


_LOGISTIC: Rules = (
    *_LINEAR_MODEL,
    nested("predict_param", PREDICT.rules),
    _cipher(
        (PAILLIER, "IPCL", None),
        "logistic_param's encrypted method support 'Paillier' or None only",
    ),
    lowered("multi_class", "logistic_param's", ["ovr"]),
    need(
        "masked_rate",
        lambda rate: isinstance(rate, (int, float)) and rate >= 0,
        "masked rate should be non-negative numeric number",
    ),
    need(
        "batch_strategy",
        lambda name: isinstance(name, str) and name.lower() in {"full", "random"},
        "batch strategy should be full or random",
    ),
    need("shuffle", instance(bool), "shuffle should be boolean type"),
)

LATER_HOMO_LOGISTIC: Rules = (
    *_LOGISTIC,
    need(
        "aggregate_iters",
        instance(int),
        "logistic_param's aggregate_iters {} not supported, should be int type",
    ),
)

LATER_HETERO_LOGISTIC: Rules = (
    *_LOGISTIC,
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON.rules),
)

LATER_LINEAR: Rules = (
    *_LINEAR_MODEL,
    need(
        "optimizer",
        among("sgd", "rmsprop", "adam", "adagrad", "sqn"),
        _LINEAR + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', 'sqn' or 'adagrad'",
    ),
    nested("sqn_param", STOCHASTIC_QUASI_NEWTON.rules),
    _cipher((PAILLIER,), _LINEAR + "encrypt method supports 'Paillier' only"),
)

LATER_POISSON: Rules = (
    *_LINEAR_MODEL,
    _cipher((PAILLIER,), _POISSON + "encrypt method supports 'Paillier' only"),
    need(
        "optimizer",
        among("sgd", "rmsprop", "adam", "adagrad"),
        _POISSON + "optimizer not supported, optimizer should be"
        " 'sgd', 'rmsprop', 'adam', or 'adagrad'",
    ),
    optional(
        "exposure_colname",
        kind("str"),
        _POISSON + "exposure_colname {} not supported, should be string type",
    ),
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
)


def _revealed(values: Values) -> bool:
    return bool(values["reveal_every_iter"])


def _hidden(values: Values) -> bool:
    return not values["reveal_every_iter"]


def _hidden_penalty() -> Rule:
    return when(
        _hidden,
        need(
            "penalty",
            among("L2", "NONE"),
            "penalty should be 'L2' or 'none', when reveal_every_iter is False",
        ),
    )


def _reveals_once(values: Values) -> None:
    if values["reveal_strategy"] == "encrypted_reveal_in_host" and values["reveal_every_iter"]:
        raise PermissionError(
            "reveal strategy: encrypted_reveal_in_host mode is not allow to reveal every iter."
        )


def _revealing(about: str) -> Rules:
    return (
        when(
            lambda values: values["reveal_every_iter"] is False,
            nested(
                "callback_param",
                (
                    need(
                        "validation_freqs",
                        lambda freqs: not given(freqs),
                        "When reveal_every_iter is False, validation every iter is not supported.",
                    ),
                ),
            ),
        ),
        lowered(
            "reveal_strategy",
            about + " reveal_strategy",
            ["respectively", "encrypted_reveal_in_host"],
        ),
        _reveals_once,
    )


LATER_SHARED_LOGISTIC: Rules = (
    *_LOGISTIC,
    boolean("reveal_every_iter", "logistic_param's"),
    _hidden_penalty(),
    when(
        _revealed,
        need(
            "optimizer",
            among("sgd", "rmsprop", "adam", "adagrad", "nesterov_momentum_sgd"),
            "When reveal_every_iter is True, sshe logistic_param's optimizer not supported, optimizer should be"
            " 'sgd', 'rmsprop', 'adam', 'nesterov_momentum_sgd', or 'adagrad'",
        ),
    ),
    when(
        _hidden,
        need(
            "optimizer",
            among("sgd", "nesterov_momentum_sgd"),
            "When reveal_every_iter is False, sshe logistic_param's optimizer not supported, optimizer should be"
            " 'sgd', 'nesterov_momentum_sgd'",
        ),
    ),
    _cipher((PAILLIER, None), "logistic_param's encrypted method support 'Paillier' or None only"),
    *_revealing("logistic_param's"),
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
)

LATER_SHARED_LINEAR: Rules = (
    *_LINEAR_MODEL,
    _cipher((PAILLIER,), _SHARED_LINEAR + "encrypt method supports 'Paillier' only"),
    boolean("reveal_every_iter", _SHARED_LINEAR),
    _hidden_penalty(),
    when(
        _revealed,
        need(
            "optimizer",
            among("sgd", "rmsprop", "adam", "adagrad"),
            f"When reveal_every_iter is True, {_SHARED_LINEAR} optimizer not supported, optimizer should be"
            " 'sgd', 'rmsprop', 'adam', or 'adagrad'",
        ),
    ),
    when(
        _hidden,
        need(
            "optimizer",
            among("sgd"),
            f"When reveal_every_iter is False, {_SHARED_LINEAR} optimizer not supported, optimizer should be 'sgd'",
        ),
    ),
    *_revealing(_SHARED_LINEAR),
)
