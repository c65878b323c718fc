"""Which samples of a batch go backward: those whose loss is large among the last ones, and some of the rest."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["LossSelector"]


class LossSelector:
    """Gathers chosen samples until there is a batch of them.

    A sample is chosen with the share of the last losses that are smaller, when that is at least ``min_prob`` and a
    random number to the power ``beta``.

    Args:
        asked: the ``selector_param``.
        size: of a batch.
        chance: where the random numbers come from.
    """

    def __init__(self, asked: Mapping[str, Any], size: int, chance: np.random.RandomState) -> None:
        self._asked, self._size, self._chance = asked, size, chance
        self._last: deque[float] = deque()
        self._ordered: list[float] = []
        self._kept: list[Tensor] = []

    @classmethod
    def of(
        cls, asked: Mapping[str, Any], size: int, chance: np.random.RandomState
    ) -> LossSelector | None:
        """Return the selector that a parameter asks for, None for none."""
        return cls(asked, size, chance) if asked.get("method") else None

    def add(self, losses: NDArray[Any], parts: Sequence[Tensor]) -> list[Tensor] | None:
        """Look at a batch.

        Args:
            losses: shape (n,).
            parts: what belongs to the samples, each n rows.

        Returns:
            the rows of a batch of chosen samples, when there are enough.
        """
        for loss in losses.tolist():
            self._note(loss)
        chosen = torch.tensor([self._choose(loss) for loss in losses.tolist()], dtype=torch.bool)
        picked = [part[chosen] for part in parts]
        self._kept = (
            [torch.cat((old, new)) for old, new in zip(self._kept, picked, strict=True)]
            if self._kept
            else picked
        )
        if len(self._kept[0]) < self._size:
            return None
        ready = [part[: self._size] for part in self._kept]
        self._kept = [part[self._size :] for part in self._kept]
        return ready

    def _note(self, loss: float) -> None:
        insort(self._ordered, loss)
        self._last.append(loss)
        if len(self._last) > self._asked["selective_size"]:
            oldest = self._last.popleft()
            del self._ordered[bisect_left(self._ordered, oldest)]

    def _choose(self, loss: float) -> bool:
        rate = bisect_left(self._ordered, loss) / len(self._ordered)
        drawn = self._chance.uniform(0, 1) ** self._asked["beta"]
        return bool(max(self._asked["min_prob"], drawn) <= rate)
