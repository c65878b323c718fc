"""The draws of numpy's `RandomState` and of the scikit-learn splitters upon it, for seeds that users give.

FATE hands ``random_state`` to these two, so a sample or a split with a given seed is reproducible down to the ids. The
generator underneath is the one Python has (MT19937); only the seeding and the way of drawing integers differ.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

__all__ = ["NumpyRandom", "shuffle_split", "stratified_split"]

_WORDS = 624
_MASK32 = 0xFFFFFFFF
_MULTIPLIER = 1812433253


class NumpyRandom:
    """The subset of `numpy.random.RandomState(seed)` that samplers and splitters draw from."""

    def __init__(self, seed: int) -> None:
        words = [seed & _MASK32]
        for i in range(1, _WORDS):
            last = words[-1]
            words.append((_MULTIPLIER * (last ^ (last >> 30)) + i) & _MASK32)
        self._source = random.Random()
        self._source.setstate((3, (*words, _WORDS), None))

    def up_to(self, highest: int) -> int:
        """Return an integer from 0 to `highest`, both included."""
        if highest == 0:
            return 0
        bits = highest.bit_length()
        mask = (1 << bits) - 1
        while True:
            drawn = self._source.getrandbits(32) & mask
            if drawn <= highest:
                return drawn

    def shuffle(self, items: list[Any]) -> None:
        """Shuffle a list in place."""
        for i in range(len(items) - 1, 0, -1):
            j = self.up_to(i)
            items[i], items[j] = items[j], items[i]

    def permutation(self, size: int) -> list[int]:
        """Return the integers below `size`, shuffled."""
        numbers = list(range(size))
        self.shuffle(numbers)
        return numbers

    def below(self, high: int, size: int) -> list[int]:
        """Return `size` integers below `high`."""
        return [self.up_to(high - 1) for _ in range(size)]

    def uniform(self, size: int) -> list[float]:
        """Return `size` floats in [0, 1)."""
        return [self._source.random() for _ in range(size)]


def shuffle_split(
    size: int, train: int, test: int, chance: NumpyRandom
) -> tuple[list[int], list[int]]:
    """Return the positions of a random train and test set."""
    order = chance.permutation(size)
    return order[test : test + train], order[:test]


def _shares(counts: Sequence[int], draws: int, chance: NumpyRandom) -> list[int]:
    """Return how many of `draws` fall on each class: proportional, ties in the remainder drawn."""
    total = sum(counts)
    exact = [count * draws / total for count in counts]
    floors = [int(share) for share in exact]
    missing = draws - sum(floors)
    remainders = [share - floor for share, floor in zip(exact, floors, strict=True)]
    for value in sorted(set(remainders), reverse=True):
        if missing == 0:
            break
        tied = [i for i, remainder in enumerate(remainders) if remainder == value]
        chosen = chance.permutation(len(tied))[: min(len(tied), missing)]
        for position in chosen:
            floors[tied[position]] += 1
        missing -= len(chosen)
    return floors


def stratified_split(
    labels: Sequence[Any], train: int, test: int, chance: NumpyRandom
) -> tuple[list[int], list[int]]:
    """Return the positions of a train and a test set in which each label keeps its share.

    Raises:
        ValueError: a label occurs only once, or a set is smaller than the number of labels.
    """
    places: dict[Any, list[int]] = {label: [] for label in sorted(set(labels))}
    for position, label in enumerate(labels):
        places[label].append(position)
    counts = [len(found) for found in places.values()]
    if min(counts) <= 1:
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
    for_train = _shares(counts, train, chance)
    left = [count - taken for count, taken in zip(counts, for_train, strict=True)]
    for_test = _shares(left, test, chance)
    first: list[int] = []
    second: list[int] = []
    for found, n_train, n_test in zip(places.values(), for_train, for_test, strict=True):
        order = [found[i] for i in chance.permutation(len(found))]
        first += order[:n_train]
        second += order[n_train : n_train + n_test]
    return (
        [first[i] for i in chance.permutation(len(first))],
        [second[i] for i in chance.permutation(len(second))],
    )
