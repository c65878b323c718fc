"""Stepwise selection of features by an information criterion (``federatedml/model_selection/stepwise``).

A mask says which features a model has: the host's first, then the guest's. From step to step the best of the masks
that differ in one feature, and the present one, is taken; no party is left without a feature, and a search that starts
from nothing adds one feature of each party first. What was trained once is not trained again.

Notation: n samples, m features in the model, and one degree of freedom more with an intercept.

==========  =============================================  ====================
criterion   logistic and Poisson regression                linear regression
==========  =============================================  ====================
AIC         2 m + 2 n loss                                 2 m + n ln(2 loss)
BIC         m ln n + 2 n loss                              m ln n + n ln(2 loss)
==========  =============================================  ====================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Candidate", "Criterion", "Mask", "Step", "search"]

Mask = tuple[bool, ...]
"""One flag a feature, the host's first."""
Trained = TypeVar("Trained")


@dataclass(frozen=True)
class Criterion:
    """How models are compared.

    Args:
        name: ``aic`` or ``bic``, in any letters.
        count: number of samples.
        logarithmic: whether the logarithm of the loss counts, as it does in linear regression.
        intercept: whether the models have one.
    """

    name: str
    count: int
    logarithmic: bool
    intercept: bool

    def value(self, features: int, loss: float) -> float:
        """Return the criterion of a model; the smaller, the better.

        Raises:
            ValueError: it is infinite.
        """
        found = self.of_freedom(features + self.intercept, loss)
        if math.isinf(found):
            raise ValueError("Loss value of infinity obtained. Stepwise stopped.")
        return found

    def of_freedom(self, freedom: int, loss: float) -> float:
        """Return the criterion of a model with so many degrees of freedom."""
        price = 2.0 if self.name.lower() == "aic" else math.log(self.count)
        if not self.logarithmic:
            return price * freedom + 2 * self.count * loss
        fit = math.log(2 * loss) if loss > 0 else -math.inf
        return price * freedom + self.count * fit


@dataclass(frozen=True)
class Candidate(Generic[Trained]):
    """A model that was looked at.

    Attributes:
        loss: its last loss; None of a model without features.
        score: its criterion; None likewise.
        trained: what the training left; None likewise.
    """

    loss: float | None
    score: float | None
    trained: Trained | None


@dataclass(frozen=True)
class Step(Generic[Trained]):
    """What one step came to: its number, the mask that it chose, and the model of that mask."""

    number: int
    mask: Mask
    candidate: Candidate[Trained]


def _without_one(mask: Mask, hosts: int) -> Iterator[Mask]:
    """Yield the masks with one feature less; the last one of a party stays."""
    for part in (range(hosts), range(hosts, len(mask))):
        if sum(mask[place] for place in part) > 1:
            for place in part:
                if mask[place]:
                    yield (*mask[:place], False, *mask[place + 1 :])


def _with_one(mask: Mask, hosts: int) -> Iterator[Mask]:
    """Yield the masks with one feature more; from nothing, with one of each party."""
    if not any(mask):
        for host in range(hosts):
            for guest in range(hosts, len(mask)):
                yield tuple(place in {host, guest} for place in range(len(mask)))
        return
    for place, there in enumerate(mask):
        if not there:
            yield (*mask[:place], True, *mask[place + 1 :])


def _stops(number: int, new: Mask, old: Mask, asked: Mapping[str, Any]) -> bool:
    """Say whether the search ends with a step, which is not told of then."""
    if number == 0:
        return False
    count, before = sum(new), sum(old)
    least, most = asked["nvmin"], asked["nvmax"]
    return (
        new == old
        or all(new)
        or (count == least and before >= least)
        or (most is not None and count == most and before <= most)
        or number >= asked["max_step"]
    )


def search(
    asked: Mapping[str, Any],
    hosts: int,
    guests: int,
    train: Callable[[Mask], Candidate[Trained]],
) -> tuple[list[Step[Trained]], Candidate[Trained]]:
    """Search for the best features.

    Args:
        asked: the ``stepwise_param``.
        hosts: number of the host's features.
        guests: number of the guest's.
        train: trains a model with the features of a mask; asked once for every mask.

    Returns:
        the steps that are told of, and the model to keep.
    """
    direction = asked["direction"].lower()
    backward, forward = direction in {"backward", "both"}, direction in {"forward", "both"}
    mask: Mask = (backward,) * (hosts + guests)
    seen: dict[Mask, Candidate[Trained]] = {}
    steps: list[Step[Trained]] = []
    for number in range(asked["max_step"] + 1):
        looked_at = [mask]
        if number and backward:
            looked_at += _without_one(mask, hosts)
        if forward and (number or any(mask)):
            looked_at += _with_one(mask, hosts)
        for one in looked_at:
            if one not in seen:
                seen[one] = train(one)
        scores = {one: seen[one].score for one in looked_at}
        scored = {one: score for one, score in scores.items() if score is not None}
        if number or any(mask):
            best = min(scored, key=scored.__getitem__)
            if _stops(number, best, mask, asked):
                return steps, seen[best]
            mask = best
        steps.append(Step(number, mask, seen[mask]))
    return steps, seen[mask]
