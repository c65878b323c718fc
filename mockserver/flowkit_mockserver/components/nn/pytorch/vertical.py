"""A network over the columns of a guest and its hosts: a bottom for each, the interactive layer, the top.

The guest seeds its process before every batch, a host before its first one; samples are shuffled once, by a seed that
is the same for all.
"""

from __future__ import annotations

import base64
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowkit_mockserver.components.nn.pytorch.chance import TorchChance, draw_seed
from flowkit_mockserver.components.nn.pytorch.confuser import Confuser, entropy_between
from flowkit_mockserver.components.nn.pytorch.interactive import InteractiveLayer
from flowkit_mockserver.components.nn.pytorch.part import Part
from flowkit_mockserver.components.nn.pytorch.samples import Samples
from flowkit_mockserver.components.nn.pytorch.saved_state import load_state, save_state
from flowkit_mockserver.components.nn.selection import LossSelector

__all__ = ["OwnVertical", "shuffled"]

#: The seed by which samples are shuffled.
_SHUFFLE_SEED = 100
#: Up to which share of 1 numbers of the noise are drawn from the system instead of numpy.
_MIXED = 0.5


def shuffled(count: int) -> NDArray[np.intp]:
    """Return in which order samples, sorted by id, are trained on."""
    order = np.arange(count)
    np.random.RandomState(_SHUFFLE_SEED).shuffle(order)
    return order


