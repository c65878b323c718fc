"""The interactions of a cassette, each parsed when it is asked for.

A cassette as vcrpy writes it is one block list: each entry starts with ``- request:`` at the
beginning of a line, and no other line of an entry starts there. So the text is cut into entries
without being parsed, and the address is read off the line that holds it. A text that is not written
in this plain way, or that ties entries together by anchors, is parsed as a whole instead.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from flowkit import CassetteError
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.vcrpy_format import ENTRY, HEAD, load_entry, load_request

__all__ = ["EntryIndex", "InteractionList"]

START = re.compile(b"^" + ENTRY + b"\n", re.MULTILINE)
RESPONSE = b"\n  response:\n"
# A line that starts with anything but a blank belongs to no entry, except for the entry's first.
OUTSIDE = re.compile(b"^(?!" + ENTRY + rb"\n)[^ \n]", re.MULTILINE)
ANCHOR = re.compile(rb"(?:: |- )[&*][^\s]")
# An address on one line, without quotes and without anything that YAML reads in another way.
URI = re.compile(rb"\n    uri: ([A-Za-z][^\s'\"#]*)(?=\n|$)")


class EntryIndex:
    """Where each entry of a cassette's text begins and ends.

    Args:
        text: the whole text, as bytes.
        starts: the offset of each entry, and at last the offset at which the last one ends.
    """

    def __init__(self, text: bytes, starts: array[int]) -> None:
        self._text = text
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    @classmethod
    def scan(cls, text: bytes) -> EntryIndex | None:
        """Find the entries; None when the text is not written in vcrpy's plain way."""
        if not text.startswith(HEAD) or b"\r" in text or ANCHOR.search(text):
            return None
        starts = array("Q", (found.start() for found in START.finditer(text)))
        if not starts or starts[0] != len(HEAD):
            return None
        outside = OUTSIDE.search(text, len(HEAD))
        end = outside.start() if outside else len(text)
        if starts[-1] > end:
            return None
        starts.append(end)
        index = cls(text, starts)
        return index if all(index._parts(n) is not None for n in range(len(index))) else None

    @property
    def rest(self) -> str:
        """The text without its entries: the top-level keys beside ``interactions``."""
        return self._text[self._starts[-1] :].decode()

    def get_text(self, number: int) -> str:
        """Return the text of an entry."""
        return self._text[self._starts[number] : self._starts[number + 1]].decode()

    def get_request_text(self, number: int) -> str:
        """Return the text of an entry as far as its response."""
        start, middle = self._parts(number) or (0, 0)
        return self._text[start : middle + 1].decode()

    def find_uri(self, number: int) -> str | None:
        """Return the address of an entry; None when it takes a parser to read it."""
        start, middle = self._parts(number) or (0, 0)
        found = URI.search(self._text, start, middle)
        return found[1].decode() if found else None

    def _parts(self, number: int) -> tuple[int, int] | None:
        """Return where an entry begins and where its response does; None without a response."""
        start, end = self._starts[number], self._starts[number + 1]
        middle = self._text.find(RESPONSE, start, end)
        return None if middle < 0 else (start, middle)


class InteractionList(Sequence[Interaction]):
    """Interactions in the order in which they were recorded.

    Args:
        interactions: those that are there already.
        extra: top-level keys of the cassette beside ``interactions`` and ``version``.
        index: entries that are parsed when they are asked for; they come before the others.
        finish: makes the interaction that is handed out of the one that was parsed.
        title: the cassette's name in messages.

    Attributes:
        extra: top-level keys of the cassette beside ``interactions`` and ``version``.
        cut: True when these are the whole interactions of a file that was cut off.
    """

    def __init__(
        self,
        interactions: Iterable[Interaction] = (),
        extra: Mapping[str, Any] | None = None,
        *,
        index: EntryIndex | None = None,
        finish: Callable[[Interaction], Interaction] = lambda one: one,
        title: str = "cassette",
    ) -> None:
        self.extra = dict(extra or {})
        self.cut = False
        self._index = index
        self._finish = finish
        self._title = title
        self._parsed: dict[int, Interaction] = {}
        self._offset = len(index) if index else 0
        self._more = list(interactions)

    @property
    def loaded(self) -> bool:
        """True when nothing is left to be parsed."""
        return len(self._parsed) == self._offset

    def __len__(self) -> int:
        return self._offset + len(self._more)

    @overload
    def __getitem__(self, place: int) -> Interaction: ...
    @overload
    def __getitem__(self, place: slice) -> list[Interaction]: ...
    def __getitem__(self, place: int | slice) -> Interaction | list[Interaction]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        number = place + len(self) if place < 0 else place
        if not 0 <= number < len(self):
            raise IndexError(f"there are {len(self)} interactions, not {place}")
        if number >= self._offset:
            return self._more[number - self._offset]
        one = self._parsed.get(number)
        if one is None:
            # Of two threads that parse one entry, both get the same object.
            one = self._parsed.setdefault(number, self._parse(number))
        return one

    def __iter__(self) -> Iterator[Interaction]:
        return (self[place] for place in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, InteractionList | list):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def append(self, one: Interaction) -> None:
        """Add an interaction at the end."""
        self._more.append(one)

    def copy(self) -> InteractionList:
        """Return a list of the same interactions, to which others can be added."""
        twin = InteractionList(
            self._more, self.extra, index=self._index, finish=self._finish, title=self._title
        )
        twin._parsed = self._parsed  # what one of them parses, the other need not parse again
        return twin

    def get_uri(self, place: int) -> str:
        """Return the address of an interaction, without parsing the rest where that is possible."""
        if place < self._offset and place not in self._parsed:
            assert self._index is not None
            uri = self._index.find_uri(place)
            return self.get_request(place).uri if uri is None else uri
        return self[place].uri

    def get_request(self, place: int) -> Interaction:
        """Return an interaction of which only the request may have been parsed.

        Raises:
            CassetteError: the entry is damaged.
        """
        if place >= self._offset or place in self._parsed:
            return self[place]
        assert self._index is not None
        return self._load(place, load_request, self._index.get_request_text(place))

    def _parse(self, place: int) -> Interaction:
        assert self._index is not None
        return self._finish(self._load(place, load_entry, self._index.get_text(place)))

    def _load(self, place: int, load: Callable[[str], Interaction], text: str) -> Interaction:
        try:
            return load(text)
        except ValueError as error:
            raise CassetteError(
                f"{self._title} is damaged: interaction {place + 1}: {error}"
            ) from error
