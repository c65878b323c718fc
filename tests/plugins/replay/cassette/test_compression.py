"""Content codings: only what really is compressed is decompressed."""

from __future__ import annotations

import gzip
import zlib

import pytest

from flowkit_replay.cassette.compression import decompress


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b"answer", mtime=0), "gzip"),
        (zlib.compress(b"answer"), "deflate"),
        (b"answer", "gzip"),
        (b"answer", "identity"),
        (b"answer", ""),
        (b"answer", "GZIP"),
    ],
)
def test_a_body_is_what_the_caller_saw(body: bytes, coding: str) -> None:
    assert decompress(body, coding) == b"answer"


def test_what_only_looks_compressed_is_left_as_it_is() -> None:
    broken = gzip.compress(b"answer", mtime=0)[:-9]
    assert decompress(broken + b"xxxxxxxxx", "gzip") == broken + b"xxxxxxxxx"
    assert decompress(b"", "gzip") == b""
