"""Rows of any form, taken block by block or whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from flowkit_mockserver.columns.encoding import PairRows
from flowkit_mockserver.columns.text import TextRows

if TYPE_CHECKING:
    from flowkit_mockserver.columns.ids import Ids
    from flowkit_mockserver.columns.records import Columns

__all__ = ["blocks_of", "ids_of", "load"]

PAIRS_ROWS = 1024


class Countable(Protocol):
    """Rows whose number is known."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The rows as pairs."""


def blocks_of(records: Iterable[tuple[str, Any]]) -> Iterator[TextRows | Columns | PairRows]:
    """Yield rows in blocks: those of the store or of a file, a table in memory as one, pairs by the thousand.

    Args:
        records: text rows, columns, something with ``blocks()``, or pairs; of pairs in a list, a later one with the
            same key wins.
    """
    if hasattr(records, "blocks"):
        yield from records.blocks()
        return
    if isinstance(records, TextRows) or hasattr(records, "parts"):
        yield records  # type: ignore[misc]
        return
    if isinstance(records, (list, tuple)):
        records = dict(records).items()
    pairs = PairRows()
    for record in records:
        pairs.append(record)
        if len(pairs) >= PAIRS_ROWS:
            yield _compact(pairs)
            pairs = PairRows()
    if pairs:
        yield _compact(pairs)


def _compact(pairs: PairRows) -> TextRows | PairRows:
    if all(isinstance(value, str) for _, value in pairs):
        return TextRows([key for key, _ in pairs], [value for _, value in pairs])
    return pairs


def ids_of(records: Countable) -> Ids:
    """Return the ids of all rows in their order; nothing else of the rows stays in memory."""
    from flowkit_mockserver.columns.ids import joined_ids

    return joined_ids(
        block.keys
        if isinstance(block, TextRows)
        else [key for key, _ in block]
        if isinstance(block, PairRows)
        else block.ids
        for block in blocks_of(records)
    )


def load(records: Countable) -> TextRows | Columns | PairRows:
    """Return all rows in memory: columns or text where they are stored so, else pairs."""
    stream = blocks_of(records)
    first = next(stream, None)
    if first is None:
        return PairRows()
    if not isinstance(first, TextRows | PairRows):
        return type(first).joined(chain([first], stream), len(records))  # type: ignore[arg-type]
    blocks = [first, *stream]
    texts = [block for block in blocks if isinstance(block, TextRows)]
    if len(texts) == len(blocks):
        return TextRows.joined(texts)
    return PairRows(row for block in blocks for row in block)
