"""A network over the columns of a guest and a host on torch: a bottom for each, the interactive layer, the top.

Notation: n samples of a batch; g and h what the bottoms make of them; W_g, W_h and b those of the interactive layer, z
its sum, a what its activation makes of it; L the loss of a sample, d = ∂L/∂a by the top.

==================  =====================================================================================
forward             z = g W_g + h W_h + b, a = activation(z), times a random mask / keep rate while training
δ                   d activation'(z), times the mask / keep rate
step of the layer   W -= rate xᵀ δ / n for x = g, h;  b -= rate mean(δ)
step of a bottom    its optimizer on Σ (δ Wᵀ / n) · output
step of the top     its optimizer on the mean of L
==================  =====================================================================================

Everything is computed in the clear: the noise that hides it on a real server cancels out there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from flowkit_mockserver.components.core.federation import text_order
from flowkit_mockserver.components.nn.saved import TORCH, packed, unpacked
from flowkit_mockserver.components.nn.selection import LossSelector
from flowkit_mockserver.components.nn.torch_layers import build_network, output_width
from flowkit_mockserver.components.nn.torch_training import (
    arrays_of,
    keras_losses,
    keras_optimizer,
    load_arrays,
    outputs_of,
    tensor,
)

__all__ = ["TorchVertical"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


class TorchVertical:
    """The network of a guest and its host.

    Args:
        asked: the parameters of the guest and of the host, in this order.
        widths: how many columns each has.
        classes: how many classes there are; 0 for a regression.

    Raises:
        ValueError: a definition is not known here, or the guest and the host have no columns.
    """

    def __init__(
        self, asked: Sequence[Mapping[str, Any]], widths: Sequence[int], classes: int
    ) -> None:
        guest = asked[0]
        self.classes = classes
        self._asked, self._widths = guest, list(widths)
        self._bottoms = [
            build_network(own["bottom_nn_define"], width) if width else nn.Sequential()
            for own, width in zip(asked, widths, strict=True)
        ]
        middle = [
            output_width(bottom, width) if width else 0
            for bottom, width in zip(self._bottoms, widths, strict=True)
        ]
        if not middle[1]:
            raise ValueError("host input is empty!")
        define = guest["interactive_layer_define"]
        parts = [
            build_network(define, width) if width else None for width in (middle[1], middle[0])
        ]
        host, own = parts
        if host is None or not isinstance(host[0], nn.Linear):
            raise ValueError("the interactive layer is to be one dense layer")
        self._activation = host[1:]
        self._weights = [
            own[0].weight.detach().T.clone()
            if own is not None
            else torch.zeros(0, host[0].out_features),
            host[0].weight.detach().T.clone(),
        ]
        self._bias = None if host[0].bias is None else host[0].bias.detach().clone()
        self._top = build_network(guest["top_nn_define"], host[0].out_features)

    @property
    def top_width(self) -> int:
        """How many values go into the top."""
        return int(self._weights[1].shape[1])

    def train(
        self,
        ids: Array,
        features: Sequence[Array],
        targets: Array,
        after: Callable[[int, float], bool],
        seed: int,
    ) -> None:
        """Train for the epochs asked for.

        Args:
            ids: shape (n,); batches are cut in the order of plain text.
            features: of the guest and of the host, shapes (n, d of the party).
            targets: shape (n,): values, or the numbers of the classes.
            after: called after each epoch with its number and its loss; True ends the training.
            seed: where dropped outputs are drawn from.
        """
        asked = self._asked
        order = text_order(ids)
        rows = [tensor(part[order]) for part in features]
        truth = self._truth(targets[order])
        size = len(order) if asked["batch_size"] == -1 else min(asked["batch_size"], len(order))
        self._losses = keras_losses(asked["loss"])
        networks = [*self._bottoms, self._top]
        self._optimizers = [
            keras_optimizer(asked["optimizer"], net.parameters()) for net in networks
        ]
        self._chance = np.random.RandomState(seed)
        chosen_by = asked.get("selector_param") or {}
        state = chosen_by.get("random_state")
        drawn_from = self._chance if state is None else np.random.RandomState(int(state))
        self._selector = LossSelector.of(chosen_by, size, drawn_from)
        for epoch in range(asked["epochs"]):
            losses = []
            for start in range(0, len(order), size):
                batch = slice(start, start + size)
                losses.append(self._step([part[batch] for part in rows], truth[batch]))
            if after(epoch, sum(losses) / len(losses)):
                return

    def _truth(self, targets: Array) -> Tensor:
        if self.classes > 2:
            return tensor(np.eye(self.classes)[targets.astype(np.intp)])
        return tensor(targets[:, None])

    def _middle(self, features: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        with torch.no_grad():
            made = []
            for bottom, part, weights in zip(self._bottoms, features, self._weights, strict=True):
                bottom.eval()
                made.append(bottom(part) if len(weights) else part.new_zeros(len(part), 0))
            total = sum((x @ w for x, w in zip(made, self._weights, strict=True)), torch.zeros(1))
            return made, total if self._bias is None else total + self._bias

    def _step(self, features: list[Tensor], truth: Tensor) -> float:
        made, total = self._middle(features)
        keep = self._asked["drop_out_keep_rate"]
        mask = torch.ones_like(total)
        if keep and keep != 1:
            drawn = self._chance.uniform(size=tuple(total.shape)) < keep
            mask = tensor(drawn) / keep
        with torch.no_grad():
            active = self._activation(total) * mask
        if self._selector is None:
            return self._update(features, made, total, mask, active, truth)
        with torch.no_grad():
            self._top.eval()
            losses = self._losses(truth, self._top(active))
        ready = self._selector.add(losses.numpy(), [*features, *made, total, mask, active, truth])
        if ready is not None:
            count = len(features)
            self._update(ready[:count], ready[count : 2 * count], *ready[2 * count :])
        return float(losses.mean())

    def _update(
        self,
        features: Sequence[Tensor],
        made: Sequence[Tensor],
        total: Tensor,
        mask: Tensor,
        active: Tensor,
        truth: Tensor,
    ) -> float:
        count = len(truth)
        active = active.clone().requires_grad_(True)
        self._top.eval()
        (gradient,) = torch.autograd.grad(self._losses(truth, self._top(active)).sum(), active)
        self._top.train()
        loss = self._losses(truth, self._top(active.detach())).mean()
        _optimize(self._optimizers[-1], loss)
        total = total.clone().requires_grad_(True)
        (delta,) = torch.autograd.grad(
            self._activation(total), total, gradient * mask, materialize_grads=True
        )
        back = [delta @ weights.T for weights in self._weights]
        rate = self._asked["interactive_layer_lr"]
        self._weights = [
            weights - rate * (x.T @ delta) / count
            for x, weights in zip(made, self._weights, strict=True)
        ]
        if self._bias is not None:
            self._bias = self._bias - rate * delta.mean(dim=0)
        for bottom, optimizer, part, ahead in zip(
            self._bottoms, self._optimizers, features, back, strict=False
        ):
            if optimizer is not None:
                bottom.train()
                _optimize(optimizer, (bottom(part) * ahead / count).sum())
        return float(loss.detach())

    def outputs(self, features: Sequence[Array]) -> Floats:
        """Return what the network says of samples, shape (n, outputs)."""
        _, total = self._middle([tensor(part) for part in features])
        with torch.no_grad():
            active = self._activation(total)
        return outputs_of(self._top, active.numpy())

    def saved(self, place: int) -> dict[str, str]:
        """Return what the guest (0) or the host (1) keeps, by field of the buffer."""
        kept = {"bottom": packed(TORCH, arrays_of(self._bottoms[place]))}
        if place == 0:
            kept["top"] = packed(TORCH, arrays_of(self._top), classes=self.classes)
            names = ("guest", "host")
            arrays = {name: w.numpy() for name, w in zip(names, self._weights, strict=True)}
            if self._bias is not None:
                arrays["bias"] = self._bias.numpy()
            kept["interactive"] = packed(TORCH, arrays)
        return kept

    def load(self, bottoms: Sequence[str], interactive: str, top: str) -> None:
        """Take over what `saved` gave, of the guest and the host."""
        for bottom, saved in zip(self._bottoms, bottoms, strict=True):
            load_arrays(bottom, unpacked(saved)[1])
        load_arrays(self._top, unpacked(top)[1])
        arrays = unpacked(interactive)[1]
        self._weights = [
            tensor(arrays[name].reshape(weights.shape))
            for name, weights in zip(("guest", "host"), self._weights, strict=True)
        ]
        self._bias = tensor(arrays["bias"]) if "bias" in arrays else None


def _optimize(optimizer: torch.optim.Optimizer | None, loss: Tensor) -> None:
    if optimizer is not None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
