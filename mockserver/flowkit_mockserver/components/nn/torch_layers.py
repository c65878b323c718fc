"""The layers that a user defined, built in torch: Keras JSON, FATE's own list, and its two lists for pytorch.

==========  ==========================================================================================
definition  form
==========  ==========================================================================================
keras       ``{"class_name": "Sequential", "config": {"layers": [{"class_name", "config"}, …]}}``
nn          ``[{"layer": "Dense", "units": 1, "activation": "sigmoid", …}, …]``, arguments as in Keras
pytorch     ``[{"layer": "Linear", "type": "normal", "config": [30, 1]}, …]`` (API version 0), or
            ``[{"layer": "Linear", "in_features": 30, "out_features": 1}, …]`` (version 1)
==========  ==========================================================================================

Weights start as the definition says, by default as in Keras (glorot_uniform, zeros) or torch; what starts at random is
drawn from torch's generator, not TensorFlow's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["build_network", "layer_list", "output_width", "with_outputs"]

_ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU,
    "hard_sigmoid": nn.Hardsigmoid,
    "leakyrelu": nn.LeakyReLU,
    "linear": nn.Identity,
    "logsoftmax": lambda: nn.LogSoftmax(1),
    "relu": nn.ReLU,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "softmax": lambda: nn.Softmax(1),
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "swish": nn.SiLU,
    "tanh": nn.Tanh,
}


def layer_list(define: Any) -> list[Mapping[str, Any]]:
    """Return the layers of a definition as maps, empty for none."""
    if isinstance(define, str):
        define = json.loads(define)
    if isinstance(define, Mapping):
        config = define.get("config", {})
        define = config.get("layers", []) if isinstance(config, Mapping) else config
    return list(define or [])


def build_network(define: Any, width: int) -> nn.Sequential:
    """Return the network of a definition for samples with `width` features; without layers, one that does nothing.

    Raises:
        ValueError: a layer or one of its arguments is not known here.
    """
    modules: list[nn.Module] = []
    for layer in layer_list(define):
        made, width = _layer(layer, width)
        modules += made
    return nn.Sequential(*modules)


def output_width(network: nn.Sequential, width: int) -> int:
    """Return how many outputs a network has for samples with `width` features."""
    network.eval()
    with torch.no_grad():
        return int(network(torch.zeros(1, width)).shape[1])


def _layer(layer: Mapping[str, Any], width: int) -> tuple[list[nn.Module], int]:
    if "class_name" in layer:
        return _keras_layer(layer["class_name"], layer.get("config") or {}, width)
    name = layer["layer"]
    if "type" in layer:
        return _first_pytorch_layer(name, layer.get("config"), width)
    arguments = {key: value for key, value in layer.items() if key not in {"layer", "name"}}
    if name in _KERAS:
        return _keras_layer(name, arguments, width)
    made = getattr(nn, str(name), None)
    if not (isinstance(made, type) and issubclass(made, nn.Module)):
        raise ValueError(f"layer named `{name}` not found")
    try:
        module = made(**arguments)
    except TypeError as problem:
        raise ValueError(f"layer {name} cannot be made with {arguments}: {problem}") from problem
    return [module], int(arguments.get("out_features", width))


def _first_pytorch_layer(name: str, config: Any, width: int) -> tuple[list[nn.Module], int]:
    if name == "Linear":
        return [nn.Linear(int(config[0]), int(config[1]))], int(config[1])
    if name == "dropout":
        return [nn.Dropout(float(config))], width
    return [_activation(name)], width


def _activation(name: Any) -> nn.Module:
    made = _ACTIVATIONS.get(str(name or "linear").lower())
    if made is None:
        raise ValueError(f"activation {name!r} is not built here; there are {sorted(_ACTIVATIONS)}")
    return made()


def _dense(config: Mapping[str, Any], width: int) -> tuple[list[nn.Module], int]:
    for name in ("kernel_regularizer", "bias_regularizer", "activity_regularizer"):
        if config.get(name):
            raise ValueError(f"{name} of a Dense layer is not computed here; leave it out")
    units = int(config["units"])
    linear = nn.Linear(width, units, bias=bool(config.get("use_bias", True)))
    with torch.no_grad():
        _start(linear.weight, config.get("kernel_initializer") or "glorot_uniform")
        if linear.bias is not None:
            _start(linear.bias, config.get("bias_initializer") or "zeros")
    return [linear, _activation(config.get("activation"))], units


def _keras_layer(name: str, config: Mapping[str, Any], width: int) -> tuple[list[nn.Module], int]:
    made = _KERAS.get(name)
    if made is None:
        raise ValueError(f"dnn not support layer {name}; there are {sorted(_KERAS)}")
    return made(config, width)


_KERAS: Mapping[str, Callable[[Mapping[str, Any], int], tuple[list[nn.Module], int]]] = {
    "Activation": lambda config, width: ([_activation(config["activation"])], width),
    "BatchNormalization": lambda config, width: (
        [
            nn.BatchNorm1d(
                width,
                eps=config.get("epsilon", 1e-3),
                momentum=1 - config.get("momentum", 0.99),
            )
        ],
        width,
    ),
    "Dense": _dense,
    "Dropout": lambda config, width: ([nn.Dropout(config["rate"])], width),
    "ELU": lambda config, width: ([nn.ELU(config.get("alpha", 1.0))], width),
    "Flatten": lambda config, width: ([nn.Flatten()], width),
    "InputLayer": lambda config, width: ([], width),
    "LeakyReLU": lambda config, width: ([nn.LeakyReLU(config.get("alpha", 0.3))], width),
    "ReLU": lambda config, width: ([nn.ReLU()], width),
    "Softmax": lambda config, width: ([nn.Softmax(1)], width),
}


def _start(values: Tensor, asked: Any) -> None:
    """Set weights, shape (out, in) or (out,), to what a Keras initializer draws."""
    config: Mapping[str, Any] = {}
    if isinstance(asked, Mapping):
        asked, config = asked["class_name"], asked.get("config") or {}
    name = str(asked).replace("_", "").lower()
    if name in {"zeros", "ones", "constant"}:
        value = {"zeros": 0.0, "ones": 1.0}.get(name)
        values.fill_(float(config.get("value", 0.0)) if value is None else value)
    elif name == "randomuniform":
        values.uniform_(config.get("minval", -0.05), config.get("maxval", 0.05))
    elif name == "randomnormal":
        values.normal_(config.get("mean", 0.0), config.get("stddev", 0.05))
    elif name == "truncatednormal":
        _truncated(values, config.get("mean", 0.0), config.get("stddev", 0.05))
    elif name in _SCALINGS or name == "variancescaling":
        scale, mode, distribution = _SCALINGS.get(
            name,
            (
                config.get("scale", 1.0),
                config.get("mode", "fan_in"),
                config.get("distribution", "truncated_normal"),
            ),
        )
        _scale_variance(values, scale, mode, distribution)
    else:
        raise ValueError(f"initializer {asked!r} is not known here")


_SCALINGS: Mapping[str, tuple[float, str, str]] = {
    "glorotuniform": (1.0, "fan_avg", "uniform"),
    "glorotnormal": (1.0, "fan_avg", "truncated_normal"),
    "henormal": (2.0, "fan_in", "truncated_normal"),
    "heuniform": (2.0, "fan_in", "uniform"),
    "lecunnormal": (1.0, "fan_in", "truncated_normal"),
    "lecununiform": (1.0, "fan_in", "uniform"),
}
#: The spread of a normal distribution that is cut off at two of it.
_CUT_SPREAD = 0.87962566103423978


def _truncated(values: Tensor, mean: float, spread: float) -> None:
    nn.init.trunc_normal_(values, mean, spread, mean - 2 * spread, mean + 2 * spread)


def _scale_variance(values: Tensor, scale: float, mode: str, distribution: str) -> None:
    outputs = values.shape[0]
    inputs = values.shape[1] if values.dim() > 1 else outputs
    fan = {"fan_in": inputs, "fan_out": outputs}.get(mode, (inputs + outputs) / 2)
    variance = scale / max(1.0, fan)
    if "uniform" in distribution:
        limit = math.sqrt(3 * variance)
        values.uniform_(-limit, limit)
    elif distribution in {"truncated_normal", "normal"}:
        _truncated(values, 0.0, math.sqrt(variance) / _CUT_SPREAD)
    else:
        values.normal_(0.0, math.sqrt(variance))


def with_outputs(define: Any, classes: int) -> Any:
    """Return a definition whose last dense layer tells so many classes apart; one output does for two."""
    copied: Any = json.loads(define if isinstance(define, str) else json.dumps(define))
    layers: Sequence[Any] = layer_list(copied)
    for layer in reversed(layers):
        name = layer.get("class_name") or layer.get("layer")
        if name not in {"Dense", "Linear"}:
            continue
        if name == "Linear":
            if isinstance(layer.get("config"), list) and not (
                layer["config"][1] == 1 and classes == 2
            ):
                layer["config"][1] = classes
            return copied
        config = layer["config"] if "class_name" in layer else layer
        if not (config.get("units") == 1 and classes == 2):
            config["units"] = classes
        return copied
    return copied
