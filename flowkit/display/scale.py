"""Scales of charts: where values lie, and which of them are written at the axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Scale", "scale_of"]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line between values and places.

    Attributes:
        low: the lowest value.
        high: the highest one, above `low`.
        start: the place of `low`.
        end: the place of `high`.
    """

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value lies."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """Return about `count` round values between the ends."""
        rough = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(one for one in STEPS if one * power >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(place * step, 12) for place in range(first, min(last, first + 50) + 1)]


def scale_of(values: Iterable[float], start: float, end: float, *, zero: bool = False) -> Scale:
    """Return a scale on which all finite values lie.

    Args:
        values: the values.
        start: the place of the lowest.
        end: the place of the highest.
        zero: whether zero is to lie on it as well.
    """
    finite = [value for value in values if math.isfinite(value) and abs(value) < 1e300]
    if zero:
        finite.append(0.0)
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if high - low <= max(abs(low), abs(high), 1e-300) * 1e-12:
        margin = abs(high) / 2 or 0.5
        low, high = low - margin, high + margin
    return Scale(low, high, start, end)
