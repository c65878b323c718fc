"""Reading tar: what is no whole archive is none."""

from __future__ import annotations

import io
import tarfile

import pytest

from flowkit import ArchiveError
from flowkit.files.decompression import ByteReader
from flowkit.files.tar_reader import read_tar


def tar(form: int = tarfile.GNU_FORMAT, *names: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=form) as archive:
        for name in names or ("a", "b"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    return buffer.getvalue()


def names(content: bytes) -> list[str]:
    source = ByteReader(iter([content]), len(content))
    return [member.name for member in read_tar(source, lambda: None)]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_names_of_all_formats(form: int) -> None:
    long = "d/" * 60 + "ü" if form != tarfile.USTAR_FORMAT else "d/" * 60 + "u"
    assert names(tar(form, "a", long)) == ["a", long]


def test_a_bad_header_in_the_middle_is_damage_not_the_end() -> None:
    content = bytearray(tar())
    content[1024 + 5] ^= 1
    with pytest.raises(ArchiveError, match="bad header at byte 1024"):
        names(bytes(content))


@pytest.mark.parametrize("length", [1024, 2048, 2048 + 512, 100, 0])
def test_a_missing_end_is_damage(length: int) -> None:
    with pytest.raises(ArchiveError, match=r"ends without|no end|should end"):
        names(tar()[:length])


def test_what_follows_the_end_is_damage() -> None:
    with pytest.raises(ArchiveError, match="follows its end"):
        names(tar() + tar())
