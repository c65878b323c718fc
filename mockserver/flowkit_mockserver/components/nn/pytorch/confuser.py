"""The confuser of labels: an encoder that makes soft labels of hard ones, and a decoder that finds these again.

With one-hot labels y, soft labels s and found ones r, the two are trained on
H(r, y) - λ₁ H(s, y) + λ₂ Σ s log₂ s, where H is the cross entropy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from flowkit_mockserver.components.nn.pytorch.optimizers import Adam

__all__ = ["Confuser", "entropy_between"]

_SMALL = 1e-8


def entropy_between(outputs: Tensor, truth: Tensor) -> Tensor:
    """Return the mean cross entropy of outputs and soft labels, both (n, k)."""
    return -(truth * (outputs + _SMALL).log()).sum(dim=1).mean()


def _coder(classes: int) -> nn.Sequential:
    width = (6 * classes) ** 2
    return nn.Sequential(
        nn.Linear(classes, width), nn.ReLU(), nn.Linear(width, classes), nn.Softmax(dim=1)
    )


class Confuser:
    """A trained confuser.

    Args:
        classes: how many classes there are.
        asked: the ``coae_param``.
    """

    def __init__(self, classes: int, asked: Mapping[str, Any]) -> None:
        if classes < 2:
            raise ValueError("label num ==1, regression task not support COAE")
        self._classes = classes
        self._encoder, self._decoder = _coder(classes), _coder(classes)
        both = [*self._encoder.parameters(), *self._decoder.parameters()]
        optimizer = Adam(both, lr=asked["lr"])
        labels = torch.eye(classes)
        for _ in range(asked["epoch"]):
            optimizer.zero_grad()
            soft = self._encoder(labels)
            loss = (
                entropy_between(self._decoder(soft), labels)
                - asked["lambda1"] * entropy_between(soft, labels)
                + asked["lambda2"] * (soft * soft.log2()).sum()
            )
            loss.backward()
            optimizer.step()

    def soften(self, labels: Tensor) -> Tensor:
        """Return soft labels, shape (n, k), for the numbers of classes."""
        hard = nn.functional.one_hot(labels.flatten().long(), self._classes)
        with torch.no_grad():
            soft: Tensor = self._encoder(hard.float())
        return soft

    def harden(self, outputs: Tensor) -> Tensor:
        """Return the probabilities of the classes behind soft ones; of the second class if there are two."""
        with torch.no_grad():
            found: Tensor = self._decoder(outputs)
        return found[:, 1:] if found.shape[1] == 2 else found

    def state(self) -> dict[str, Any]:
        """Return the weights of both."""
        return {"encoder": self._encoder.state_dict(), "decoder": self._decoder.state_dict()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave."""
        self._encoder.load_state_dict(state["encoder"])
        self._decoder.load_state_dict(state["decoder"])
