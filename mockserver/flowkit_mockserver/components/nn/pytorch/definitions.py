"""Networks, losses and optimizers from the definitions that FATE's clients make of those of torch.

==========  ========================================================================================================
network     ``{"0-0": {"layer": "Linear", "in_features": 30, "out_features": 1, "initializer": {…}}, "1-1": {…}}``:
            in the order of the numbers before the dash, or as given where there are none; ``op`` in place of
            ``layer`` for what only reshapes
loss        ``{"loss_fn": "BCELoss", "reduction": "mean"}``
optimizer   ``{"optimizer": "Adam", "config_type": "pytorch", "lr": 0.01}``
==========  ========================================================================================================

All other entries are arguments of torch. Weights start as torch starts them, then as ``initializer`` says.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from flowkit_mockserver.components.nn.pytorch.optimizers import Adam, AdamW

__all__ = ["build_loss", "build_optimizer", "build_sequential"]

Definition = Mapping[str, Any]
#: What FATE calls a loss or a layer of a module of the user's.
_CUSTOM_LOSS, _CUSTOM_MODEL = "CustLoss", "CustModel"


def build_sequential(define: Mapping[str, Definition]) -> nn.Sequential:
    """Return the network of a definition.

    Raises:
        ValueError: a layer is not torch's, or cannot be made with its arguments.
    """
    names = list(define)
    if all(name.split("-")[0].isdecimal() for name in names):
        names.sort(key=lambda name: int(name.split("-")[0]))
    return nn.Sequential(OrderedDict((name, _layer(define[name])) for name in names))


def _layer(define: Definition) -> nn.Module:
    arguments = dict(define)
    start = arguments.pop("initializer", None) or {}
    if "layer" in arguments:
        name = arguments.pop("layer")
        made = _class_of(nn, name)
    elif "op" in arguments:
        name = arguments.pop("op")
        made = partial(_Operation, _OPERATIONS[name]) if name in _OPERATIONS else None
    else:
        raise ValueError(f"no layer or operation info found in nn define: {dict(define)}")
    if name == _CUSTOM_MODEL:
        raise ValueError(
            f"{_CUSTOM_MODEL} {arguments.get('class_name')} of {arguments.get('module_name')} is code of"
            " the user's, which this mock server does not run; it runs the layers of torch.nn"
        )
    if made is None:
        raise ValueError(f"torch.nn has no layer {name!r}")
    layer = _module(name, made, arguments)
    for which in ("weight", "bias"):
        if which in start:
            _begin(layer, which, start[which])
    return layer


def _class_of(where: Any, name: object) -> Callable[..., Any] | None:
    found = getattr(where, str(name), None)
    return found if isinstance(found, type) and issubclass(found, nn.Module) else None


def _made(name: str, make: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    try:
        return make(**arguments)
    except (TypeError, RuntimeError) as problem:
        raise ValueError(f"{name} cannot be made with {dict(arguments)}: {problem}") from problem


def _module(name: str, make: Callable[..., Any], arguments: Mapping[str, Any]) -> nn.Module:
    module: nn.Module = _made(name, make, arguments)
    return module


class _Operation(nn.Module):  # type: ignore[misc]
    """A layer without weights: a function of what comes in and of its arguments."""

    def __init__(self, act: Callable[..., Tensor], **arguments: Any) -> None:
        super().__init__()
        self._act, self._arguments = act, arguments

    def forward(self, given: Any) -> Tensor:
        return self._act(given, **self._arguments)


def _select_range(given: Tensor, dim: int, start: int, end: int) -> Tensor:
    return given.select(dim, -1)[start:end]


_OPERATIONS: Mapping[str, Callable[..., Tensor]] = {
    "Astype": lambda given, cast_type: given.type(getattr(torch, cast_type)),
    "Flatten": lambda given, start_dim=0, end_dim=-1: given.flatten(start_dim, end_dim),
    "Index": lambda given, index: given[index],
    "Reshape": lambda given, shape: given.reshape(list(shape)),
    "Select": lambda given, dim, idx=None, index=None: given.select(
        dim, index if idx is None else idx
    ),
    "SelectRange": _select_range,
    "Squeeze": lambda given, **_: given.squeeze(),
    "Sum": lambda given, dim: given.sum(dim=dim),
    "Unsqueeze": lambda given, dim: given.unsqueeze(dim),
}

_STARTS: Mapping[str, Callable[..., Any]] = {
    name: getattr(nn.init, f"{name}_")
    for name in (
        "uniform",
        "normal",
        "constant",
        "xavier_uniform",
        "xavier_normal",
        "kaiming_uniform",
        "kaiming_normal",
        "eye",
        "dirac",
        "orthogonal",
        "sparse",
        "zeros",
        "ones",
    )
}
#: By what is started, the parameters that FATE takes for it, those of a recurrent layer last.
_STARTED = {
    "weight": ("weight", "weight_hh_l0", "weight_ih_l0"),
    "bias": ("bias", "bias_hh_l0", "bias_ih_l0"),
}


def _begin(layer: nn.Module, which: str, asked: Definition) -> None:
    """Let the weights or biases of a layer start as an initializer says; one that does not fit leaves them."""
    start = _STARTS.get(asked["init_func"])
    if start is None:
        raise ValueError(f"initializer {asked['init_func']!r} is none of {sorted(_STARTS)}")
    for module in layer.modules():
        try:
            for name in _STARTED[which]:
                values = getattr(module, name, None)
                if isinstance(values, Tensor):
                    start(values, **asked.get("param") or {})
        except ValueError:
            # The server goes on with the weights that torch gave, as for a bias with too few dimensions.
            continue


#: The optimizers that torch 1.12 computes otherwise than later releases do.
_OPTIMIZERS: Mapping[str, type] = {"Adam": Adam, "AdamW": AdamW}


def build_optimizer(define: Definition, parameters: Iterable[Tensor]) -> Any:
    """Return the optimizer of a definition over the parameters of a network.

    Raises:
        ValueError: torch has none of that name, or not with these arguments.
    """
    arguments = {k: v for k, v in define.items() if k not in {"optimizer", "config_type"}}
    if "optimizer" not in define:
        raise ValueError("please specify optimizer type in the json config")
    name = define["optimizer"]
    made = _OPTIMIZERS.get(name) or getattr(torch.optim, str(name), None)
    if not (isinstance(made, type) and issubclass(made, torch.optim.Optimizer)):
        raise ValueError(f"torch.optim has no optimizer {name!r}")
    return _made(name, partial(made, list(parameters)), arguments)


def build_loss(define: Definition) -> nn.Module:
    """Return the loss of a definition.

    Raises:
        ValueError: torch has none of that name, or not with these arguments.
    """
    if "loss_fn" not in define:
        raise ValueError("please specify loss function in the json config")
    arguments = {k: v for k, v in define.items() if k != "loss_fn"}
    name = define["loss_fn"]
    if name == _CUSTOM_LOSS:
        file, own = arguments["loss_module_name"].removesuffix(".py"), arguments["class_name"]
        if (file, own) != ("cross_entropy", "CrossEntropyLoss"):
            raise ValueError(
                f"loss {own} of {file} is code of the user's, which this mock server does not run;"
                " it runs the losses of torch.nn, and CrossEntropyLoss of cross_entropy"
            )
        return _module(own, _CrossEntropy, arguments.get("param") or {})
    made = _class_of(nn, name)
    if made is None:
        raise ValueError(f"torch.nn has no loss {name!r}")
    return _module(name, made, arguments)


class _CrossEntropy(nn.Module):  # type: ignore[misc]
    """The cross entropy of probabilities, shape (n, k), and the numbers of classes."""

    _SMALL = 1e-8

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self._reduction = reduction

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        truth = nn.functional.one_hot(labels.flatten())
        losses = -(truth * (outputs + self._SMALL).log()).sum(dim=1)
        if self._reduction == "mean":
            return losses.mean()
        return losses.sum() if self._reduction == "sum" else losses
