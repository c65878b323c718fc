"""Identifiers that a server makes up: recognised, and mapped between a recording and a live run.

A recorded session speaks of the job ids, model versions and table names of its day. Code under test
may speak of others, having got them from a fresh mock or on another day. Where a request differs
from a recorded one only in such identifiers, the pairing is learned: from then on requests are
translated into the recording's identifiers, and answers back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["IDENTIFIER", "Identifiers", "make_template"]

# A job id or model version: local time to the microsecond and a counter. A table name: a uuid.
IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])(?:20\d{18,20}|[0-9a-f]{32})(?![0-9A-Za-z])")
TASK = re.compile(r"(?<![0-9A-Za-z])20\d{18,20}(?=_)")
FIND = re.compile(f"{IDENTIFIER.pattern}|{TASK.pattern}")


def make_template(text: str) -> str:
    """Return the text with every identifier replaced by the number of its first appearance."""
    numbers: dict[str, str] = {}
    return FIND.sub(lambda one: numbers.setdefault(one[0], f"<{len(numbers)}>"), text)


class Identifiers:
    """A one-to-one mapping between live and recorded identifiers."""

    def __init__(self) -> None:
        self._to_recorded: dict[str, str] = {}
        self._to_live: dict[str, str] = {}
        self._reserved: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._to_recorded)

    def __len__(self) -> int:
        return len(self._to_recorded)

    def to_recorded(self, text: str) -> str:
        """Translate a live text into the recording's identifiers."""
        return _replace(text, self._to_recorded)

    def to_live(self, text: str) -> str:
        """Translate a recorded text into live identifiers."""
        return _replace(text, self._to_live)

    def can_pair(self, live: str, recorded: str) -> bool:
        """True when two texts can be paired without breaking a pairing that was learned."""
        return self._pair_up(live, recorded) is not None

    def learn(self, live: str, recorded: str) -> None:
        """Pair the identifiers of two texts, place by place, as far as nothing contradicts."""
        for one, other in self._pair_up(live, recorded) or ():
            if one != other:
                self._to_recorded.setdefault(one, other)
                self._to_live.setdefault(other, one)

    def reserve(self, text: str) -> None:
        """Note the recording's own identifiers in a text: each can only stand for itself."""
        self._reserved.update(FIND.findall(text))

    def _pair_up(self, live: str, recorded: str) -> list[tuple[str, str]] | None:
        ones, others = FIND.findall(live), FIND.findall(recorded)
        if len(ones) != len(others):
            return None
        pairs = list(zip(ones, others, strict=True))
        for one, other in pairs:
            if one != other and one in self._reserved:
                return None
            if self._to_recorded.get(one, other) != other or self._to_live.get(other, one) != one:
                return None
        return pairs


def _replace(text: str, table: Mapping[str, str]) -> str:
    if not table:
        return text
    return FIND.sub(lambda one: table.get(one[0], one[0]), text)
