"""What a split gains, and which one wins.

With G and H the sums of g and h in a node, a lambda on squares (ridge) and an alpha on absolutes (lasso):

* worth of a node: S(G)² / (H + lambda), where S moves G towards 0 by alpha
* gain of a split: worth(left) + worth(right) - worth(node)
* weight of a leaf: -S(G) / (H + lambda)

A tree with several outputs has a G, an H and a weight for each; what a node is worth is the sum over them. All are cut
off after the tenth decimal. Candidates are gone through one after the other, and one takes the lead when it gains more
than the leader by more than 1e-8; so the order of candidates decides between equals.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.partition import partitions_of, pickled, protocol_in_use

__all__ = [
    "MARGIN",
    "Criterion",
    "Limits",
    "first_best",
    "host_candidates",
    "later_shuffle_seed",
    "plain_candidates",
    "shuffle_seed",
]

Floats = NDArray[np.float64]

MARGIN = 1e-8
_DIGITS = 10**10
_MASK64 = (1 << 64) - 1
#: The constants of xxHash, by which Python hashes pairs.
_SPREAD, _FACTOR, _ADDEND = 11400714785074694791, 14029467366897019727, 2870177450012600261
_PRIME = (1 << 61) - 1


def _cut_off(values: Any) -> Any:
    return np.floor(values * _DIGITS) / _DIGITS


@dataclass(frozen=True)
class Criterion:
    """The worth of nodes, by lambda (`ridge`) and alpha (`lasso`).

    Sums of g and h come by output first, shapes (k, …). With several outputs FATE forgets alpha.
    """

    ridge: float
    lasso: float

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Criterion:
        """Return the criterion of a ``tree_param``."""
        # Before 1.6 there was no second one.
        ridge, lasso = (*(tree.get("criterion_params") or (0.1,)), 0.0)[:2]
        return cls(float(ridge), float(lasso))

    def _shrunk(self, gradient: Any) -> Any:
        if not self.lasso or len(gradient) > 1:
            return gradient
        return np.where(
            gradient < -self.lasso,
            gradient + self.lasso,
            np.where(gradient > self.lasso, gradient - self.lasso, 0.0),
        )

    def worth(self, gradient: Any, hessian: Any) -> Any:
        """Return the worth of nodes with these sums, shape (…)."""
        shrunk = self._shrunk(_cut_off(gradient))
        return np.add.reduce(_cut_off(shrunk * shrunk / (_cut_off(hessian) + self.ridge)), axis=0)

    def gain(self, node: tuple[Any, Any], left: tuple[Any, Any], right: tuple[Any, Any]) -> Any:
        """Return what splits gain; each side is a pair of the sums of g and h."""
        return _cut_off(self.worth(*left) + self.worth(*right) - self.worth(*node))

    def weight(self, gradient: Floats, hessian: Floats) -> Floats:
        """Return the weights of a leaf, shape (k,).

        Raises:
            ValueError: lambda is 0 and the second derivatives of the samples sum up to 0.
        """
        if np.any(hessian + self.ridge == 0):
            raise ValueError(
                "a leaf has no weight: its second derivatives sum up to 0 and criterion_params has lambda 0;"
                " choose a lambda above 0"
            )
        weights: Floats = _cut_off(-self._shrunk(gradient) / (hessian + self.ridge))
        return weights


@dataclass(frozen=True)
class Limits:
    """What a split has to fulfil: least gain, and least samples and hessian of node and children."""

    gain: float
    node_samples: int
    leaf_samples: int
    leaf_hessian: float

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Limits:
        """Return the limits of a ``tree_param``."""
        return cls(
            tree["min_impurity_split"],
            tree["min_sample_split"],
            tree["min_leaf_node"],
            tree["min_child_weight"],
        )

    @property
    def start(self) -> float:
        """The gain that stands for no split."""
        return self.gain - MARGIN


def first_best(gains: Floats, limits: Limits, leader: float | None = None) -> int:
    """Return the place of the gain that leads in the end, or -1 when none is enough.

    Args:
        gains: in the order of the candidates; -inf where one is ruled out.
        limits: how much it takes.
        leader: the gain to beat; that of no split when None.
    """
    best = limits.start if leader is None else leader
    found, start = -1, 0
    while start < len(gains):
        better = gains[start:] > max(limits.gain, best + MARGIN)
        step = int(better.argmax())
        if not better[step]:
            break
        found = start + step
        best, start = float(gains[found]), found + 1
    return found


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK64


@lru_cache(maxsize=1024)
def shuffle_seed(depth: int, batch: int) -> int:
    """Return the seed by which a host shuffles its candidates: the absolute hash of a pair, as Python 3.6 has it."""
    value, multiplier, length = 0x345678, 1000003, 2
    for number in (depth, batch):
        length -= 1
        value = ((value ^ number) * multiplier) & _MASK64
        multiplier += 82520 + 2 * length
    value = (value + 97531) & _MASK64
    signed = value - (1 << 64) if value >> 63 else value
    return abs(signed) % _PRIME


@lru_cache(maxsize=1024)
def later_shuffle_seed(depth: int, batch: int) -> int:
    """Return the seed by which a host shuffles its candidates as Python 3.8 has it: the hash of pairs changed there."""
    value = _ADDEND
    for number in (depth, batch):
        value = (value + number * _FACTOR) & _MASK64
        value = (_rotated(value, 31) * _SPREAD) & _MASK64
    value = (value + (2 ^ _ADDEND ^ 3527539)) & _MASK64
    signed = value - (1 << 64) if value >> 63 else value
    return abs(signed) % _PRIME


@lru_cache(maxsize=4096)
def _shuffled(seed: int, count: int) -> NDArray[np.intp]:
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return np.array(order, dtype=np.intp)


@lru_cache(maxsize=1024)
def _layout(
    nodes: tuple[int, ...], features: int, partitions: int, protocol: int
) -> dict[int, list[tuple[str, NDArray[np.intp]]]]:
    """Return for every node where its histograms lie: by partition the first key there, and the features in order."""
    # The protocol is there for the cache: `pickled` follows it.
    assert protocol == protocol_in_use()
    keys = sorted(((node, feature) for node in nodes for feature in range(features)), key=pickled)
    places: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, part in zip(keys, partitions_of(keys, partitions).tolist(), strict=True):
        places[part].append(key)
    found: dict[int, list[tuple[str, NDArray[np.intp]]]] = {node: [] for node in nodes}
    for members in places.values():
        own: defaultdict[int, list[int]] = defaultdict(list)
        for node, feature in members:
            own[node].append(feature)
        for node, numbers in own.items():
            found[node].append((str(members[0]), np.array(numbers, dtype=np.intp)))
    return found


def host_candidates(
    valid: NDArray[np.bool_],
    nodes: Sequence[int],
    place: int,
    *,
    partitions: int,
    batch_size: int,
    seed: int,
) -> list[NDArray[np.intp]]:
    """Return the candidates of one node in the order in which the guest goes through them.

    A host lays its histograms out by partition, shuffles the candidates of each node there and sends them in batches;
    the guest takes the batches in the order of their names.

    Args:
        valid: which candidates there are, of shape (features, bins, directions).
        nodes: the numbers of the nodes that are split together.
        place: which of them is meant.
        partitions: of the host's table.
        batch_size: of the batches.
        seed: of the shuffling.

    Returns:
        batches of positions in the flattened `valid`.
    """
    size = valid[0].size
    flat = valid.reshape(len(valid), size)
    batches: list[tuple[str, NDArray[np.intp]]] = []
    for name, features in _layout(tuple(nodes), len(valid), partitions, protocol_in_use())[
        nodes[place]
    ]:
        row, column = np.nonzero(flat[features])
        candidates = features[row] * size + column
        candidates = candidates[_shuffled(seed, len(candidates))]
        batches += [
            (f"{name}-{number}", candidates[start : start + batch_size])
            for number, start in enumerate(range(0, len(candidates), batch_size))
        ]
    return [batch for _, batch in sorted(batches, key=lambda named: named[0])]


def plain_candidates(valid: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Return the candidates of one node by feature, bin and direction, as a host of the older protocol sends them."""
    size = valid[0].size
    order = sorted(range(len(valid)), key=pickled)
    flat = valid.reshape(len(valid), size)
    return [
        np.concatenate([feature * size + np.flatnonzero(flat[feature]) for feature in order])
        if order
        else np.empty(0, dtype=np.intp)
    ]
