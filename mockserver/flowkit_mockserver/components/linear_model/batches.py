"""The batches of a regression over several parties: errors and loss of each, given the weights of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Ids, order_positions
from flowkit_mockserver.components.core.partition import partitions_of

__all__ = ["ERRORS", "Batch", "LinearWeights", "Places", "cut_batches", "places_of", "safe_log"]

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
SMALLEST_EXPOSURE = 1e-7
#: Where samples are stored, each of shape (n,): the rank in the order of tables, and the partition.
Places = tuple[Positions, Positions]


def places_of(ids: Ids, partitions: int) -> Places:
    """Return where samples are stored."""
    ranks = np.arange(len(ids))
    if (order := order_positions(ids)) is not None:
        ranks[order] = np.arange(len(ids))
    return ranks, partitions_of(ids.tolist(), partitions)


@dataclass(frozen=True, eq=False)
class LinearWeights:
    """The weights of all parties.

    Attributes:
        blocks: by party, the guest's first; shapes (d of the party,).
        intercept: the guest's.
    """

    blocks: list[Floats]
    intercept: float

    def forwards(self, features: Sequence[Floats]) -> list[Floats]:
        """Return each party's part of the weighted sum, shapes (n,); the intercept is in the guest's."""
        # Row by row, as FATE does: a product of matrix and vector rounds otherwise.
        guest, *hosts = (np.vecdot(x, w) for x, w in zip(features, self.blocks, strict=True))
        return [guest + self.intercept, *hosts]

    def linear(self, features: Sequence[Floats]) -> Floats:
        """Return the weighted sum of every sample, shape (n,)."""
        guest, *hosts = self.forwards(features)
        return sum(hosts, guest)

    def joined(self, *, intercept: bool) -> Floats:
        """Return all weights in one array: hosts first, then the guest's, then (if asked for) the intercept."""
        last = [self.intercept] if intercept else []
        return np.concatenate([*self.blocks[1:], self.blocks[0], last])


def safe_log(exposure: Floats) -> Floats:
    """Return the logarithm of exposures, that of 1e-7 for zero."""
    with np.errstate(invalid="ignore"):
        return np.log(np.where(exposure == 0, SMALLEST_EXPOSURE, exposure))


@dataclass(frozen=True, eq=False)
class Batch:
    """Consecutive samples.

    Attributes:
        features: by party, the guest's first.
        labels: shape (m,).
        offset: shape (m,): what is added to the guest's part.
        total: number of samples of the whole table.
        ids: shape (m,), or None; only the sampling of sqn needs them.
        squares: given the weights, Σₙ g² over the whole table; None to count the batch's, and all of guest times host.
        weights: shape (m,): what errors are multiplied by, n over the whole table; None for ones.
        places: of the samples; None where all are in one partition, in their order.
        partitions: over how many the table is spread.
    """

    features: list[Floats]
    labels: Floats
    offset: Floats
    total: int
    squares: Callable[[LinearWeights], float] | None
    ids: Ids | None = None
    weights: Floats | None = None
    places: Places | None = None
    partitions: int = 1

    @cached_property
    def rows(self) -> list[Positions]:
        """The positions of the samples of each partition, in the order in which they are stored there."""
        if self.places is None:
            return [np.arange(len(self.labels))]
        ranks, parts = self.places
        stored = np.argsort(ranks)
        return [stored[parts[stored] == part] for part in range(self.partitions)]

    def take(self, chosen: Positions) -> Batch:
        """Return some of the samples."""
        features = [x[chosen] for x in self.features]
        weights = None if self.weights is None else self.weights[chosen]
        return replace(
            self,
            features=features,
            labels=self.labels[chosen],
            ids=None,
            weights=weights,
            places=None,
        )


Step = Callable[[LinearWeights, Batch], tuple[Floats, float]]


