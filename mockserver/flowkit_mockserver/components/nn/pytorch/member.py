"""One party's network in training: its samples, its optimizer, and what its loss is said to be.

With n samples in batches of b, the loss of an epoch is b / n times the sum of the losses of its batches: a last batch
that is smaller counts like the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from flowkit_mockserver.components.nn.pytorch.chance import TorchChance, draw_seed
from flowkit_mockserver.components.nn.pytorch.samples import Samples

__all__ = ["Member"]

Floats = NDArray[np.float64]


class Member:
    """One party in the training of a common network.

    Args:
        network: its network.
        samples: what it is trained on.
        loss: of outputs and labels; with weights, of outputs and both.
        optimizer: over the parameters of the network.
        batch_size: how many samples are in a batch; -1 for all.
        chance: where batches are shuffled from; None: they are cut in the order of the samples.
        shuffle: whether batches are shuffled.
        after_step: called after each batch.
    """

    def __init__(
        self,
        network: nn.Module,
        samples: Samples,
        loss: Callable[[Tensor, Any], Tensor],
        optimizer: Any,
        batch_size: int,
        *,
        chance: TorchChance | None = None,
        shuffle: bool = False,
        after_step: Callable[[], None] | None = None,
    ) -> None:
        self.network, self.samples, self.optimizer = network, samples, optimizer
        self._loss, self._after_step = loss, after_step
        count = len(samples)
        self.batch_size = count if batch_size == -1 or batch_size > count else batch_size
        self._chance, self._shuffle = chance, shuffle

    def _order(self) -> Tensor | None:
        """Return how the samples of an epoch are shuffled, drawing what torch's loader draws."""
        if self._chance is None:
            return None
        draw_seed()
        if not self._shuffle:
            return None
        own = torch.Generator()
        own.manual_seed(draw_seed())
        return torch.randperm(len(self.samples), generator=own)

    def _batches(self) -> Iterator[tuple[Tensor, Any]]:
        order = self._order()
        samples = self.samples
        if samples.labels is None:
            raise ValueError("When loss is set, please provide label to calculate loss")
        for start in range(0, len(samples), self.batch_size):
            chosen: Any = slice(start, start + self.batch_size)
            if order is not None:
                chosen = order[chosen]
            labels: Any = samples.labels[chosen]
            if samples.weights is not None:
                labels = (labels, samples.weights[chosen])
            yield samples.features[chosen], labels

    def train(self) -> float:
        """Go through all batches once; return the loss."""
        total = 0.0
        self.network.train()
        with nullcontext() if self._chance is None else self._chance.drawn():
            for features, labels in self._batches():
                self.optimizer.zero_grad()
                loss = self._loss(self.network(features), labels)
                loss.backward()
                self.optimizer.step()
                if self._after_step is not None:
                    self._after_step()
                total += float(loss.detach()) * self.batch_size
        return total / len(self.samples)

    def _trained(self) -> list[Tensor]:
        return [values for values in self.network.parameters() if values.requires_grad]

    def weights(self) -> list[Floats]:
        """Return the parameters that are trained."""
        return [values.detach().numpy().astype(np.float64) for values in self._trained()]

    def load(self, weights: Sequence[Floats]) -> None:
        """Take over parameters."""
        with torch.no_grad():
            for values, given in zip(self._trained(), weights, strict=True):
                values.copy_(torch.tensor(given.astype(np.float32)))

    def outputs(self, samples: Samples) -> Tensor:
        """Return what the network says of samples, batch by batch."""
        if self._chance is not None:
            with self._chance.drawn():
                draw_seed()
        return outputs_of(self.network, samples, self.batch_size)


def outputs_of(network: nn.Module, samples: Samples, batch_size: int) -> Tensor:
    """Return what a network says of samples; -1 for one batch of all."""
    size = batch_size if batch_size > 0 else max(1, len(samples))
    network.eval()
    with torch.no_grad():
        parts = [
            network(samples.features[start : start + size])
            for start in range(0, len(samples), size)
        ]
    return torch.cat(parts)
