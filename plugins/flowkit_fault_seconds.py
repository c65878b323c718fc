"""Seconds in fault rules: a number, or a distribution from which one is drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowkit import PluginError
from flowkit.errors import shown

__all__ = ["Seconds", "check_seconds", "draw_seconds", "is_number"]

DISTRIBUTIONS = {"uniform": 2, "normal": 2, "lognormal": 2, "exponential": 1}
#: The seconds of a year: no delay is longer.
_LONGEST = 366 * 24 * 3600.0

Seconds = float | Mapping[str, Iterable[float]]


def is_number(value: object, whole: bool = False) -> bool:
    """Return whether a value is a number, which true and false are not; or a whole one."""
    return isinstance(value, int if whole else int | float) and not isinstance(value, bool)


def check_seconds(name: str, value: Any) -> None:
    """Check that the value of a field is a number or a distribution.

    Raises:
        PluginError: it is neither; the text names the field.
    """
    numbers = [value]
    kind = ""
    if isinstance(value, Mapping):
        ((kind, given),) = value.items() if len(value) == 1 else [("", ())]
        numbers = list(given) if isinstance(given, Iterable) else [given]
    finite = all(is_number(number) and abs(number) <= _LONGEST for number in numbers)
    if finite and DISTRIBUTIONS.get(kind, 1 if kind == "" else 0) == len(numbers):
        return
    known = ", ".join(f"{kind} of {count}" for kind, count in DISTRIBUTIONS.items())
    raise PluginError(f"faults: {name} must be a number or one of {known}, got {shown(value)}")


def draw_seconds(seconds: Seconds, chance: random.Random) -> float:
    """Return seconds, drawn from a distribution where they are one, never below 0."""
    if not isinstance(seconds, Mapping):
        return max(0.0, seconds)
    ((kind, numbers),) = seconds.items()
    first, *rest = numbers
    if kind == "exponential":
        return chance.expovariate(1 / first) if first else 0.0
    draw: dict[str, Callable[[float, float], float]] = {
        "uniform": chance.uniform,
        "normal": chance.gauss,
        "lognormal": chance.lognormvariate,
    }
    try:
        return min(max(0.0, draw[kind](first, rest[0])), _LONGEST)
    except OverflowError:  # the exponential of a large number
        return _LONGEST
