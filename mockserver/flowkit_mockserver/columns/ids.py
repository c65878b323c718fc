"""Ids as arrays of text: their order, and joins by id.

An array of ids has dtype ``<U…`` and shape (n,). Tables are ordered by the length of an id in bytes, then by its
bytes, which is also the order of its code points.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Ids",
    "Positions",
    "as_ids",
    "byte_lengths",
    "joined_ids",
    "order_positions",
    "positions_of",
]

Ids = NDArray[np.str_]
Positions = NDArray[np.intp]


def as_ids(keys: Iterable[str]) -> Ids:
    """Return texts as an array of ids."""
    if isinstance(keys, np.ndarray):
        return keys
    texts = list(keys)
    return np.array(texts, dtype=np.str_) if texts else np.empty(0, dtype="<U1")


def joined_ids(blocks: Iterable[Iterable[str]]) -> Ids:
    """Return the ids of several blocks as one array."""
    arrays = [as_ids(block) for block in blocks]
    return np.concatenate(arrays) if arrays else as_ids(())


def byte_lengths(ids: Ids) -> NDArray[np.intp]:
    """Return the length of each id in bytes (UTF-8)."""
    lengths: Positions = np.asarray(np.strings.str_len(ids), dtype=np.intp)
    if not ids.size or ids.view(np.uint32).max() < 0x80:
        return lengths
    points = ids.view(np.uint32).reshape(len(ids), -1)
    longer = (points >= 0x80).astype(np.intp) + (points >= 0x800) + (points >= 0x10000)
    total: Positions = lengths + longer.sum(axis=1)
    return total


def order_positions(ids: Ids) -> Positions | None:
    """Return the positions that put `ids` in the order of tables, or None when they are in it.

    Returns:
        intp, shape (n,): ``ids[order_positions(ids)]`` is ordered.
    """
    if len(ids) < 2:
        return None
    ids = np.ascontiguousarray(ids)
    lengths = byte_lengths(ids)
    before, after = lengths[:-1], lengths[1:]
    if bool(np.all((before < after) | ((before == after) & (ids[:-1] <= ids[1:])))):
        return None
    return np.lexsort((ids, lengths))


def positions_of(wanted: Ids, ids: Ids) -> Positions:
    """Return where each of `wanted` stands in `ids`, -1 where it does not; `ids` are distinct.

    Args:
        wanted: shape (n,).
        ids: shape (m,).

    Returns:
        intp, shape (n,).
    """
    if not len(ids) or not len(wanted):
        return np.full(len(wanted), -1, dtype=np.intp)
    if len(ids) == len(wanted) and bool(np.all(ids == wanted)):
        return np.arange(len(ids), dtype=np.intp)
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    places = np.searchsorted(ordered, wanted)
    places[places == len(ids)] = 0
    found: Positions = np.where(ordered[places] == wanted, order[places], -1)
    return found
