"""Rows of text: an id and the rest of its line. Needs no numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["TextRows", "storage_order"]


def storage_order(key: str) -> tuple[int, str]:
    """Return the sort key by which tables are ordered: by length in bytes, then by code point."""
    return (len(key) if key.isascii() else len(key.encode("utf-8", "surrogatepass")), key)


def _in_storage_order(keys: Sequence[str]) -> list[str]:
    if all(map(str.isascii, keys)):
        return sorted(sorted(keys), key=len)  # no function of ours is called for each of them
    return sorted(keys, key=storage_order)


class TextRows:
    """The rows of an uploaded table.

    Args:
        keys: the ids.
        lines: of each row what follows its id, ``"1,0.3,…"``.
    """

    def __init__(self, keys: Sequence[str], lines: Sequence[str]) -> None:
        self.keys = keys
        self.lines = lines

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return zip(self.keys, self.lines, strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextRows) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def slice(self, start: int, stop: int) -> TextRows:
        """Return the rows from `start` to before `stop`."""
        return TextRows(self.keys[start:stop], self.lines[start:stop])

    def take(self, positions: Iterable[int]) -> TextRows:
        """Return the rows at `positions`, in that order."""
        chosen = list(positions)
        return TextRows([self.keys[i] for i in chosen], [self.lines[i] for i in chosen])

    def ordered(self) -> bool:
        """Say whether the rows are in the order of storage."""
        return list(self.keys) == _in_storage_order(self.keys)

    def in_order(self) -> TextRows:
        """Return the rows in the order of storage; the same object when they are."""
        if self.ordered():
            return self
        return self.take(sorted(range(len(self)), key=lambda i: storage_order(self.keys[i])))

    @classmethod
    def joined(cls, blocks: Sequence[TextRows]) -> TextRows:
        """Return the rows of several blocks under each other."""
        if len(blocks) == 1:
            return blocks[0]
        keys: list[str] = []
        lines: list[str] = []
        for block in blocks:
            keys.extend(block.keys)
            lines.extend(block.lines)
        return cls(keys, lines)
