"""Blocks of rows as bytes, and back.

One letter says what follows. ``T``: a text table, the length of its keys (8 bytes), the keys and the lines, both joined
by line breaks. ``C``: a computed table, the length of a description (8 bytes), the description as JSON, and the
arrays it describes as they lie in memory (little endian). ``P``: any other rows, as a JSON list of pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.columns.text import TextRows

if TYPE_CHECKING:
    from flowkit_mockserver.columns.records import Columns

__all__ = ["Block", "EncodedRows", "PairRows", "decode", "encode", "whole"]

_TEXT, _COLUMNS, _PAIRS = b"T", b"C", b"P"
#: Pairs without a letter: what a store of flowkit 0.1 holds.
_BARE = b"["
_SIZE = 8
_CODING = ("utf-8", "surrogatepass")


class PairRows(list[tuple[str, Any]]):
    """Rows that have no columnar form: pairs of a key and a JSON value."""

    def slice(self, start: int, stop: int) -> PairRows:
        """Return the rows from `start` to before `stop`."""
        return PairRows(self[start:stop])


class EncodedRows:
    """Rows of any form as bytes, for the way from one process to another; they are decoded as they are gone through.

    Args:
        chunks: the bytes of each block.
        count: how many rows they are.
    """

    def __init__(self, chunks: Sequence[bytes], count: int) -> None:
        self.chunks = chunks
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for block in self.blocks():
            yield from block

    def blocks(self) -> Iterator[TextRows | Columns | PairRows]:
        """Yield the rows in blocks; see `whole`."""
        return whole(map(decode, self.chunks), self._count)


def whole(
    blocks: Iterable[TextRows | Columns | PairRows], count: int
) -> Iterator[TextRows | Columns | PairRows]:
    """Yield blocks, which have `count` rows together.

    Raises:
        LookupError: they have less, at their end: somebody deleted them meanwhile.
    """
    for block in blocks:
        count -= len(block)
        yield block
    if count > 0:
        raise LookupError("the rows of a table are gone: it was deleted while it was read")


Block = "TextRows | Columns | PairRows"


def encode(block: TextRows | Columns | PairRows) -> bytes:
    """Return rows as bytes."""
    if isinstance(block, TextRows):
        return _encode_text(block)
    if isinstance(block, PairRows):
        return _encode_pairs(block)
    return _encode_columns(block)


def decode(data: bytes) -> TextRows | Columns | PairRows:
    """Return the rows that `encode` had turned into bytes."""
    kind = data[:1]
    if kind == _TEXT:
        size = int.from_bytes(data[1 : 1 + _SIZE], "little")
        start = 1 + _SIZE
        keys = data[start : start + size].decode(*_CODING)
        lines = data[start + size :].decode(*_CODING)
        return TextRows(keys.split("\n"), lines.split("\n"))
    if kind in {_PAIRS, _BARE}:
        return PairRows((key, value) for key, value in json.loads(data.removeprefix(_PAIRS)))
    return _decode_columns(data)


def _encode_pairs(pairs: Sequence[tuple[str, Any]]) -> bytes:
    return _PAIRS + json.dumps(pairs, separators=(",", ":")).encode()


def _encode_text(rows: TextRows) -> bytes:
    keys, lines = "\n".join(rows.keys), "\n".join(rows.lines)
    # A line of a file has no line break in it; a row that somebody made up may.
    if not len(rows) or keys.count("\n") + lines.count("\n") != 2 * (len(rows) - 1):
        return _encode_pairs(list(rows))
    raw = keys.encode(*_CODING)
    return b"".join((_TEXT, len(raw).to_bytes(_SIZE, "little"), raw, lines.encode(*_CODING)))


def _encode_columns(block: Columns) -> bytes:
    from flowkit_mockserver.columns.buffers import describe

    buffers: list[bytes] = []
    description = json.dumps(describe(block, buffers), separators=(",", ":")).encode()
    size = len(description).to_bytes(_SIZE, "little")
    return b"".join((_COLUMNS, size, description, *buffers))


def _decode_columns(data: bytes) -> Columns:
    from flowkit_mockserver.columns.buffers import restore

    size = int.from_bytes(data[1 : 1 + _SIZE], "little")
    start = 1 + _SIZE
    return restore(json.loads(data[start : start + size]), data, start + size)
