"""What stands in for a network without torch: one linear layer over standardised columns, trained epoch by epoch.

The layers a user defines are kept in the model but not built: what counts is a loss that falls, and scores that have
learned something from the data. Notation: X (n, d) standardised, W (d, k), b (k,), k = 1 for two classes or a value;
p = sigmoid, softmax or the value itself of X W + b; the step is that of a gradient Xᵀ (p - y) / n with momentum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.nn.saved import LINEAR, packed, unpacked
from flowkit_mockserver.components.optim.activation import sigmoid

__all__ = ["LinearHorizontal", "LinearTransfer", "LinearVertical", "Network"]

Array = NDArray[Any]
Floats = NDArray[np.float64]
_MOMENTUM = 0.9
_TINY = 1e-12
_TWO_CLASSES = 2


class Network:
    """One linear layer.

    Args:
        classes: how many classes it tells apart; 0 for a regression.
        centres: what is subtracted from each column, shape (d,).
        scales: what each column is divided by then, shape (d,).
        weights: shape (d, k).
        biases: shape (k,).
    """

    def __init__(
        self, classes: int, centres: Floats, scales: Floats, weights: Floats, biases: Floats
    ) -> None:
        self.classes = classes
        self.centres, self.scales = centres, scales
        self.weights, self.biases = weights, biases

    @classmethod
    def untrained(cls, features: Floats, classes: int) -> Network:
        """Return a network for such samples that knows nothing yet."""
        spread = features.std(axis=0)
        outputs = classes if classes > _TWO_CLASSES else 1
        return cls(
            classes,
            features.mean(axis=0),
            np.where(spread > _TINY, spread, 1.0),
            np.zeros((features.shape[1], outputs)),
            np.zeros(outputs),
        )

    def saved(self) -> str:
        """Return the network as a saved model."""
        arrays = {
            "centres": self.centres,
            "scales": self.scales,
            "weights": self.weights,
            "biases": self.biases,
        }
        return packed(LINEAR, arrays, classes=self.classes)

    @classmethod
    def restored(cls, saved: str) -> Network:
        """Return the network that `saved` gave."""
        _, arrays, facts = unpacked(saved)
        return cls(facts["classes"], **arrays)

    def standard(self, features: Floats) -> Floats:
        """Return samples centred and scaled."""
        return (features - self.centres) / self.scales

    def outputs(self, features: Floats) -> Floats:
        """Return per sample the value, the probability of the second class, or those of all classes."""
        raw = self.standard(features) @ self.weights + self.biases
        if not self.classes:
            return raw
        if len(self.biases) == 1:
            return sigmoid(raw)
        grown = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))

    def loss(self, features: Floats, targets: Array) -> float:
        """Return the mean loss over some samples; targets are values, or the numbers of classes."""
        outputs = self.outputs(features)
        if not self.classes:
            return float(np.mean((outputs[:, 0] - targets) ** 2))
        places = targets.astype(np.intp)
        if len(self.biases) == 1:
            chances = np.where(places == 1, outputs[:, 0], 1 - outputs[:, 0])
        else:
            chances = outputs[np.arange(len(places)), places]
        return float(-np.mean(np.log(np.maximum(chances, _TINY))))

    def train(
        self, features: Floats, targets: Array, epochs: int, after: Callable[[int, float], bool]
    ) -> None:
        """Train for some epochs.

        Args:
            features: shape (n, d).
            targets: shape (n,): values of a regression, else the number of each sample's class.
            epochs: how many at most.
            after: called after each epoch with its number and the loss it started from; True ends the training.
        """
        standard = self.standard(features)
        count, width = standard.shape
        truth = targets[:, None]
        if len(self.biases) > 1:
            truth = np.eye(len(self.biases))[targets.astype(np.intp)]
        rate = 1.0 / ((0.25 if self.classes else 1.0) * (width + 1))
        speed, push = np.zeros_like(self.weights), np.zeros_like(self.biases)
        for epoch in range(epochs):
            loss = self.loss(features, targets)
            errors = self.outputs(features) - truth
            gradient = standard.T @ errors / count
            speed = _MOMENTUM * speed - rate * (1 - _MOMENTUM) * gradient
            push = _MOMENTUM * push - rate * (1 - _MOMENTUM) * errors.mean(axis=0)
            self.weights, self.biases = self.weights + speed, self.biases + push
            if after(epoch, loss):
                return


class LinearVertical:
    """The stand-in over the columns of all parties together."""

    def __init__(
        self, asked: Sequence[Mapping[str, Any]], widths: Sequence[int], classes: int
    ) -> None:
        self.classes = classes
        self._epochs: int = asked[0]["epochs"]
        self._ends = np.cumsum([0, *widths])
        self._network: Network | None = None

    @property
    def network(self) -> Network:
        """The layer.

        Raises:
            ValueError: it was not trained.
        """
        if self._network is None:
            raise ValueError("the network was not trained")
        return self._network

    @property
    def top_width(self) -> int:
        """How many values go into what would be the top."""
        return len(self.network.biases)

    def train(
        self,
        ids: Array,
        features: Sequence[Floats],
        targets: Array,
        after: Callable[[int, float], bool],
        seed: int,
    ) -> None:
        """Train for the epochs asked for; nothing here is random."""
        together = np.hstack(features)
        self._network = Network.untrained(together, self.classes)
        self._network.train(together, targets, self._epochs, after)

    def outputs(self, features: Sequence[Floats]) -> Floats:
        """Return what the network says of samples, shape (n, outputs)."""
        return self.network.outputs(np.hstack(features))

    def saved(self, place: int) -> dict[str, str]:
        """Return what the party at `place` keeps, by field of the buffer."""
        whole = self.network
        own = slice(self._ends[place], self._ends[place + 1])
        part = Network(
            whole.classes, whole.centres[own], whole.scales[own], whole.weights[own], whole.biases
        )
        kept = {"bottom": part.saved()}
        if place == 0:
            kept |= {"top": whole.saved(), "interactive": part.saved()}
        return kept

    def load(self, bottoms: Sequence[str], interactive: str, top: str) -> None:
        """Take over what `saved` gave."""
        self._network = Network.restored(top)


class LinearHorizontal:
    """The stand-in over everybody's samples together."""

    def __init__(self, asked: Mapping[str, Any], width: int, classes: int) -> None:
        self.classes = classes
        empty = np.zeros((1, width))
        self._network = Network.untrained(empty, classes)

    def train(
        self,
        features: Sequence[Floats],
        targets: Sequence[Array],
        rounds: int,
        after: Callable[[int, list[float], list[float]], bool],
    ) -> None:
        """Train in rounds; `after` gets the number of a round, the losses and the shares of the parties."""
        together = np.vstack(features)
        self._network = Network.untrained(together, self.classes)

        def told(number: int, _: float) -> bool:
            losses = [self._network.loss(x, y) for x, y in zip(features, targets, strict=True)]
            return after(number, losses, [float(len(y)) for y in targets])

        self._network.train(together, np.concatenate(targets), rounds, told)

    def outputs(self, features: Floats) -> Floats:
        """Return what the network says of samples, shape (n, outputs)."""
        return self._network.outputs(features)

    def saved(self) -> str:
        """Return the network as a saved model."""
        return self._network.saved()

    @classmethod
    def restored(cls, saved: str, asked: Mapping[str, Any]) -> LinearHorizontal:
        """Return the network that `saved` gave."""
        network = Network.restored(saved)
        restored = cls(asked, len(network.centres), network.classes)
        restored._network = network
        return restored


