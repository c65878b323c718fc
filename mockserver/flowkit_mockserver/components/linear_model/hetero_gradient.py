"""Fitting logistic, linear and Poisson regression over the columns of a guest and its hosts.

Notation, as in ``federatedml/optim/gradient``: n samples of the table, m of a batch; X (m, d) the features of a party,
w its weights, b the intercept, which the guest has; u = Σ X w + b over all parties.

=============  =====================================  ==============================================================
regression     residual r of a sample                 loss of a batch, sums over the batch
=============  =====================================  ==============================================================
HeteroLR       u / 4 - y / 2, y = ±1                  ln 2 - Σ y u / 2n + (Σₙ g² + Σ h² + Σ g h / 2) / 8n
HeteroLinR     u - y                                  Σ r² / 2n
HeteroPoisson  exp(g + o) exp(h) - y                  Σ (exp(g + o) exp(h) - y (g + o + h)) / n
=============  =====================================  ==============================================================

g and h are the guest's and the host's part of u, o the logarithm of the exposure. The logistic loss is that of second
order which encryption permits, as FATE computes it: Σₙ g² goes over the whole table, and in Σ g h the host's part is
the quarter that it sends, so that a half stands where 2 Σ g h would be right. A gradient is Xᵀ r / m, with X rounded to
multiples of 2⁻ᵖ (p: ``floating_point_precision``) once a batch has more than 100 values. Sample weights do not count:
FATE 1.6.1 never switches them on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flowkit_mockserver.columns.ids import Ids, Positions, order_positions
from flowkit_mockserver.components.core.partition import rows_by_partition
from flowkit_mockserver.components.linear_model.batches import (
    ERRORS,
    Batch,
    LinearWeights,
    cut_batches,
    places_of,
    safe_log,
)
from flowkit_mockserver.components.linear_model.encrypted import Encryption
from flowkit_mockserver.components.optim.optimizer import (
    Convergence,
    Floats,
    Optimizer,
    initial_weights,
)
from flowkit_mockserver.components.optim.sqn import QuasiNewton
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour

__all__ = ["LinearWeights", "Start", "Training", "fit", "safe_log"]

#: Values in a batch up to which a gradient is computed without fixed point numbers.
FEW_VALUES = 100
#: Weights beyond it are taken for diverged.
LARGEST_WEIGHT = 1e8


@dataclass(frozen=True)
class Start:
    """What a training goes on from: the weights of a model, and how many iterations it had."""

    weights: LinearWeights
    iterations: int


@dataclass
class Training:
    """How a training went.

    Attributes:
        weights: the final weights.
        losses: one an iteration; empty with several hosts, where nobody can compute it.
        iterations: how many were counted.
        converged: whether it stopped because it had converged.
        rounds: the weights after each iteration.
        first: the number of the first iteration; not 0 where it goes on from a model.
    """

    weights: LinearWeights
    losses: list[float] = field(default_factory=list)
    iterations: int = 0
    converged: bool = False
    rounds: list[LinearWeights] = field(default_factory=list)
    first: int = 0

    @classmethod
    def after(cls, start: Start | None, weights: LinearWeights) -> Training:
        """Return a training that is about to begin, or to go on from a model."""
        first = 0 if start is None else start.iterations
        return cls(weights, iterations=first, first=first)

    def at(self, iteration: int) -> Training:
        """Return how far it had come after an iteration, before that was counted."""
        count = iteration + 1 - self.first
        return Training(
            self.rounds[count - 1],
            self.losses[:count],
            iteration,
            self.converged and count == len(self.rounds),
            first=self.first,
        )


def _gradient(features: Floats, residuals: Floats, precision: int | None) -> Floats:
    """Return Xᵀ r / m, shape (d,)."""
    if precision is not None and features.size > FEW_VALUES:
        scale = 2.0**precision
        features = np.round(features * scale) / scale
    return features.T @ residuals / len(features)


#: The regressions whose gradients are known as they come out of the encryption.
_ENCRYPTED = frozenset({"HeteroLR", "HeteroLinR"})


def _encryption_of(
    asked: Mapping[str, Any], count: int, parties: int, *, weighed: bool
) -> Encryption | None:
    """Return how the parties share their errors; None where features are not cut to fixed point."""
    precision = asked.get("floating_point_precision")
    if precision is None or not parties >= 2:
        return None
    size = count if asked["batch_size"] == -1 else min(asked["batch_size"], count)
    masked = min(count, round((1 + asked.get("masked_rate", 0)) * size)) != size
    return Encryption(precision, shared=parties == 2 and not masked and not weighed)


class _Descent:
    """One training under way: the weights of all parties, and how a batch moves them."""

    def __init__(
        self,
        module: str,
        widths: Sequence[int],
        asked: Mapping[str, Any],
        seed: int,
        partitions: int,
        encryption: Encryption | None,
    ) -> None:
        init = asked["init_param"]
        self._asked, self._seed, self._partitions = asked, seed, partitions
        self.module, self._encryption = module, encryption
        self.has_intercept: bool = init["fit_intercept"]
        self.precision: int | None = asked.get("floating_point_precision")
        self.optimizer = Optimizer(asked)
        self.newton = (
            QuasiNewton(asked["sqn_param"], self.optimizer)
            if self.optimizer.kind == "sqn"
            else None
        )
        guest = initial_weights(init, widths[0], intercept=self.has_intercept, seed=seed)
        intercept = float(guest[-1]) if self.has_intercept else 0.0
        hosts = [
            initial_weights(init, width, intercept=False, seed=seed + place)
            for place, width in enumerate(widths[1:], 1)
        ]
        self.weights = LinearWeights([guest[: widths[0]], *hosts], intercept)

    def move(self, batch: Batch) -> tuple[Floats, float]:
        """Take the step of one batch; return it, shape (D,), and the loss before it with its penalty."""
        weights, optimizer = self.weights, self.optimizer
        residuals, loss = ERRORS[self.module](weights, batch)
        loss += sum(optimizer.loss(block) for block in weights.blocks)
        own, mean = self._gradients(batch, residuals)
        last = [mean] if self.has_intercept else []
        step = optimizer.step(np.concatenate([*own[1:], own[0], last]))
        if self.newton is not None:
            before = weights.joined(intercept=self.has_intercept)
            self.newton.after_step(before, step, lambda change: self._curvature(batch, change))
        blocks, moved = [], self._split(step)
        for block, by in zip(weights.blocks, moved.blocks, strict=True):
            blocks.append(optimizer.updated(block, by))
        self.weights = LinearWeights(blocks, weights.intercept - moved.intercept)
        self._check()
        return step, loss

    def _gradients(self, batch: Batch, residuals: Floats) -> tuple[list[Floats], float]:
        """Return the gradients of the parties with their penalties, the guest's first, and that of the intercept."""
        weights = self.weights
        if self._encryption is not None:
            guest, *hosts = weights.forwards(batch.features)
            counted = 1.0 if batch.weights is None else batch.weights
            if self.module == "HeteroLR":
                guest = 0.25 * guest * counted - 0.5 * batch.labels * counted
                hosts = [0.25 * host for host in hosts]
            else:
                guest = (guest - batch.labels) * counted
            nothing = [np.zeros_like(block) for block in weights.blocks]
            penalties = [
                self.optimizer.regular(*pair) for pair in zip(nothing, weights.blocks, strict=True)
            ]
            rows = batch.rows if self._encryption.shared else ()
            exact = self._encryption.gradients(
                batch.features, guest, hosts, penalties, rows, batch.weights
            )
            if exact is not None:
                return exact
        own = [
            self.optimizer.regular(_gradient(x, residuals, self.precision), w)
            for x, w in zip(batch.features, weights.blocks, strict=True)
        ]
        return own, float(residuals.mean())

    def _split(self, joined: Floats) -> LinearWeights:
        """Return what `LinearWeights.joined` had put together."""
        widths = [len(block) for block in self.weights.blocks]
        ends = np.cumsum([*widths[1:], widths[0]])
        *hosts, guest, rest = np.split(joined, ends)
        return LinearWeights([guest, *hosts], float(rest[0]) if self.has_intercept else 0.0)

    def _curvature(self, batch: Batch, change: Floats) -> Floats:
        """Return the Hessian of a batch times a change of the weights, both shape (D,), with the penalty's."""
        batch = self._sampled(batch)
        forwards = self._split(change).linear(batch.features)
        if self.module == "HeteroLR":
            forwards = 0.25 * forwards
        own = [_gradient(x, forwards, self.precision) for x in batch.features]
        last = [forwards.mean()] if self.has_intercept else []
        product = np.concatenate([*own[1:], own[0], last])
        return (
            product + self.optimizer.alpha * change if self.optimizer.penalty == "L2" else product
        )

    def _sampled(self, batch: Batch) -> Batch:
        """Return the samples that count for the curvature: all, or about ``sample_size``, drawn by partition."""
        asked, count = self._asked["sqn_param"], len(batch.labels)
        if batch.ids is None or asked["sample_size"] >= count:
            return batch
        seed = asked.get("random_seed")
        order = order_positions(batch.ids)
        stored = np.arange(count) if order is None else order
        kept = []
        for rows in rows_by_partition(batch.ids[stored].tolist(), self._partitions):
            chance = np.random.RandomState(self._seed if seed is None else int(seed))
            drawn = chance.rand(len(rows)) < asked["sample_size"] / count
            kept.append(stored[rows[drawn]])
        return batch.take(np.sort(np.concatenate(kept)))

    def _check(self) -> None:
        # The others go on with whatever their weights have become.
        if self.module != "HeteroLR":
            return
        values = self.weights.joined(intercept=True)
        if len(values) and np.max(np.abs(values)) > LARGEST_WEIGHT:
            raise OverflowError(
                "The model weights are overflow, please check if the input data has been normalized"
            )


