"""The lines of FATE Flow servers, in order: 1.5 to 1.11, with the versions that each of them has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

__all__ = ["LINES", "ServerLine", "find_line", "line_of", "lines_between"]

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, eq=False)
class ServerLine:
    """A line of servers that speak alike; older lines are smaller.

    Attributes:
        name: its name, ``"1.11"``.
        fate: the versions of FATE that belong to it, oldest first.
        fate_flow: the versions of FATE Flow that belong to it; the same as `fate` while FATE Flow was a part of FATE.
        moved: routes that this line moved: ``METHOD /path`` as the line before has it → the path that it has now.
    """

    name: str
    fate: tuple[str, ...]
    fate_flow: tuple[str, ...]
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> tuple[int, int]:
        """Its name as two numbers, which sort as lines do."""
        return _number(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServerLine) and self.number == other.number

    # Written out, because lines are compared often and `functools.total_ordering` takes two comparisons for one.
    def __lt__(self, other: ServerLine) -> bool:
        return self.number < other.number

    def __le__(self, other: ServerLine) -> bool:
        return self.number <= other.number

    def __gt__(self, other: ServerLine) -> bool:
        return self.number > other.number

    def __ge__(self, other: ServerLine) -> bool:
        return self.number >= other.number

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name


@cache
def _number(name: str) -> tuple[int, int]:
    major, minor = name.split(".")
    return int(major), int(minor)


def _line(
    name: str,
    fate: Iterable[int],
    fate_flow: Iterable[int] | None = None,
    moved: Mapping[str, str] | None = None,
) -> ServerLine:
    own = tuple(f"{name}.{patch}" for patch in fate)
    flow = own if fate_flow is None else tuple(f"{name}.{patch}" for patch in fate_flow)
    return ServerLine(name, own, flow, moved or {})


#: Every line, oldest first. FATE Flow has versions of its own from 1.7 on.
LINES: tuple[ServerLine, ...] = (
    _line("1.5", range(4)),
    _line("1.6", range(2)),
    _line("1.7", range(4), range(3)),
    _line("1.8", range(2), range(1)),
    _line("1.9", range(3), range(2)),
    _line("1.10", range(1), range(2)),
    _line("1.11", range(5), range(3)),
)


def line_of(text: str) -> ServerLine:
    """Return the line that a text names: a line such as ``"1.11"``, or a version such as ``"1.11.2"`` or ``"v1.6.1"``.

    A version that is not listed belongs to the line that its first two numbers name.

    Raises:
        ValueError: there is no such line; the text names the nearest one.
    """
    found = find_line(text)
    if found is None:
        known = ", ".join(line.name for line in LINES)
        raise ValueError(
            f"{text!r} is no FATE Flow server that flowkit knows; did you mean {_nearest(text)}? (lines: {known})"
        )
    return found


def find_line(text: str) -> ServerLine | None:
    """Return the line that a text names, or None; see `line_of`."""
    match = _VERSION.fullmatch(str(text).strip())
    if match is None:
        return None
    name = f"{int(match[1])}.{int(match[2])}"
    return next((line for line in LINES if line.name == name), None)


def lines_between(since: str | None = None, until: str | None = None) -> tuple[ServerLine, ...]:
    """Return the lines from `since` to `until`, both included; None for the first or the last."""
    first = LINES[0] if since is None else line_of(since)
    last = LINES[-1] if until is None else line_of(until)
    return tuple(line for line in LINES if first <= line <= last)


def _nearest(text: str) -> str:
    """Return the line or version that comes nearest to a text."""
    numbers = [int(digits) for digits in re.findall(r"\d+", str(text))[:2]]
    if len(numbers) == 2:
        wanted = (numbers[0], numbers[1])
        return (
            LINES[-1]
            if wanted > LINES[-1].number
            else min(LINES, key=lambda line: abs(line.number[1] - wanted[1]))
        ).name
    from difflib import get_close_matches  # rarely needed, and slow to import

    names = [line.name for line in LINES] + [version for line in LINES for version in line.fate]
    close = get_close_matches(str(text), names, n=1, cutoff=0.0)
    return close[0] if close else LINES[-1].name
