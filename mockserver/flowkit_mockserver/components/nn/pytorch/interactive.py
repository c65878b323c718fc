"""The interactive layer of a network over the columns of several parties.

Notation: g and h the outputs of the bottoms of the guest and of a host, n samples; W and b their weights and biases, q
the cut to fixed point, δ the gradient at the sum of all, r the rate of the layer.

=========  ==============================================================================
forward    z = g W_g + b_g + Σ (h q(W_h) + q(b_h)),  a = activation(z)
step       W_g -= r gᵀ δ;  W_h -= r hᵀ q(δ);  b -= r Σ δ for each bias
backward   δ W_gᵀ to the guest, q(δ) W_hᵀ to a host
=========  ==============================================================================

Numbers of the guest are float32; those that are encrypted on a real server are cut to fixed point and summed exactly.
The noise that hides them there leaves its trace in the weights of the hosts, which are float32 as well: of them the
fifth digit is chance there. Here there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from flowkit_mockserver.components.nn.pytorch.saved_state import load_state, save_state

__all__ = ["InteractiveLayer"]

Array = NDArray[Any]
_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
_LAYER = "InteractiveLayer"


class InteractiveLayer:
    """The layer where the columns meet.

    Args:
        define: of the one layer, ``{"0-0": {"layer": "InteractiveLayer", "out_dim": 4, …}}``.
        guest_width: how many outputs the bottom of the guest has.
        host_widths: those of the hosts.
        rate: at which it learns.
        bits: of the fixed point; None to compute without.

    Raises:
        ValueError: the definition is not one of such a layer, or not of so many hosts.
    """

    def __init__(
        self,
        define: Mapping[str, Mapping[str, Any]] | None,
        guest_width: int,
        host_widths: Sequence[int],
        rate: float,
        bits: int | None,
    ) -> None:
        asked = dict(next(iter((define or {}).values()), {}))
        if asked.get("layer") != _LAYER:
            raise ValueError(f"interactive_layer_define must be one {_LAYER}, not {define}")
        hosts = asked.get("host_num", 1)
        if hosts != len(host_widths):
            raise ValueError(
                f"host number is {len(host_widths)}, but host linear layer number is {hosts},"
                "please check your interactive configuration, make sure that host layer number equals to"
                " host number"
            )
        name = asked.get("activation", "relu")
        if str(name).lower() not in _ACTIVATIONS:
            raise ValueError(f"activation not support {name}, avail: relu, tanh, sigmoid")
        self._activation = _ACTIVATIONS[str(name).lower()]()
        self.width: int = asked["out_dim"]
        self._guest: nn.Linear | None = None
        if asked.get("need_guest", True):
            inputs = asked.get("guest_dim") or guest_width
            self._guest = nn.Linear(inputs, self.width, bias=asked.get("guest_bias", True))
        self._hosts = [
            nn.Linear(
                asked.get("host_dim") or inputs, self.width, bias=asked.get("host_bias", True)
            )
            for inputs in host_widths
        ]
        self._rate, self._bits = rate, bits
        self.dropout: float | None = asked.get("dropout")
        self.host_widths = list(host_widths)

    def _cut(self, values: Array) -> Array:
        if self._bits is None:
            return values.astype(np.float64)
        whole = 2**self._bits
        found: Array = np.round(values * whole).astype(np.int64) / whole
        return found

    def forward(self, guest: Tensor, hosts: Sequence[Tensor]) -> Tensor:
        """Return the sum of all, shape (n, k), before the activation."""
        total: Any = 0.0
        for given, layer in zip(hosts, self._hosts, strict=True):
            weights, bias = _arrays(layer)
            own = given.numpy().astype(np.float64) @ self._cut(weights.T)
            total = total + (own if bias is None else own + self._cut(bias))
        if self._guest is not None:
            weights, bias = _arrays(self._guest)
            own = guest.numpy() @ weights.T
            total = total + (own if bias is None else own + bias)
        return torch.tensor(total.astype(np.float32))

    def activate(self, total: Tensor) -> Tensor:
        """Return the activation of sums."""
        found: Tensor = self._activation(total)
        return found

    def slope(self, total: Tensor, gradient: Tensor) -> Tensor:
        """Return the gradient at sums, given that behind the activation."""
        total = total.clone().requires_grad_(True)
        (found,) = torch.autograd.grad((self._activation(total) * gradient).sum(), total)
        return found

    def backward(self, delta: Tensor, guest: Tensor, hosts: Sequence[Tensor]) -> list[Tensor]:
        """Take a step, and return the gradients at the outputs of the bottoms, the guest's first.

        Args:
            delta: the gradient at the sums, shape (n, k).
            guest: the outputs of the guest's bottom.
            hosts: those of the hosts' bottoms.
        """
        slope, back = delta.numpy(), []
        if self._guest is not None:
            weights, _ = _arrays(self._guest)
            back.append(torch.tensor(slope @ weights))
            weights -= self._rate * (slope.T @ guest.numpy())
            self._shift(self._guest, slope)
        else:
            back.append(torch.zeros_like(guest))
        for given, layer in zip(hosts, self._hosts, strict=True):
            weights, _ = _arrays(layer)
            cut = self._cut(slope)
            back.append(torch.tensor(cut @ weights.astype(np.float64)))
            step = given.numpy().astype(np.float64).T @ cut
            weights -= (step * self._rate).T
            self._shift(layer, slope)
        return back

    def _shift(self, layer: nn.Linear, slope: Array) -> None:
        _, bias = _arrays(layer)
        if bias is not None:
            bias -= slope.sum(axis=0) * self._rate

    def saved(self) -> str:
        """Return the layer as a saved model."""
        guest = None if self._guest is None else self._guest.state_dict()
        hosts = [layer.state_dict() for layer in self._hosts]
        return save_state({"guest_model": guest, "host_model": hosts})

    def load(self, saved: str) -> None:
        """Take over what `saved` gave.

        Raises:
            ValueError: it was saved by a real server, as the object of a class of FATE's.
        """
        state = load_state(saved)
        if self._guest is not None:
            self._guest.load_state_dict(state["guest_model"])
        for layer, own in zip(self._hosts, state["host_model"], strict=True):
            layer.load_state_dict(own)


def _arrays(layer: nn.Linear) -> tuple[Array, Array | None]:
    """Return weights, shape (out, in), and bias of a layer; to change them is to change the layer."""
    bias = layer.bias
    return layer.weight.detach().numpy(), None if bias is None else bias.detach().numpy()