def _logistic(weights: LinearWeights, batch: Batch) -> tuple[Floats, float]:
    guest, *hosts = weights.forwards(batch.features)
    total = sum(hosts, guest)
    residuals = 0.25 * total - 0.5 * batch.labels
    agreement = batch.labels @ total
    if batch.weights is not None:
        residuals = residuals * batch.weights
        # The guest's share of the loss is made of its weighted errors.
        share = batch.labels * batch.weights
        agreement = batch.labels @ (total - guest) + share @ guest
        agreement -= 2 * float(np.sum(batch.weights - 1))
    if len(hosts) != 1:
        return residuals, math.nan
    (host,) = hosts
    if batch.squares is None:
        squares, count = total @ total, len(total)
    else:
        squares = batch.squares(weights) + host @ host + 0.5 * (guest @ host)
        count = batch.total
    loss = math.log(2) - 0.5 * agreement / count + 0.125 * squares / count
    return residuals, float(loss)


def _linear(weights: LinearWeights, batch: Batch) -> tuple[Floats, float]:
    residuals = weights.linear(batch.features) - batch.labels
    count = batch.total if batch.squares is not None else len(residuals)
    counted = residuals
    if batch.weights is not None:
        # Of what is weighted the loss counts the guest's part only.
        guest, *hosts = weights.forwards(batch.features)
        counted = (guest - batch.labels) * batch.weights + sum(hosts, np.zeros(1))
        residuals = residuals * batch.weights
    if len(batch.features) != 2:
        return residuals, math.nan
    return residuals, float(counted @ counted) / (2 * count)


def _poisson(weights: LinearWeights, batch: Batch) -> tuple[Floats, float]:
    guest, *hosts = weights.forwards(batch.features)
    if len(hosts) > 1:
        raise ValueError(
            "More than one host exists. Poisson regression does not support multi-host."
        )
    guest = guest + batch.offset
    host = sum(hosts, np.zeros(1))
    with np.errstate(over="ignore"):
        means = np.exp(guest) * np.exp(host)
    loss = (np.sum(means) - batch.labels @ (guest + host)) / batch.total
    return means - batch.labels, float(loss)


ERRORS: dict[str, Step] = {
    "HeteroLR": _logistic,
    "HeteroLinR": _linear,
    "HeteroPoisson": _poisson,
}


def _guest_squares(features: Floats) -> Callable[[LinearWeights], float]:
    """Return how Σₙ g² follows from the weights: wᵀ(XᵀX)w + 2b Σ X w + n b², whatever the number of samples."""
    gram, sums, count = features.T @ features, features.sum(axis=0), len(features)

    def squares(weights: LinearWeights) -> float:
        own, b = weights.blocks[0], weights.intercept
        return float(own @ gram @ own + 2 * b * (sums @ own) + count * b * b)

    return squares


def cut_batches(
    features: Sequence[Floats],
    labels: Floats,
    offset: Floats,
    size: int,
    ids: Ids | None,
    *,
    whole_cross_term: bool,
    weights: Floats | None = None,
    places: Places | None = None,
    partitions: int = 1,
) -> list[Batch]:
    """Cut samples into batches in their order.

    Args:
        features: by party, shapes (n, d of the party).
        labels: shape (n,).
        offset: shape (n,): what is added to the guest's part.
        size: of a batch; -1 or 0 for one of all samples.
        ids: shape (n,), or None.
        whole_cross_term: whether the loss counts all of guest times host.
        weights: shape (n,): what errors are multiplied by; None for ones.
        places: of the samples; None where all are in one partition, in their order.
        partitions: over how many the table is spread.
    """
    count = len(labels)
    size = count if size in {-1, 0} else min(size, count)
    squares = None if whole_cross_term else _guest_squares(features[0])
    return [
        Batch(
            [x[at] for x in features],
            labels[at],
            offset[at],
            count,
            squares,
            None if ids is None else ids[at],
            None if weights is None else weights[at],
            None if places is None else (places[0][at], places[1][at]),
            partitions,
        )
        for at in (slice(start, start + size) for start in range(0, count, size))
    ]
