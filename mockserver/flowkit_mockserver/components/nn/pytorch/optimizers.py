"""Adam and AdamW with the moments as torch 1.12 computes them, which FATE runs on.

Notation: g the gradient, m and v its moments, β their decays, t the number of the step.

=====  ====================================================================================
m      β₁ m + (1 - β₁) g, in this order; later releases of torch compute m + (1 - β₁) (g - m)
v      β₂ v + (1 - β₂) g²
step   - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
=====  ====================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["Adam", "AdamW"]


def _step(optimizer: Any, *, decoupled: bool) -> None:
    """Carry out one step; with `decoupled` the weights decay by themselves, not through the gradient."""
    for group in optimizer.param_groups:
        for values in group["params"]:
            if values.grad is None:
                continue
            state = optimizer.state[values]
            if not state:
                state["step"] = torch.tensor(0.0)
                names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * group["amsgrad"]
                state.update((name, torch.zeros_like(values)) for name in names)
            _move(values, state, group, decoupled=decoupled)


def _move(values: Tensor, state: dict[str, Any], group: dict[str, Any], *, decoupled: bool) -> None:
    first, second = group["betas"]
    gradient = -values.grad if group["maximize"] else values.grad
    state["step"] += 1
    count = state["step"].item()
    if decoupled:
        values.mul_(1 - group["lr"] * group["weight_decay"])
    elif group["weight_decay"]:
        gradient = gradient.add(values, alpha=group["weight_decay"])
    mean, square = state["exp_avg"], state["exp_avg_sq"]
    mean.mul_(first).add_(gradient, alpha=1 - first)
    square.mul_(second).addcmul_(gradient, gradient.conj(), value=1 - second)
    if group["amsgrad"]:
        square = torch.maximum(state["max_exp_avg_sq"], square, out=state["max_exp_avg_sq"])
    spread = (square.sqrt() / math.sqrt(1 - second**count)).add_(group["eps"])
    values.addcdiv_(mean, spread, value=-group["lr"] / (1 - first**count))


class Adam(torch.optim.Adam):  # type: ignore[misc]
    """Adam; arguments as in torch."""

    def step(self, closure: Callable[[], Any] | None = None) -> None:
        """Carry out one step; `closure` is not used here."""
        with torch.no_grad():
            _step(self, decoupled=False)


class AdamW(torch.optim.AdamW):  # type: ignore[misc]
    """Adam whose weights decay by themselves; arguments as in torch."""

    def step(self, closure: Callable[[], Any] | None = None) -> None:
        """Carry out one step; `closure` is not used here."""
        with torch.no_grad():
            _step(self, decoupled=True)
