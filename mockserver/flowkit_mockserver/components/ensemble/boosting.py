"""Boosting: trees one after the other, each correcting what the others left."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowkit_mockserver.components.ensemble.decision_tree import (
    Binned,
    Tree,
    grow,
    leaf_of,
)
from flowkit_mockserver.components.optim.loss import Objective, Scores

__all__ = ["Boosted", "Plan", "boost", "raw_scores"]

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Plan:
    """Whose columns a tree may use: by layer, the numbers of the parties."""

    layers: list[list[int]]
    code: str = ""


@dataclass
class Boosted:
    """A boosted model: trees by round and dimension, and how training went."""

    trees: list[Tree] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    converged: bool = False

    def cut(self, rounds: int, dimensions: int) -> None:
        """Forget all rounds but the first ones."""
        del self.trees[rounds * dimensions :], self.plans[rounds * dimensions :]
        del self.losses[rounds:]


def raw_scores(
    trees: Sequence[Tree], features: Sequence[Rows], rate: float, start: Sequence[float]
) -> Scores:
    """Return the raw scores of samples: by dimension, the start and the weights of all their leaves."""
    count = len(features[0])
    scores = [[begin] * count for begin in start]
    samples = list(zip(*features, strict=True))
    for number, tree in enumerate(trees):
        column = scores[number % len(start)]
        for i, sample in enumerate(samples):
            column[i] += rate * leaf_of(tree, sample).weight
    return scores


def boost(
    features: Sequence[Rows],
    objective: Objective,
    asked: Mapping[str, Any],
    plan: Callable[[int], Plan],
    *,
    seed: int,
    binned: Sequence[Binned] | None = None,
    after: Callable[[int, Boosted, Scores], bool] | None = None,
    measure: Callable[[Scores], float] | None = None,
) -> Boosted:
    """Train a boosted model.

    Args:
        features: rows by party, the guest's first.
        objective: over the labels of the same samples.
        asked: the parameter of the component.
        plan: number of a round → whose columns its trees may use.
        seed: for the choice of columns, beside the user's own.
        binned: the columns cut into bins already; by quantiles when None.
        after: called after every round with its number, the model and the training scores; True stops.
        measure: what stands for the loss of a round; the objective's own when None.
    """
    tree_asked = asked["tree_param"]
    widths = [len(rows[0]) if rows else 0 for rows in features]
    total = len(features[0])
    if binned is None:
        binned = [Binned.of(rows, asked["bin_num"], asked["binning_error"]) for rows in features]
    chance = random.Random(f"{seed}:{asked['random_seed']}")
    share = asked["subsample_feature_rate"]
    model = Boosted()
    scores: Scores = [[begin] * total for begin in objective.start]
    samples = list(zip(*features, strict=True))
    last: float | None = None
    for number in range(asked["num_trees"]):
        gradients = [objective.gradients(scores, d) for d in range(objective.dimensions)]
        current = plan(number)
        for dimension, (first, second) in enumerate(gradients):
            usable = [
                sorted(chance.sample(range(width), max(1, round(share * width))))
                if share < 1
                else range(width)
                for width in widths
            ]
            layers = current.layers
            tree = grow(
                binned,
                first,
                second,
                tree_asked,
                depth=len(layers),
                allowed=layers.__getitem__,
                features=usable.__getitem__,
            )
            model.trees.append(tree)
            model.plans.append(current)
            column, rate = scores[dimension], asked["learning_rate"]
            for i, sample in enumerate(samples):
                column[i] += rate * leaf_of(tree, sample).weight
        loss = objective.loss(scores) if measure is None else measure(scores)
        model.losses.append(loss)
        stop = after is not None and after(number, model, scores)
        if asked["n_iter_no_change"] and last is not None and abs(last - loss) < asked["tol"]:
            model.converged = stop = True
        last = loss
        if stop:
            break
    return model
