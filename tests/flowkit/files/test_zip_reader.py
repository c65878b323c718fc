"""Reading zip: its directory is looked through before anything is made of it."""

from __future__ import annotations

import io
import zipfile

import pytest

from flowkit import ArchiveError
from flowkit.files.zip_reader import read_zip


def make(members: int = 2) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(members):
            archive.writestr(str(number), b"abc")
    return buffer.getvalue()


def contents(content: bytes) -> dict[str, bytes]:
    members = read_zip(io.BytesIO(content), lambda: None)
    return {member.name: member.read(100) for member in members}


def test_members_are_read() -> None:
    assert contents(make()) == {"0": b"abc", "1": b"abc"}


def test_more_members_than_the_short_fields_can_count() -> None:
    headers = iter(range(100_000))
    members = read_zip(io.BytesIO(make(66_000)), lambda: next(headers) and None)
    next(members)
    assert next(headers) == 66_000


def test_headers_are_counted_before_there_is_a_member() -> None:
    def stop() -> None:
        raise ArchiveError("enough")

    with pytest.raises(ArchiveError, match="enough"):
        next(read_zip(io.BytesIO(make()), stop))


def test_a_directory_that_says_less_than_it_holds_is_damaged() -> None:
    content = bytearray(make())
    content[-22 + 8] = content[-22 + 10] = 1
    with pytest.raises(ArchiveError, match="damaged"):
        contents(bytes(content))


def test_a_wrong_checksum_is_damage() -> None:
    content = make().replace(b"abc", b"abd", 1)
    with pytest.raises(ArchiveError, match="damaged: Bad CRC"):
        contents(content)
