"""One side of an averaged logistic regression on torch, digit by digit as a real server computes it.

Without torch, `average` computes the same in numpy, in which the last digits of float32 differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.nn.pytorch.member import Member, outputs_of
from flowkit_mockserver.components.nn.pytorch.optimizers import Adam
from flowkit_mockserver.components.nn.pytorch.samples import Samples

__all__ = ["TorchSide", "torch_chances"]

Floats = NDArray[np.float32]
_OPTIMIZERS: Mapping[str, Callable[..., Any]] = {
    "sgd": torch.optim.SGD,
    "nesterov_momentum_sgd": lambda values, **options: torch.optim.SGD(
        values, nesterov=True, momentum=0.9, **options
    ),
    "rmsprop": torch.optim.RMSprop,
    "adam": Adam,
    "adagrad": torch.optim.Adagrad,
}


def _network(width: int, *, intercept: bool) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, 1, bias=intercept), nn.Sigmoid())


def _loss(outputs: Tensor, labels: Any) -> Tensor:
    if isinstance(labels, Tensor):
        mean: Tensor = nn.functional.binary_cross_entropy(outputs, labels)
        return mean
    # With weights the server multiplies each loss with each weight and divides by all: what is left is the sum.
    losses = nn.functional.binary_cross_entropy(outputs, labels[0], reduction="none")
    total: Tensor = losses.double().sum()
    return total


class TorchSide:
    """One party: its samples, its network and its optimizer.

    Args:
        data: the samples.
        asked: the parameter of the component.
        count: how many times the learning rate has decayed.
    """

    def __init__(self, data: Instances, asked: Mapping[str, Any], count: int) -> None:
        self._asked, self._count = asked, count
        network = _network(data.width, intercept=asked["init_param"]["fit_intercept"])
        self._optimizer = _OPTIMIZERS[asked["optimizer"]](
            network.parameters(), lr=asked["learning_rate"], weight_decay=asked["alpha"]
        )
        self._decay()
        self._member = Member(
            network,
            Samples.of(data),
            _loss,
            self._optimizer,
            asked["batch_size"],
            after_step=self._decay_after_step,
        )

    def _decay(self) -> None:
        decayed = 1 + self._count * self._asked["decay"]
        factor = 1 / (math.sqrt(decayed) if self._asked["decay_sqrt"] else decayed)
        for group in self._optimizer.param_groups:
            group["lr"] = self._asked["learning_rate"] * factor

    def _decay_after_step(self) -> None:
        self._count += 1
        self._decay()

    def train(self, weights: Floats) -> tuple[Floats, float]:
        """Return the weights after an epoch, the intercept last if there is one, and its loss."""
        self._member.load(_split(weights, self._member.network))
        loss = self._member.train()
        return np.concatenate([v.reshape(-1) for v in self._member.weights()]).astype(
            np.float32
        ), loss


def _split(weights: NDArray[Any], network: nn.Sequential) -> list[NDArray[np.float64]]:
    width = network[0].in_features
    parts = [weights[None, :width], weights[width:]]
    return [part.astype(np.float64) for part in parts if part.size]


def torch_chances(
    weights: NDArray[Any], intercept: float, data: Instances, batch_size: int
) -> NDArray[np.float64]:
    """Return the probability of each sample, shape (n,), in the order of `data`."""
    network = _network(data.width, intercept=True)
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor(weights.astype(np.float32))[None, :])
        network[0].bias.fill_(intercept)
    samples = Samples.of(data)
    found = outputs_of(network, samples, batch_size).numpy().reshape(-1).astype(np.float64)
    chances = np.empty(len(data))
    chances[np.argsort(data.ids, kind="stable")] = found
    return chances
