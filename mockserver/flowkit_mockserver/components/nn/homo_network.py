"""A common network over samples that lie with several parties, on torch: trained by each, averaged after every round.

=================  ==============================  ==========================================================
configuration      weight of a party's network     loss of a party
=================  ==============================  ==========================================================
nn, keras          number of its batches           mean over its samples
pytorch, version   number of its samples           Σ of its batches' losses times batch size / samples
0
pytorch, version   number of its batches           mean over its batches
1
=================  ==============================  ==========================================================

Batches are cut in the order of the table. With Keras a real server goes through them in random order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from flowkit_mockserver.components.nn.saved import TORCH, packed, unpacked
from flowkit_mockserver.components.nn.torch_layers import build_network, with_outputs
from flowkit_mockserver.components.nn.torch_training import (
    arrays_of,
    keras_losses,
    keras_optimizer,
    load_arrays,
    outputs_of,
    tensor,
    torch_loss,
    torch_optimizer,
)

__all__ = ["TorchHorizontal"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


class TorchHorizontal:
    """The common network.

    Args:
        asked: the parameter of the parties.
        width: how many columns they have.
        classes: how many classes there are.

    Raises:
        ValueError: a definition is not known here.
    """

    def __init__(self, asked: Mapping[str, Any], width: int, classes: int) -> None:
        self.classes = classes
        self._asked, self._width = asked, width
        define = asked["nn_define"]
        # Version 1 takes the layers as they are; the others make the last one fit the labels.
        fitted = define if asked["api_version"] else with_outputs(define, classes)
        self._network = build_network(fitted, width)

    @property
    def _torch_like(self) -> bool:
        return bool(self._asked["config_type"] == "pytorch" or self._asked["api_version"])

    def train(
        self,
        features: Sequence[Array],
        targets: Sequence[Array],
        rounds: int,
        after: Callable[[int, list[float], list[float]], bool],
    ) -> None:
        """Train in rounds, each from the common weights on.

        Args:
            features: of each party, shapes (n of the party, d).
            targets: the numbers of the classes, shapes (n of the party,).
            rounds: how many at most.
            after: called after each round with its number, the losses and the shares of the parties; True ends it.
        """
        parties = [
            _Member(build_network(self._define(), self._width), self._asked, x, y, self.classes)
            for x, y in zip(features, targets, strict=True)
        ]
        common = arrays_of(self._network)
        fixed = bool(self._asked["api_version"])
        epochs = self._asked["aggregate_every_n_epoch"]
        steps = rounds * epochs if fixed else rounds
        for number in range(steps):
            averaged = not fixed or (number + 1) % epochs == 0
            if number == 0 or not fixed:
                for party in parties:
                    load_arrays(party.network, common)
            for party in parties:
                party.train(1 if fixed else epochs)
            shares = [party.share for party in parties]
            if averaged:
                states = [arrays_of(party.network) for party in parties]
                common = {
                    name: np.average([state[name] for state in states], axis=0, weights=shares)
                    for name in states[0]
                }
                for party in parties:
                    load_arrays(party.network, common)
            if after(number, [party.loss() for party in parties], shares):
                break
        load_arrays(self._network, common)

    def _define(self) -> Any:
        define = self._asked["nn_define"]
        return define if self._asked["api_version"] else with_outputs(define, self.classes)

    def outputs(self, features: Array) -> Floats:
        """Return what the network says of samples, shape (n, outputs)."""
        return outputs_of(self._network, features)

    def saved(self) -> str:
        """Return the network as a saved model."""
        return packed(TORCH, arrays_of(self._network), classes=self.classes, width=self._width)

    @classmethod
    def restored(cls, saved: str, asked: Mapping[str, Any]) -> TorchHorizontal:
        """Return the network that `saved` gave."""
        _, arrays, facts = unpacked(saved)
        network = cls(asked, facts["width"], facts["classes"])
        load_arrays(network._network, arrays)
        return network


class _Member:
    """One party's share of the training."""

    def __init__(
        self,
        network: nn.Sequential,
        asked: Mapping[str, Any],
        features: Array,
        targets: Array,
        classes: int,
    ) -> None:
        self.network = network
        self._asked = asked
        self._features = tensor(features)
        self._count = len(features)
        self._size = asked["batch_size"] if asked["batch_size"] > 0 else self._count
        self._version: int = asked["api_version"]
        self._torch_like = asked["config_type"] == "pytorch" or bool(self._version)
        if self._torch_like:
            self._loss: Any = torch_loss(asked["loss"])
            numbered = isinstance(self._loss, (nn.CrossEntropyLoss, nn.NLLLoss))
            truth = torch.tensor(targets.astype(np.int64 if numbered else np.float32))
            self._truth = truth if numbered else truth[:, None]
        else:
            losses = keras_losses(asked["loss"])
            self._loss = lambda outputs, truth: losses(truth, outputs).mean()
            if asked["encode_label"] and classes <= 2:
                raise ValueError(f"num_label is {classes}")
            encoded = np.eye(classes)[targets] if asked["encode_label"] else targets[:, None]
            self._truth = tensor(encoded)
        self._optimizer: Any = None

    @property
    def share(self) -> float:
        """What the party's network weighs in the mean."""
        batches = -(-self._count // self._size)
        return float(self._count if self._torch_like and not self._version else batches)

    def _batches(self) -> list[tuple[Tensor, Tensor]]:
        return [
            (self._features[at : at + self._size], self._truth[at : at + self._size])
            for at in range(0, self._count, self._size)
        ]

    def _optimizer_of_a_round(self) -> Any:
        parameters = self.network.parameters()
        if self._torch_like and not self._version:
            return torch_optimizer(self._asked["optimizer"], parameters)
        if self._optimizer is None:
            make = torch_optimizer if self._torch_like else keras_optimizer
            self._optimizer = make(self._asked["optimizer"], parameters)
        return self._optimizer

    def train(self, epochs: int) -> None:
        """Go through all batches some times."""
        optimizer = self._optimizer_of_a_round()
        self.network.train()
        for _ in range(epochs):
            for features, truth in self._batches():
                optimizer.zero_grad()
                self._loss(self.network(features), truth).backward()
                optimizer.step()

    def loss(self) -> float:
        """Return the loss over all samples of the party."""
        self.network.eval()
        with torch.no_grad():
            losses = [
                (float(self._loss(self.network(features), truth)), len(truth))
                for features, truth in self._batches()
            ]
        if not self._torch_like:
            return sum(loss * count for loss, count in losses) / self._count
        total = sum(loss for loss, _ in losses)
        return total / len(losses) if self._version else total * self._size / self._count
