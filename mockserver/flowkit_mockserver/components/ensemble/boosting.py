"""Boosting: trees one after the other, each correcting what the others left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.ensemble.decision_tree import Tree
from flowkit_mockserver.components.ensemble.growing import Grown
from flowkit_mockserver.components.optim.loss import Objective

__all__ = ["Boosted", "boost", "chosen_features", "goss_sample", "party_chances"]

Floats = NDArray[np.float64]


@dataclass
class Boosted:
    """A boosted model: trees by round and dimension, and how training went.

    Attributes:
        trees: those of the model.
        grown: all that were grown, also in rounds after the best one.
        losses: by round; those of a model that is gone on from come first, where its buffer tells them.
        converged: whether the loss stood still.
    """

    trees: list[Tree] = field(default_factory=list)
    grown: list[Tree] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    converged: bool = False

    def cut(self, rounds: int, dimensions: int) -> None:
        """Take the model back to its first rounds."""
        del self.trees[rounds * dimensions :]
        del self.losses[rounds:]


def boost(
    objective: Objective,
    targets: Floats,
    scores: Floats,
    asked: Mapping[str, Any],
    grow: Callable[[int, Floats, Floats], Grown],
    loss: Callable[[Floats], float],
    *,
    together: bool = False,
    weights: Floats | None = None,
    after: Callable[[int, Boosted, Floats], bool] | None = None,
    model: Boosted | None = None,
    first: int = 0,
) -> Boosted:
    """Train a boosted model.

    Args:
        objective: what is minimised.
        targets: what the labels aim at.
        scores: the raw scores to start from, of shape (samples, dimensions).
        asked: the parameter of the component.
        grow: round, g and h of every sample, shapes (n, outputs of a tree) → a tree.
        loss: raw scores → the loss of a round.
        together: whether one tree a round answers all dimensions.
        weights: by which g and h of every sample are multiplied.
        model: a model to add to, for those who look at it meanwhile; a new one when None.
        first: the number of the first round; not 0 where a training goes on from a model.
        after: called after every round with its number, the model and the raw scores; True stops.
    """
    model = Boosted() if model is None else model
    scores = scores.copy()
    last: float | None = None
    for number in range(first, first + asked["num_trees"]):
        gradients, hessians = objective.gradients(targets, scores)
        if weights is not None:
            gradients, hessians = gradients * weights[:, None], hessians * weights[:, None]
        every = range(objective.dimensions)
        for outputs in [list(every)] if together else [[dimension] for dimension in every]:
            grown = grow(number, gradients[:, outputs].copy(), hessians[:, outputs].copy())
            model.trees.append(grown.tree)
            model.grown.append(grown.tree)
            scores[:, outputs] += asked["learning_rate"] * grown.tree.weights[grown.leaves]
        current = loss(scores)
        model.losses.append(current)
        stop = after is not None and after(number, model, scores)
        if asked["n_iter_no_change"] and last is not None and abs(last - current) < asked["tol"]:
            model.converged = stop = True
        last = current
        if stop:
            break
    return model


def party_chances(asked: Mapping[str, Any], parties: int) -> list[np.random.RandomState]:
    """Return the source of chance of every party, seeded as each of them seeds its own."""
    seed = 100 if asked["random_seed"] is None else asked["random_seed"]
    return [np.random.RandomState(seed) for _ in range(parties)]


def chosen_features(count: int, share: float, chance: np.random.RandomState) -> NDArray[np.bool_]:
    """Return which of `count` columns a tree may use: a random `share` of them, one at least."""
    chosen = np.zeros(count, dtype=bool)
    chosen[chance.permutation(count)[: max(1, int(share * count))]] = True
    return chosen


def goss_sample(
    gradients: Floats, hessians: Floats, top: float, other: float, chance: np.random.RandomState
) -> NDArray[np.intp]:
    """Sample by gradient (GOSS): keep those with large g, draw from the rest and make up for it in their g and h.

    Args:
        gradients: g of every sample, shape (n, k); in place, those of small ones drawn grow by (1 - top) / other.
        hessians: h of every sample, likewise.
        top: share of samples that are kept for their large g.
        other: share of samples that are drawn from the rest.
        chance: the source of the draws.

    Returns:
        the positions of the sample, in order.

    Raises:
        ValueError: one of the two parts is empty.
    """
    large, small = int(len(gradients) * top), int(len(gradients) * other)
    if not large or not small:
        raise ValueError(f"subsampled result is 0: top sample {large}, other sample {small}")
    order = np.argsort(-np.abs(gradients).sum(axis=1), kind="stable")
    rest = order[large:]
    drawn = rest[chance.permutation(len(rest))[:small]]
    gradients[drawn] *= (1 - top) / other
    hessians[drawn] *= (1 - top) / other
    return np.sort(np.concatenate([order[:large], drawn]))
