"""Text rows of a stream in the order of their ids, in memory that does not grow with the stream."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import IO

from flowkit_mockserver.columns.encoding import decode, encode
from flowkit_mockserver.columns.text import TextRows, storage_order

__all__ = ["SortedRuns", "sorted_block", "text_blocks"]

BLOCK_ROWS = 64 * 1024
BLOCK_CHARACTERS = 2 * 1024 * 1024
#: Rows of a run that are in memory at a time while runs are merged.
MERGED_ROWS = 256


def text_blocks(rows: Iterable[tuple[str, str]]) -> Iterator[TextRows]:
    """Yield a stream of rows in blocks of bounded size."""
    keys: list[str] = []
    lines: list[str] = []
    characters = 0
    for key, line in rows:
        keys.append(key)
        lines.append(line)
        characters += len(key) + len(line)
        if len(keys) >= BLOCK_ROWS or characters >= BLOCK_CHARACTERS:
            yield TextRows(keys, lines)
            keys, lines, characters = [], [], 0
    if keys:
        yield TextRows(keys, lines)


def sorted_block(block: TextRows) -> TextRows:
    """Return the rows of a block by id, each id once: of several rows the last one stays."""
    if len(set(block.keys)) < len(block):
        last = dict(zip(block.keys, block.lines, strict=True))
        block = TextRows(list(last), list(last.values()))
    return block.in_order()


class SortedRuns:
    """Sorted blocks on disk, of which a later one overrides the rows of an earlier one."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._runs: list[list[tuple[int, int]]] = []

    def add(self, block: TextRows) -> None:
        """Put one sorted block away."""
        places = []
        for start in range(0, len(block), MERGED_ROWS):
            data = encode(block.slice(start, start + MERGED_ROWS))
            places.append((self._file.seek(0, 2), len(data)))
            self._file.write(data)
        self._runs.append(places)

    def _read(self, places: list[tuple[int, int]]) -> Iterator[tuple[str, str]]:
        for start, size in places:
            self._file.seek(start)
            for key, line in decode(self._file.read(size)):
                yield key, str(line)

    def merged(self, first: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the rows of `first`, which are sorted, and of all blocks by id, each id once."""
        runs = [first, *(self._read(places) for places in self._runs)]
        previous: tuple[str, str] | None = None
        key = itemgetter(0)
        for row in merge(*runs, key=lambda row: storage_order(key(row))):
            if previous is not None and previous[0] != row[0]:
                yield previous
            previous = row
        if previous is not None:
            yield previous

    def close(self) -> None:
        """Remove what was put away."""
        self._file.close()
