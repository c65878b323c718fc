"""Losses and optimizers by the names that a user gives, as Keras or torch means them, and networks as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = [
    "Losses",
    "arrays_of",
    "keras_losses",
    "keras_optimizer",
    "load_arrays",
    "outputs_of",
    "tensor",
    "torch_loss",
    "torch_optimizer",
]

Floats = NDArray[np.float64]
Losses = Callable[[Tensor, Tensor], Tensor]
"""Given the truth and the outputs, both (n, k), the loss of each sample, shape (n,)."""

_SMALL = 1e-7


def _clipped(outputs: Tensor) -> Tensor:
    return outputs.clamp(_SMALL, 1 - _SMALL)


def _binary(truth: Tensor, outputs: Tensor) -> Tensor:
    outputs = _clipped(outputs)
    return -(truth * outputs.log() + (1 - truth) * (1 - outputs).log()).mean(dim=-1)


def _categorical(truth: Tensor, outputs: Tensor) -> Tensor:
    outputs = _clipped(outputs / outputs.sum(dim=-1, keepdim=True))
    return -(truth * outputs.log()).sum(dim=-1)


def _sparse(truth: Tensor, outputs: Tensor) -> Tensor:
    chosen = _clipped(outputs / outputs.sum(dim=-1, keepdim=True)).gather(1, truth[:, :1].long())
    return -chosen[:, 0].log()


def _signs(truth: Tensor) -> Tensor:
    return truth if bool((truth < 0).any()) else 2 * truth - 1


def _log_cosh(truth: Tensor, outputs: Tensor) -> Tensor:
    gap = outputs - truth
    return (gap + nn.functional.softplus(-2 * gap) - float(np.log(2))).mean(dim=-1)


_LOSSES: Mapping[str, Losses] = {
    "binary_crossentropy": _binary,
    "categorical_crossentropy": _categorical,
    "hinge": lambda truth, outputs: (1 - _signs(truth) * outputs).clamp(min=0).mean(dim=-1),
    "kullback_leibler_divergence": lambda truth, outputs: (
        truth.clamp(_SMALL, 1) * (truth.clamp(_SMALL, 1) / outputs.clamp(_SMALL, 1)).log()
    ).sum(dim=-1),
    "logcosh": _log_cosh,
    "mean_absolute_error": lambda truth, outputs: (outputs - truth).abs().mean(dim=-1),
    "mean_squared_error": lambda truth, outputs: ((outputs - truth) ** 2).mean(dim=-1),
    "poisson": lambda truth, outputs: (outputs - truth * (outputs + _SMALL).log()).mean(dim=-1),
    "sparse_categorical_crossentropy": _sparse,
    "squared_hinge": lambda truth, outputs: ((1 - _signs(truth) * outputs).clamp(min=0) ** 2).mean(
        dim=-1
    ),
}
_LOSS_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "kld": "kullback_leibler_divergence",
    "kl_divergence": "kullback_leibler_divergence",
    "log_cosh": "logcosh",
}


def keras_losses(name: Any) -> Losses:
    """Return a loss of Keras.

    Raises:
        ValueError: there is none of that name.
    """
    known = str(name)
    found = _LOSSES.get(_LOSS_ALIASES.get(known.lower(), known))
    if found is None:
        raise ValueError(f"loss {name!r} is not known here; there are {sorted(_LOSSES)}")
    return found


def torch_loss(asked: Any) -> nn.Module:
    """Return a loss of torch by its name, or by a map of ``loss`` and its arguments.

    Raises:
        ValueError: there is none of that name.
    """
    arguments: dict[str, Any] = {}
    if isinstance(asked, Mapping):
        arguments = {key: value for key, value in asked.items() if key != "loss"}
        asked = asked["loss"]
    made = getattr(nn, str(asked), None)
    if not (isinstance(made, type) and issubclass(made, nn.Module) and str(asked).endswith("Loss")):
        raise ValueError(f"loss named `{asked}` not found")
    return made(**arguments)


def _named(asked: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(asked, Mapping):
        arguments = {key: value for key, value in asked.items() if key != "optimizer"}
        return str(asked["optimizer"]), arguments
    return str(asked), {}


#: Optimizers of Keras: that of torch, Keras's names of arguments in torch's, and Keras's defaults.
_OPTIMIZERS: Mapping[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "SGD": ("SGD", {"momentum": "momentum", "nesterov": "nesterov"}, {"lr": 0.01}),
    "Adam": ("Adam", {"epsilon": "eps", "amsgrad": "amsgrad"}, {"lr": 0.001, "eps": _SMALL}),
    "RMSprop": (
        "RMSprop",
        {"rho": "alpha", "epsilon": "eps", "momentum": "momentum", "centered": "centered"},
        {"lr": 0.001, "alpha": 0.9, "eps": _SMALL},
    ),
    "Adagrad": (
        "Adagrad",
        {"epsilon": "eps", "initial_accumulator_value": "initial_accumulator_value"},
        {"lr": 0.001, "eps": _SMALL, "initial_accumulator_value": 0.1},
    ),
    "Adadelta": (
        "Adadelta",
        {"rho": "rho", "epsilon": "eps"},
        {"lr": 0.001, "rho": 0.95, "eps": _SMALL},
    ),
    "Adamax": ("Adamax", {"epsilon": "eps"}, {"lr": 0.001, "eps": _SMALL}),
    "Nadam": ("NAdam", {"epsilon": "eps"}, {"lr": 0.001, "eps": _SMALL}),
}


def keras_optimizer(asked: Any, parameters: Iterable[Tensor]) -> torch.optim.Optimizer | None:
    """Return an optimizer of Keras over parameters; None when there are none to optimize.

    Raises:
        ValueError: there is none of that name, or it has no such argument.
    """
    name, arguments = _named(asked)
    known = next((key for key in _OPTIMIZERS if key.lower() == name.lower()), None)
    if known is None:
        raise ValueError(f"optimizer {name!r} is not known here; there are {sorted(_OPTIMIZERS)}")
    made, names, options = _OPTIMIZERS[known]
    options = dict(options)
    betas = [0.9, 0.999]
    for key, value in arguments.items():
        if key in {"learning_rate", "lr"}:
            options["lr"] = value
        elif key in {"beta_1", "beta_2"} and made in {"Adam", "Adamax", "NAdam"}:
            betas[key == "beta_2"] = value
            options["betas"] = tuple(betas)
        elif key in names:
            options[names[key]] = value
        elif key != "name" and not (key == "decay" and not value):
            raise ValueError(f"optimizer {name} takes no {key} here")
    kept = list(parameters)
    return getattr(torch.optim, made)(kept, **options) if kept else None


def torch_optimizer(asked: Any, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
    """Return an optimizer of torch over parameters.

    Raises:
        ValueError: there is none of that name, or it has no such argument.
    """
    name, arguments = _named(asked)
    made = getattr(torch.optim, name, None)
    if not (isinstance(made, type) and issubclass(made, torch.optim.Optimizer)):
        raise ValueError(f"optimizer named `{name}` not found")
    if "learning_rate" in arguments:
        arguments["lr"] = arguments.pop("learning_rate")
    try:
        optimizer: torch.optim.Optimizer = made(parameters, **arguments)
    except TypeError as problem:
        raise ValueError(f"optimizer {name} cannot be made with {arguments}") from problem
    return optimizer


def tensor(values: NDArray[Any]) -> Tensor:
    """Return an array as single precision floats, as FATE's networks take them."""
    return torch.tensor(np.asarray(values, dtype=np.float32))


def outputs_of(network: nn.Module, features: NDArray[Any]) -> Floats:
    """Return what a network says of samples, shape (n, k)."""
    network.eval()
    with torch.no_grad():
        return np.asarray(network(tensor(features)).numpy(), dtype=np.float64)


def arrays_of(network: nn.Module) -> dict[str, NDArray[Any]]:
    """Return the weights of a network by name."""
    return {name: value.numpy().copy() for name, value in network.state_dict().items()}


def load_arrays(network: nn.Module, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Set the weights of a network."""
    present = network.state_dict()
    network.load_state_dict(
        {name: torch.tensor(array).to(present[name].dtype) for name, array in arrays.items()}
    )