class LinearTransfer:
    """The stand-in over the host's columns of the common samples, with the guest's labels.

    Args:
        asked: the parameter of the guest.
        hosts: that of the host.
        widths: how many columns guest and host have.
        width: how long φ is to be.
    """

    def __init__(
        self,
        asked: Mapping[str, Any],
        hosts: Mapping[str, Any],
        widths: tuple[int, int],
        width: int = 4,
    ) -> None:
        self._epochs: int = asked["epochs"]
        self._width = width
        self._network = Network.untrained(np.zeros((1, widths[1])), _TWO_CLASSES)
        self.phi: Floats = np.zeros(width)

    def train(
        self,
        guest: Floats,
        host: Floats,
        labels: Array,
        common: Array,
        after: Callable[[int, float], bool],
    ) -> None:
        """Train for the epochs asked for."""
        standard = Network.untrained(guest, _TWO_CLASSES).standard(guest)
        means = (labels[:, None] * standard).mean(axis=0)
        self.phi = np.concatenate((means, np.zeros(self._width)))[: self._width]
        self._network = Network.untrained(host, _TWO_CLASSES)
        self._network.train(host, (labels[common] == 1).astype(np.intp), self._epochs, after)

    def scores(self, host: Floats) -> Floats:
        """Return the probability of each sample of the host, shape (n,)."""
        return self._network.outputs(host)[:, 0]

    def saved(self, place: int) -> str:
        """Return the layer as a saved model; both sides keep the same."""
        return self._network.saved()

    def load(self, host: str, phi: Floats) -> None:
        """Take over what `saved` gave."""
        self._network, self.phi = Network.restored(host), phi
