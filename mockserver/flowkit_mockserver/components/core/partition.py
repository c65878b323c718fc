"""How a standalone server spreads the records of a table over its partitions.

A record lies in the partition that the jump hash of its pickled key names, and in a partition records stand in the
order of their pickled keys. Sums are formed partition by partition, so both show in the last digits of a float, and in
which of two equally good splits a host offers first.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "partitions_of",
    "pickled",
    "pickling",
    "protocol_in_use",
    "rows_by_partition",
    "sum_by_partition",
    "sums_by_partition",
]

#: The protocol of `pickle` that the Python of the server being played takes unless told otherwise.
_protocol: ContextVar[int] = ContextVar("pickle protocol", default=3)
_MULTIPLIER = 2862933555777941757


@contextmanager
def pickling(protocol: int) -> Iterator[None]:
    """Take a protocol of `pickle` for the keys of all tables inside of a ``with`` block."""
    before = _protocol.set(protocol)
    try:
        yield
    finally:
        _protocol.reset(before)


def protocol_in_use() -> int:
    """Return the protocol by which keys are pickled."""
    return _protocol.get()


def pickled(key: Hashable) -> bytes:
    """Return the bytes by which the server stores a key."""
    return pickle.dumps(key, protocol=_protocol.get())


def partitions_of(keys: Sequence[Hashable], partitions: int) -> NDArray[np.intp]:
    """Return the partition of every key.

    Args:
        keys: of the records of a table.
        partitions: how many partitions the table has, 1 at least.
    """
    digests = b"".join(hashlib.sha1(pickled(key)).digest()[:8] for key in keys)
    state = np.frombuffer(digests, dtype="<u8").copy()
    found = np.zeros(len(keys), dtype=np.intp)
    jump = np.zeros(len(keys))
    active = np.arange(len(keys))
    while active.size:
        found[active] = jump[active].astype(np.intp)
        state[active] = state[active] * np.uint64(_MULTIPLIER) + np.uint64(1)
        drawn = (state[active] >> np.uint64(33)).astype(np.float64) + 1.0
        jump[active] = (found[active] + 1.0) * (float(1 << 31) / drawn)
        active = active[jump[active] < partitions]
    return found


def rows_by_partition(keys: Sequence[Hashable], partitions: int) -> list[NDArray[np.intp]]:
    """Return the positions of the rows of each partition, in the order of `keys`."""
    parts = partitions_of(keys, partitions)
    return [np.flatnonzero(parts == part) for part in range(partitions)]


def sum_by_partition(
    values: NDArray[np.float64], parts: NDArray[np.intp], partitions: int
) -> float:
    """Return the sum of `values`, added up partition by partition as the server does."""
    total = 0.0
    for part in np.bincount(parts, values, partitions).tolist():
        total += part
    return total


def sums_by_partition(
    values: NDArray[np.float64], parts: NDArray[np.intp], partitions: int
) -> NDArray[np.float64]:
    """Return the sum of each column of `values`, shape (n, k), added up partition by partition; shape (k,)."""
    return np.array([sum_by_partition(column, parts, partitions) for column in values.T])
