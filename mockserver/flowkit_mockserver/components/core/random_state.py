"""The draws of numpy's `RandomState` and of the scikit-learn splitters upon it, for seeds that users give.

FATE hands ``random_state`` to these two, so a sample or a split with a given seed is reproducible down to the ids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NumpyRandom", "shuffle_split", "stratified_split"]

Positions = NDArray[np.intp]
_MASK32 = 0xFFFFFFFF


class NumpyRandom:
    """What samplers and splitters draw from a `numpy.random.RandomState`.

    Args:
        seed: of which the lowest 32 bits count.
    """

    def __init__(self, seed: int) -> None:
        self._state = np.random.RandomState(seed & _MASK32)

    def shuffle(self, items: list[Any] | NDArray[Any]) -> None:
        """Shuffle a list or an array in place."""
        self._state.shuffle(items)

    def permutation(self, size: int) -> Positions:
        """Return the integers below `size`, shuffled."""
        return self._state.permutation(size)

    def below(self, high: int, size: int) -> Positions:
        """Return `size` integers below `high`."""
        return self._state.randint(0, high, size)


def shuffle_split(
    size: int, train: int, test: int, chance: NumpyRandom
) -> tuple[Positions, Positions]:
    """Return the positions of a random train and test set."""
    order = chance.permutation(size)
    return order[test : test + train], order[:test]


def _shares(counts: Positions, draws: int, chance: NumpyRandom, *, later: bool) -> Positions:
    """Return how many of `draws` fall on each class: proportional, ties in the remainder drawn.

    What ties depends on the last digits of the shares: scikit-learn 1.0 divides first, earlier ones multiply first.
    """
    exact = counts / counts.sum() * draws if later else counts * draws / counts.sum()
    shares = np.floor(exact).astype(np.intp)
    missing = draws - int(shares.sum())
    remainders = exact - shares
    for value in np.unique(remainders)[::-1]:
        if missing <= 0:
            break
        tied = np.flatnonzero(remainders == value)
        chosen = chance.permutation(len(tied))[:missing]
        shares[tied[chosen]] += 1
        missing -= len(chosen)
    found: Positions = shares
    return found


def stratified_split(
    labels: NDArray[Any], train: int, test: int, chance: NumpyRandom, *, later: bool = False
) -> tuple[Positions, Positions]:
    """Return the positions of a train and a test set in which each label keeps its share.

    Args:
        labels: of all.
        train: how many to train on.
        test: how many to test on.
        chance: what is drawn from.
        later: whether ties are those of scikit-learn 1.0.

    Raises:
        ValueError: a label occurs only once, or a set is smaller than the number of labels.
    """
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() <= 1:
        raise ValueError(
            "The least populated class in y has only 1 member, which is too few. The minimum"
            " number of groups for any class cannot be less than 2."
        )
    for size, name in ((train, "train"), (test, "test")):
        if size < len(counts):
            raise ValueError(
                f"The {name}_size = {size} should be greater or equal to"
                f" the number of classes = {len(counts)}"
            )
    places = np.split(np.argsort(classes, kind="stable"), np.cumsum(counts)[:-1])
    for_train = _shares(counts, train, chance, later=later)
    for_test = _shares(counts - for_train, test, chance, later=later)
    first, second = [], []
    for found, n_train, n_test in zip(places, for_train, for_test, strict=True):
        order = found[chance.permutation(len(found))]
        first.append(order[:n_train])
        second.append(order[n_train : n_train + n_test])
    one, two = np.concatenate(first), np.concatenate(second)
    return one[chance.permutation(len(one))], two[chance.permutation(len(two))]
