"""A part of a network over the columns of several parties: its layers with an optimizer of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from flowkit_mockserver.components.nn.pytorch.definitions import (
    build_loss,
    build_optimizer,
    build_sequential,
)
from flowkit_mockserver.components.nn.pytorch.saved_state import (
    load_state,
    optimizer_state,
    save_state,
)

__all__ = ["Part"]


class Part:
    """A bottom of a party, or the top of the guest.

    Args:
        define: the layers.
        optimizer: the definition of the optimizer; None for a plain one.
        loss: the definition of the loss of a top; None for a bottom, which is given a gradient.
    """

    def __init__(
        self,
        define: Mapping[str, Any],
        optimizer: Mapping[str, Any] | None,
        loss: Mapping[str, Any] | None = None,
    ) -> None:
        self._defined = (define, optimizer, loss)
        self.network = build_sequential(define)
        made = {"optimizer": "SGD", "lr": 0.01} if optimizer is None else optimizer
        self._optimizer = build_optimizer(made, self.network.parameters())
        self.loss: Callable[[Tensor, Any], Tensor] = _along if loss is None else build_loss(loss)

    def train(self, loss: Tensor) -> None:
        """Take a step down a loss."""
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()

    def outputs(self, given: Tensor) -> Tensor:
        """Return what the part says, without dropping anything out."""
        self.network.eval()
        with torch.no_grad():
            found: Tensor = self.network(given)
        return found

    def saved(self) -> str:
        """Return the part as a saved model."""
        define, optimizer, loss = self._defined
        return save_state(
            {
                "nn_define": define,
                "model": self.network.state_dict(),
                "optimizer_define": optimizer,
                "optimizer": optimizer_state(self._optimizer, optimizer or {}),
                "loss_define": loss,
            }
        )

    def load(self, saved: str) -> None:
        """Take over what `saved` gave; the state of the optimizer only if its definition is the same."""
        state = load_state(saved)
        if state["optimizer_define"] == self._defined[1]:
            self._optimizer.load_state_dict(state["optimizer"])
        self.network.load_state_dict(state["model"])


def _along(outputs: Tensor, gradient: Tensor) -> Tensor:
    """Return the loss whose gradient is a given one."""
    return (outputs * gradient).sum()
