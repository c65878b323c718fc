"""What the benchmarks have in common: a figure with its target, and fair comparisons."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Figure", "Unmeasured", "alternate", "seconds"]


class Unmeasured(Exception):
    """This machine lacks what a measurement needs; the text says what, and how to get it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        what: what was measured.
        value: the number that the target is about.
        unit: its unit; ``"x"`` for a ratio.
        target: the bound that it should keep.
        most: True when `target` is an upper bound, False for a lower one.
        detail: the numbers behind it.
    """

    what: str
    value: float
    unit: str
    target: float
    most: bool
    detail: str = ""

    @property
    def met(self) -> bool:
        """True when the target is kept."""
        return self.value <= self.target if self.most else self.value >= self.target

    def __str__(self) -> str:
        bound = "≤" if self.most else "≥"
        verdict = "" if self.met else "   MISSED"
        text = (
            f"{self.what}: {self.value:,.2f} {self.unit} (target {bound} {self.target:,g}){verdict}"
        )
        return f"{text}\n    {self.detail}" if self.detail else text


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return how long it takes to do something `times` times."""
    started = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - started


def alternate(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[float, float, float]:
    """Measure two things in turns, so that what else the machine does hits both.

    Returns:
        The median of the rounds' ratios first/second, and the median of each.
    """
    pairs = []
    for number in range(rounds):
        # Whoever goes first in a round has a slight advantage or disadvantage: take turns in that, too.
        if number % 2:
            other = second()
            pairs.append((first(), other))
        else:
            pairs.append((first(), second()))
    ratio = statistics.median(one / other for one, other in pairs)
    return ratio, *(statistics.median(side) for side in zip(*pairs, strict=True))
