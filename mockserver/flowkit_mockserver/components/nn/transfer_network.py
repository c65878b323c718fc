"""Transfer learning on torch: a network of the guest and one of the host meet in a common space.

Notation: the guest has N samples with labels y = ±1, n of which the host has too; A (N, k) what the guest's network
makes of its samples, B (n, k) what the host's makes of those that both have; φ = Σ_N y A / N; c = 1 / k; o marks the
guest's rows of the n samples.

=====================  =========================================================================
loss                   weight (n ln 2 - ½ Σ y_o Bφ + ⅛ Σ (Bφ)²) / n - c Σ A_o ⊙ B / n
κ                      ¼ Σ y_o² (φ B Bᵀ) - ½ Σ y_o B, the derivative of the first sum by φ
gradient of the guest  weight κ y / N, and for the common samples - c B besides
gradient of the host   weight (¼ y_o² B φᵀφ - ½ y_o φ) - c A_o
=====================  =========================================================================

The weight is the parameter ``alpha``. Both networks go down the gradient of Σ gradient ⊙ output with their optimizer,
once an epoch, or `local_round` times (communication-efficient) with what the other side sent at the start of the epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from flowkit_mockserver.components.nn.saved import TORCH, packed, unpacked
from flowkit_mockserver.components.nn.torch_layers import build_network
from flowkit_mockserver.components.nn.torch_training import (
    arrays_of,
    keras_optimizer,
    load_arrays,
    outputs_of,
    tensor,
)
from flowkit_mockserver.components.optim.activation import sigmoid

__all__ = ["TorchTransfer"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


class TorchTransfer:
    """The networks of a guest and its host.

    Args:
        asked: the parameter of the guest.
        hosts: that of the host.
        widths: how many columns guest and host have.
    """

    def __init__(
        self, asked: Mapping[str, Any], hosts: Mapping[str, Any], widths: tuple[int, int]
    ) -> None:
        self._asked, self._widths = asked, widths
        self._guest = build_network(asked["nn_define"], widths[0])
        self._host = build_network(hosts["nn_define"], widths[1])
        self._optimizers = [
            keras_optimizer(own["optimizer"], network.parameters())
            for own, network in ((asked, self._guest), (hosts, self._host))
        ]
        self.phi: Floats = np.zeros(0)

    def train(
        self,
        guest: Array,
        host: Array,
        labels: Array,
        common: Array,
        after: Callable[[int, float], bool],
    ) -> None:
        """Train for the epochs asked for.

        Args:
            guest: shape (N, d): the guest's samples.
            host: shape (n, e): the host's, of the common samples.
            labels: shape (N,): 1 and -1.
            common: shape (n,): where the common samples stand among the guest's.
            after: called after each epoch with its number and its loss; True ends the training.
        """
        asked, count = self._asked, len(labels)
        alpha = asked["alpha"]
        rounds = asked["local_round"] if asked["communication_efficient"] else 1
        y, own = labels[:, None].astype(np.float64), labels[common, None].astype(np.float64)
        for epoch in range(asked["epochs"]):
            a, b = outputs_of(self._guest, guest), outputs_of(self._host, host)
            share = 1 / a.shape[1]
            sent_a, sent_b = a[common], b
            self.phi = (y * a).mean(axis=0)
            sent_phi = self.phi
            loss = 0.0
            for place in range(rounds):
                sums = sent_b @ self.phi
                if place == 0:
                    loss = self._loss(sums, own, sent_a, sent_b, share)
                kappa = 0.25 * (own**2 * sums[:, None] * sent_b).sum(axis=0)
                kappa = kappa - 0.5 * (own * sent_b).sum(axis=0)
                to_guest = alpha * kappa * y / count
                to_guest[common] -= share * sent_b
                to_host = 0.25 * own**2 * (b @ sent_phi)[:, None] * sent_phi - 0.5 * own * sent_phi
                to_host = alpha * to_host - share * sent_a
                self._move(0, self._guest, guest, to_guest, epoch)
                self._move(1, self._host, host, to_host, epoch)
                a, b = outputs_of(self._guest, guest), outputs_of(self._host, host)
                self.phi = (y * a).mean(axis=0)
            if after(epoch, loss):
                return

    def _loss(self, sums: Floats, own: Floats, a: Floats, b: Floats, share: float) -> float:
        count = len(own)
        labels = -0.5 * np.sum(own[:, 0] * sums) + np.sum(sums**2) / 8 + count * math.log(2)
        return float(self._asked["alpha"] * labels / count - share * np.sum(a * b) / count)

    def _move(
        self, place: int, network: nn.Module, features: Array, ahead: Floats, epoch: int
    ) -> None:
        optimizer = self._optimizers[place]
        if optimizer is None:
            return
        if self._asked["communication_efficient"]:
            rate = self._asked["optimizer"]["learning_rate"]
            for group in optimizer.param_groups:
                group["lr"] = rate / math.sqrt(epoch + 1)
        network.eval()
        optimizer.zero_grad()
        torch.sum(network(tensor(features)) * tensor(ahead)).backward()
        optimizer.step()

    def scores(self, host: Array) -> Floats:
        """Return the probability of each sample of the host, shape (n,)."""
        return sigmoid(outputs_of(self._host, host) @ self.phi)

    def saved(self, place: int) -> str:
        """Return the network of the guest (0) or the host (1) as a saved model."""
        return packed(TORCH, arrays_of((self._guest, self._host)[place]))

    def load(self, host: str, phi: Floats) -> None:
        """Take over the host's network and φ, with which alone samples are predicted."""
        load_arrays(self._host, unpacked(host)[1])
        self.phi = phi