class OwnVertical:
    """The network.

    Args:
        asked: the parameters of the parties, the guest's first.
        labels: how many different labels there are.
    """

    def __init__(self, asked: Sequence[Mapping[str, Any]], labels: int) -> None:
        self._asked, self.labels = list(asked), labels
        guest = asked[0]
        if guest["top_nn_define"] is None:
            raise ValueError(
                "top nn model define is None, you must define your top model in guest side"
            )
        for own in asked:
            if own["bottom_nn_define"] is None:
                raise ValueError(
                    "bottom nn model define is None, you must define your bottom model"
                )
        if guest["loss"] is None:
            raise ValueError("loss is None, please specify a loss function")
        self._chances = [TorchChance(own["seed"]) for own in asked[1:]]
        self._bottoms: list[Part] = []
        self._top: Part | None = None
        self._middle: InteractiveLayer | None = None
        self._confuser: Confuser | None = None
        self._selector: LossSelector | None = None
        self._numbers = np.random.RandomState(_SHUFFLE_SEED)

    def _optimizer(self, place: int) -> Any:
        asked = self._asked[place]["optimizer"]
        return asked if isinstance(asked, Mapping) else None

    def build(self, samples: Sequence[Samples]) -> None:
        """Make the parts, as each party makes its own when the first batch comes."""
        guest = self._asked[0]
        hosts = []
        for place, chance in enumerate(self._chances, start=1):
            with chance.drawn():
                define = self._asked[place]["bottom_nn_define"]
                hosts.append(Part(define, self._optimizer(place)))
        with TorchChance(guest["seed"]).drawn():
            self._top = Part(guest["top_nn_define"], self._optimizer(0), guest["loss"])
            own = Part(guest["bottom_nn_define"], self._optimizer(0))
            self._bottoms = [own, *hosts]
            widths = [
                part.outputs(given.features[:1]).shape[1]
                for part, given in zip(self._bottoms, samples, strict=True)
            ]
            self._middle = InteractiveLayer(
                guest["interactive_layer_define"],
                widths[0],
                widths[1:],
                guest["interactive_layer_lr"],
                guest["floating_point_precision"],
            )
            if guest["coae_param"]["enable"]:
                self._confuser = Confuser(self.labels, guest["coae_param"])
                self._top.loss = entropy_between

    def _parts(self) -> tuple[Part, InteractiveLayer]:
        if self._top is None or self._middle is None:
            raise ValueError("the network was not trained")
        return self._top, self._middle

    def train(
        self,
        samples: Sequence[Samples],
        first: int,
        after: Callable[[int, float], bool],
        held: int = 0,
    ) -> None:
        """Train for the epochs asked for.

        Args:
            samples: of the parties, the guest's first; the same in the same order.
            first: the number of the first epoch.
            after: called after each epoch with its number and its loss; True ends the training.
            held: how many samples there are to validate with.
        """
        asked = self._asked[0]
        if not self._bottoms:
            self.build(samples)
        count = len(samples[0])
        size = count if asked["batch_size"] == -1 else min(asked["batch_size"], count)
        order = shuffled(count)
        # The numbers that come after those of the last shuffling.
        self._numbers = np.random.RandomState(_SHUFFLE_SEED)
        self._numbers.shuffle(np.arange(held or count))
        chosen_by = asked.get("selector_param") or {}
        if chosen_by.get("method") and chosen_by["random_state"] is not None and not first:
            # Who selects samples seeds all numbers anew. A model to go on from is there before the shuffling.
            self._numbers = np.random.RandomState(int(chosen_by["random_state"]))
        self._selector = LossSelector.of(chosen_by, size, self._numbers)
        labels = samples[0].labels
        if labels is None:
            raise ValueError("training needs labels; the guest's table has none")
        for epoch in range(first, first + asked["epochs"]):
            total = np.float32(0)
            if epoch > first:
                for chance in self._chances:
                    with chance.drawn():
                        draw_seed()
            for start in range(0, count, size):
                chosen = order[start : start + size]
                rows = [given.features[chosen] for given in samples]
                loss = self._step(rows, labels[chosen])
                total += np.float32(loss) * np.float32(len(chosen))
            if after(epoch, float(total / np.float32(count))):
                return

    def _step(self, rows: list[Tensor], labels: Tensor) -> float:
        """Train on a batch; return its loss."""
        top, middle = self._parts()
        made = []
        for chance, bottom, given in zip(self._chances, self._bottoms[1:], rows[1:], strict=True):
            with chance.drawn():
                bottom.network.train(self._selector is None)
                made.append(bottom.network(given))
        with TorchChance(self._asked[0]["seed"]).drawn():
            self._bottoms[0].network.train(self._selector is None)
            made.insert(0, self._bottoms[0].network(rows[0]))
            outputs = [given.detach() for given in made]
            total = middle.forward(outputs[0], outputs[1:])
            mask = self._mask(total.shape, middle.dropout)
            active = middle.activate(total) * mask
            if self._confuser is not None:
                labels = self._confuser.soften(labels)
            if self._selector is None:
                return self._update(made, outputs, total, mask, active.detach(), labels)
            losses = self._losses(top, active, labels)
            ready = self._selector.add(
                losses.numpy(), [*rows, *outputs, total, mask, active.detach(), labels]
            )
            if ready is not None:
                count = len(rows)
                for bottom in self._bottoms:
                    bottom.network.train()
                again = [
                    bottom.network(given)
                    for bottom, given in zip(self._bottoms, ready[:count], strict=True)
                ]
                self._update(again, ready[count : 2 * count], *ready[2 * count :])
            return float(losses.mean())

    def _losses(self, top: Part, active: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of each sample, shape (n,)."""
        loss: Any = top.loss
        with torch.no_grad():
            outputs = top.network(active)
            if self._confuser is not None:
                found = [loss(outputs[i : i + 1], labels[i : i + 1]) for i in range(len(labels))]
                return torch.stack(found)
            kept, loss.reduction = loss.reduction, "none"
            losses: Tensor = loss(outputs, labels)
            loss.reduction = kept
        return losses.reshape(len(labels), -1).mean(dim=1)

    def _mask(self, shape: Sequence[int], dropout: float | None) -> Tensor:
        """Return what outputs are multiplied by while training: 0 where they are dropped."""
        keep = 1 - dropout if isinstance(dropout, float) else 1.0
        if not 0 < keep < 1:
            return torch.ones(tuple(shape))
        kept = self._numbers.uniform(low=0, high=1, size=tuple(shape)) < keep
        return torch.tensor((kept / keep).astype(np.float32))

    def _update(
        self,
        made: Sequence[Tensor],
        outputs: Sequence[Tensor],
        total: Tensor,
        mask: Tensor,
        active: Tensor,
        labels: Tensor,
    ) -> float:
        top, middle = self._parts()
        top.network.train()
        given = active.clone().requires_grad_(True)
        (gradient,) = torch.autograd.grad(top.loss(top.network(given), labels), given)
        loss = top.loss(top.network(active), labels)
        top.train(loss)
        delta = middle.slope(total, gradient * mask)
        back = middle.backward(delta, outputs[0], outputs[1:])
        self._draw_noise(middle)
        for bottom, output, ahead in zip(self._bottoms, made, back, strict=True):
            bottom.train(bottom.loss(output, ahead))
        return float(loss.detach())

    def _draw_noise(self, middle: InteractiveLayer) -> None:
        """Draw the numbers of numpy that the noise takes, after which masks are drawn and samples selected."""
        if not middle.dropout and self._selector is None:
            return
        for inputs in middle.host_widths:
            for _ in range(inputs * middle.width):
                if self._numbers.rand() >= _MIXED:
                    self._numbers.uniform()

    @property
    def host_widths(self) -> list[int]:
        """How many values of each host go into the interactive layer."""
        return self._parts()[1].host_widths

    def outputs(self, samples: Sequence[Samples]) -> Tensor:
        """Return what the network says of samples, shape (n, outputs)."""
        top, middle = self._parts()
        made = [
            part.outputs(given.features) for part, given in zip(self._bottoms, samples, strict=True)
        ]
        found = top.outputs(middle.activate(middle.forward(made[0], made[1:])))
        return found if self._confuser is None else self._confuser.harden(found)

    def saved(self, place: int) -> dict[str, str]:
        """Return what the party at `place` keeps, by field of the buffer."""
        top, middle = self._parts()
        kept = {"bottom": self._bottoms[place].saved()}
        if place:
            widths = (middle.host_widths[place - 1], middle.width)
            return {**kept, "noise": _no_noise(widths)}
        kept |= {"top": top.saved(), "interactive": middle.saved()}
        if self._confuser is not None:
            kept["confuser"] = save_state(self._confuser.state())
        return kept

    def load(self, kept: Sequence[Mapping[str, str]]) -> None:
        """Take over what `saved` gave, of all parties, the guest's first."""
        top, middle = self._parts()
        for part, own in zip(self._bottoms, kept, strict=True):
            part.load(own["bottom"])
        top.load(kept[0]["top"])
        middle.load(kept[0]["interactive"])
        if self._confuser is not None and kept[0].get("confuser"):
            self._confuser.load(load_state(kept[0]["confuser"]))


def _no_noise(shape: tuple[int, int]) -> str:
    """Return noise of zero as a host keeps it, pickled as numpy 1 pickles it."""
    text = pickle.dumps(np.zeros(shape), protocol=2).replace(b"numpy._core", b"numpy.core")
    return base64.b64encode(text).decode()