def fit(
    module: str,
    features: Sequence[Floats],
    labels: Floats,
    exposure: Floats | None,
    asked: Mapping[str, Any],
    *,
    seed: int,
    after: Callable[[int, LinearWeights], bool] | None = None,
    ids: Ids | None = None,
    partitions: int = 4,
    behaviour: Behaviour = FIRST_BEHAVIOUR,
    weights: Floats | None = None,
    start: Start | None = None,
) -> Training:
    """Train one model.

    Args:
        module: which regression.
        features: by party, the guest first; shapes (n, d of the party), in the order in which batches are cut.
        labels: shape (n,): 1 and -1 for logistic regression, numbers otherwise.
        exposure: shape (n,), of Poisson regression; None for ones.
        asked: the parameter of the component.
        seed: for weights that start at random, and for batches that are shuffled, which the real server draws from the
            chance of its system.
        after: called after every iteration with its number and the weights; True stops.
        ids: shape (n,); sqn samples large batches by them, and takes them whole without.
        partitions: over how many the real server spreads the samples.
        behaviour: how the line of the server computes the loss.
        weights: of the samples, shape (n,); None where they count alike.
        start: what to go on from; None to start anew.

    Raises:
        OverflowError: the weights of a logistic or linear regression diverge.
        ValueError: a Poisson regression has several hosts.
    """
    widths = [x.shape[1] for x in features]
    encryption = None
    if behaviour.encrypted_sums and module in _ENCRYPTED:
        encryption = _encryption_of(asked, len(labels), len(widths), weighed=weights is not None)
    descent = _Descent(module, widths, asked, seed, partitions, encryption)
    if start is not None:
        descent.weights = start.weights
    convergence = Convergence(asked["early_stop"], asked["tol"])
    training = Training.after(start, descent.weights)
    offset = np.zeros(len(labels)) if exposure is None else safe_log(exposure)
    scaled = None if weights is None else weights * (len(labels) / float(np.sum(weights)))
    places = None
    if encryption is not None and encryption.shared and ids is not None:
        places = places_of(ids, partitions)
    chance = np.random.RandomState(seed)
    shuffled = bool(asked.get("shuffle")) and 0 < asked["batch_size"] < len(labels)

    def batches_in(order: Positions | slice) -> list[Batch]:
        return cut_batches(
            [x[order] for x in features],
            labels[order],
            offset[order],
            asked["batch_size"],
            None if ids is None else ids[order],
            whole_cross_term=behaviour.whole_cross_term,
            weights=None if scaled is None else scaled[order],
            places=None if places is None else (places[0][order], places[1][order]),
            partitions=partitions,
        )

    batches = batches_in(slice(None))
    for iteration in range(training.first, asked["max_iter"]):
        descent.optimizer.iteration = iteration
        if shuffled:
            batches = batches_in(chance.permutation(len(labels)))
        total_loss = 0.0
        moved: Floats = np.zeros(1)
        for batch in batches:
            step, loss = descent.move(batch)
            total_loss += loss
            moved = moved + step
        mean_loss = None if math.isnan(total_loss) else total_loss / len(batches)
        if mean_loss is not None:
            training.losses.append(mean_loss)
        training.weights = descent.weights
        training.rounds.append(descent.weights)
        training.converged = convergence.reached(mean_loss, moved)
        if after is not None and after(iteration, training.weights):
            break
        training.iterations += 1
        if training.converged:
            break
    return training
