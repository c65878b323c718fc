"""Checks of the neural networks and of federated transfer learning."""

from __future__ import annotations

from flowkit_mockserver.dsl.checks.intersection import INTERSECT
from flowkit_mockserver.dsl.checks.rules import (
    Rule,
    Rules,
    Values,
    instance,
    need,
    nested,
    optional,
    positive_integer,
    positive_number,
    when,
)
from flowkit_mockserver.dsl.checks.shared import (
    ENCRYPT,
    METRICS,
    MODE_CALCULATOR,
    PREDICT,
    VALIDATION_FREQS,
)

__all__ = ["FTL", "HETERO_NN", "HOMO_NN"]


def _optimizer(values: Values) -> None:
    optimizer = values["optimizer"]
    if isinstance(optimizer, dict):
        if not optimizer.get("optimizer"):
            raise ValueError(f"optimizer config: {optimizer} invalid")
    elif not isinstance(optimizer, str):
        raise ValueError(f"invalid type for optimize: {type(optimizer)}")


def _early_stop(values: Values) -> None:
    early_stop = values["early_stop"]
    if isinstance(early_stop, dict):
        if not early_stop.get("early_stop"):
            raise ValueError(f"early_stop config: {early_stop} invalid")
    elif not isinstance(early_stop, str):
        raise ValueError(f"invalid type for early_stop: {type(early_stop)}")


def _config_type(*supported: str) -> Rule:
    return need(
        "config_type",
        lambda name: name in supported,
        f"config_type should be one of {list(supported)}",
    )


def _empty_or_map(value: object) -> bool:
    return not value or isinstance(value, dict)


_TOL = need("tol", instance(int, float), "tol should be numeric")
_EPOCHS = need(
    "epochs",
    lambda count: isinstance(count, int) and count > 0,
    "epochs should be a positive integer",
)
_BATCH_SIZE = need(
    "batch_size",
    lambda size: size == -1 or (isinstance(size, int) and size >= 10),
    " {} not supported, should be larger than 10 or -1 represent for all data",
)

HOMO_NN: Rules = (
    _config_type("nn", "keras", "pytorch"),
    _early_stop,
    need(
        "metrics",
        lambda names: not names or isinstance(names, (str, list)),
        "invalid metrics type: {0.__class__}",
    ),
    _optimizer,
)

_SELECTOR: Rules = (
    optional(
        "method",
        lambda name: name == "relative",
        'selective method should be None be "relative"',
    ),
    need(
        "selective_size",
        lambda size: isinstance(size, int) and size > 0,
        "selective size should be a positive integer",
    ),
    need("beta", instance(int), "beta should be integer"),
    need("min_prob", instance(float, int), "min_prob should be numeric"),
)

HETERO_NN: Rules = (
    _optimizer,
    need(
        "task_type",
        lambda name: name in ("classification", "regression"),
        "config_type should be classification or regression",
    ),
    _config_type("keras"),
    _TOL,
    _EPOCHS,
    need(
        "bottom_nn_define",
        _empty_or_map,
        "bottom_nn_define should be a dict defining the structure of neural network",
    ),
    need(
        "top_nn_define",
        _empty_or_map,
        "top_nn_define should be a dict defining the structure of neural network",
    ),
    optional(
        "interactive_layer_define",
        instance(dict),
        "the interactive_layer_define should be a dict defining the structure of interactive layer",
    ),
    _BATCH_SIZE,
    need(
        "early_stop",
        lambda name: name == "diff",
        "early stop should be diff in this version",
    ),
    VALIDATION_FREQS,
    when(
        lambda values: values["early_stopping_rounds"],
        need(
            "early_stopping_rounds",
            instance(int),
            "early stopping rounds should be None or int larger than 0",
        ),
        need(
            "early_stopping_rounds",
            lambda rounds: rounds >= 1,
            "early stopping should be larger than 0 when it's integer",
        ),
        need(
            "validation_freqs",
            bool,
            "If early stopping rounds is setting, validation_freqs should not be null",
        ),
    ),
    METRICS,
    need("use_first_metric_only", instance(bool), "use_first_metric_only should be a boolean"),
    optional(
        "floating_point_precision",
        lambda bits: isinstance(bits, int) and 0 <= bits <= 63,
        "floating point precision should be null or a integer between 0 and 63",
    ),
    need(
        "drop_out_keep_rate",
        lambda rate: isinstance(rate, (float, int)) and 0 <= rate <= 1,
        "drop_out_keep_rate should be in range [0.0, 1.0]",
    ),
    nested("encrypt_param", ENCRYPT),
    nested("encrypted_model_calculator_param", MODE_CALCULATOR),
    nested("predict_param", PREDICT),
    nested("selector_param", _SELECTOR),
)

FTL: Rules = (
    nested("intersect_param", INTERSECT),
    nested("encrypt_param", ENCRYPT),
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR),
    _optimizer,
    _config_type("keras"),
    _TOL,
    _EPOCHS,
    need(
        "nn_define",
        _empty_or_map,
        "bottom_nn_define should be a dict defining the structure of neural network",
    ),
    _BATCH_SIZE,
    VALIDATION_FREQS,
    need(
        "communication_efficient",
        lambda value: type(value) is bool,
        "communication efficient must be a boolean",
    ),
    need(
        "mode",
        lambda name: name in ("encrypted", "plain"),
        "mode options: encrpyted or plain, but {} is offered",
    ),
    positive_integer("epochs", "epochs"),
    positive_number("alpha", "alpha"),
    positive_integer("local_round", "local round"),
)
