from __future__ import annotations

import hashlib

import numpy as np
import pytest

from flowkit_mockserver.components.core.partition import (
    partitions_of,
    pickled,
    rows_by_partition,
    sum_by_partition,
)


def jump(key: bytes, partitions: int) -> int:
    """The jump hash, one key at a time."""
    state = int.from_bytes(hashlib.sha1(key).digest(), "little")
    bucket, step = -1, 0
    while step < partitions:
        bucket = step
        state = (state * 2862933555777941757 + 1) & 0xFFFFFFFFFFFFFFFF
        step = int((bucket + 1) * (float(1 << 31) / float((state >> 33) + 1)))
    return bucket


def test_keys_are_stored_as_python_3_6_pickles_them() -> None:
    assert pickled("12") == b"\x80\x03X\x02\x00\x00\x0012q\x00."
    assert pickled((3, 300)) == b"\x80\x03K\x03M,\x01\x86q\x00."


def test_keys_lie_where_the_server_puts_them() -> None:
    assert partitions_of(["1", "2", "3", "10", "abc"], 4).tolist() == [2, 3, 0, 3, 1]


@pytest.mark.parametrize("partitions", [1, 2, 7, 48])
def test_many_keys_at_once_are_as_one_at_a_time(partitions: int) -> None:
    keys = [f"id-{number}" for number in range(300)]

    found = partitions_of(keys, partitions).tolist()

    assert found == [jump(pickled(key), partitions) for key in keys]


def test_no_keys_lie_nowhere() -> None:
    assert partitions_of([], 4).tolist() == []


def test_every_row_is_in_one_partition() -> None:
    rows = rows_by_partition([str(number) for number in range(50)], 4)

    assert sorted(np.concatenate(rows).tolist()) == list(range(50))
    assert all((np.diff(part) > 0).all() for part in rows)


def test_sums_are_formed_partition_by_partition() -> None:
    values, parts = np.array([1e16, 1.0, -1e16, 1.0]), np.array([0, 1, 0, 1])

    assert sum_by_partition(values, parts, 2) == 2.0
    assert sum(values.tolist()) == 1.0
