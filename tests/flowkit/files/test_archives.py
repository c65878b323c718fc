"""Unpacking: what comes out, and what must not."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from flowkit import ArchiveError
from flowkit.files.archives import Limits, unpack


def tar_of(*members: tuple[tarfile.TarInfo | str, bytes], packed: bool = True) -> bytes:
    """Return a tar with these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz" if packed else "w:") as tar:
        for member, content in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(content) if info.isreg() else info.size
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    """Return a member that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


def unpacked(archive: bytes, into: Path, limits: Limits | None = None) -> dict[str, bytes]:
    """Unpack and return the files by name."""
    file = into.parent / "archive"
    file.write_bytes(archive)
    unpack(file, into, limits)
    return {
        str(path.relative_to(into)): path.read_bytes() for path in into.rglob("*") if path.is_file()
    }


def test_files_come_out_in_their_folders(into: Path) -> None:
    archive = tar_of(("guest/9999/INFO.log", b"hello"), ("./data.csv", b"id\n"), ("empty", b""))
    expected = {"guest/9999/INFO.log": b"hello", "data.csv": b"id\n", "empty": b""}
    assert unpacked(archive, into) == expected


def test_a_tar_that_http_has_decompressed_already(into: Path) -> None:
    assert unpacked(tar_of(("a", b"b"), packed=False), into) == {"a": b"b"}


def test_a_zip(into: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.mkdir("define")
        zipped.writestr("define/meta.yaml", "a: 1")
    assert unpacked(buffer.getvalue(), into) == {"define/meta.yaml": b"a: 1"}


def test_permissions_are_ordinary(into: Path) -> None:
    info = tarfile.TarInfo("tool")
    info.mode, info.uid = 0o6777, 0
    unpacked(tar_of((info, b"x")), into)
    ordinary = into / "ordinary"
    ordinary.touch()
    assert stat.S_IMODE((into / "tool").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up", "a/../../up", "C:/up", "c:up", "a\\..\\up", "//host/up"]
)
def test_names_that_lead_outside(into: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="outside its directory"):
        unpacked(tar_of(("fine", b"x"), (name, b"x")), into)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(name, b"x")
    with pytest.raises(ArchiveError, match="outside its directory"):
        unpacked(buffer.getvalue(), into)
    assert {path.name for path in into.parent.iterdir()} == {"into", "archive"}


@pytest.mark.parametrize(
    "member",
    [
        special("link", tarfile.SYMTYPE, "/etc/passwd"),
        special("link", tarfile.LNKTYPE, "fine"),
        special("pipe", tarfile.FIFOTYPE),
        special("device", tarfile.CHRTYPE),
        special("disk", tarfile.BLKTYPE),
    ],
)
def test_what_is_no_file_stays_inside(into: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(ArchiveError, match="which is no file"):
        unpacked(tar_of(("fine", b"x"), (member, b"")), into)


def test_a_link_in_a_zip(into: Path) -> None:
    buffer = io.BytesIO()
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveError, match="which is no file"):
        unpacked(buffer.getvalue(), into)


@pytest.mark.parametrize("second", ["a/b", "./a/b", "a//b"])
def test_a_name_that_occurs_twice(into: Path, second: str) -> None:
    with pytest.raises(ArchiveError, match="twice"):
        unpacked(tar_of(("a/b", b"1"), (second, b"2")), into)


def test_a_file_that_is_a_folder_as_well(into: Path) -> None:
    with pytest.raises(ArchiveError, match="below a file of the same name"):
        unpacked(tar_of(("a", b"1"), ("a/b", b"2")), into)


def test_too_many_members(into: Path) -> None:
    with pytest.raises(ArchiveError, match="more than 2 members"):
        unpacked(tar_of(("a", b""), ("b", b""), ("c", b"")), into, Limits(members=2))


def test_too_many_bytes_are_refused_before_they_are_written(into: Path) -> None:
    archive = tar_of(("small", b"x"), ("bomb", bytes(10_000_000)))
    assert len(archive) < 20_000
    with pytest.raises(ArchiveError, match="more than 1000 bytes"):
        unpacked(archive, into, Limits(total=1000))
    assert not (into / "bomb").exists()


def test_a_header_as_large_as_a_bomb(into: Path) -> None:
    info = tarfile.TarInfo("x" * 5_000_000)
    with pytest.raises(ArchiveError, match="has a header of 5000"):
        unpacked(tar_of((info, b"")), into)


def test_sparse_files_do_not_claim_what_they_have_not(into: Path) -> None:
    header = bytearray(tarfile.TarInfo("sparse").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:398] = b"00000000000\0"
    header[398:410] = b"00000000000\0"
    header[483:495] = b"77777777777\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(ArchiveError, match="which is no file"):
        unpacked(bytes(header) + bytes(1024), into)


@pytest.mark.parametrize(
    "archive",
    [
        tar_of(("a", b"x" * 5000))[:-30],
        gzip.compress(b"not a tar" * 100),
        gzip.compress(tar_of(("a", b"x" * 5000), packed=False)[:3000]),
        b"\x1f\x8b" + b"rubbish" * 10,
        b"PK\x03\x04rubbish",
    ],
    ids=["cut off", "no tar", "tar cut off", "no gzip", "no zip"],
)
def test_damaged_archives(into: Path, archive: bytes) -> None:
    with pytest.raises(ArchiveError, match=r"damaged|ends in the middle"):
        unpacked(archive, into)


@pytest.mark.parametrize("archive", [b"", b"<html>", b'{"retcode": 100}'])
def test_what_is_no_archive_at_all(into: Path, archive: bytes) -> None:
    with pytest.raises(ArchiveError, match="the server sent no archive"):
        unpacked(archive, into)
