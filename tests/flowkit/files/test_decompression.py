"""Decompression: all of it, or an error."""

from __future__ import annotations

import gzip

import pytest

from flowkit import ArchiveError
from flowkit.files.decompression import ByteReader, expand

PACKED = gzip.compress(b"hello" * 1000, mtime=0)


def test_bytes_come_out_as_they_went_in_however_they_are_cut() -> None:
    pieces = (PACKED[at : at + 1] for at in range(len(PACKED)))
    assert b"".join(expand(pieces)) == b"hello" * 1000


@pytest.mark.parametrize(
    "damaged", [PACKED[:-1], PACKED[:-6], PACKED[:-5] + b"xxxxx", PACKED + b"more", b""]
)
def test_what_is_not_complete_is_damaged(damaged: bytes) -> None:
    with pytest.raises(ArchiveError, match="damaged"):
        b"".join(expand(iter([damaged])))


def test_no_more_is_read_than_may_be() -> None:
    reader = ByteReader(iter([b"123", b"456"]), 5)
    assert reader.read(2) == b"12"
    with pytest.raises(ArchiveError, match="larger"):
        reader.read(4)
