"""Unpacking what a server sent, without trusting it.

Only regular files and folders come out, below the given directory, with ordinary permissions.
Links, devices, absolute names, ``..``, names that occur twice and anything beyond the limits are
refused.
"""

from __future__ import annotations

import gzip
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flowkit.call.model import CHUNK
from flowkit.errors import ArchiveError

__all__ = ["Limits", "unpack"]

GZIP_MAGIC, ZIP_MAGIC, TAR_MAGIC = b"\x1f\x8b", b"PK", b"ustar"
TAR_MAGIC_AT = 257
LARGEST_READ = 1024 * 1024
HEADERS_A_MEMBER = 4096
ENCRYPTED = 0x1
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    UnicodeError,
    NotImplementedError,  # zipfile: a compression it does not know
    ValueError,  # tarfile: numbers that are none
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to.

    Attributes:
        total: bytes of all files together.
        members: files and folders.
    """

    total: int = 8 * 1024**3
    members: int = 100_000


def unpack(archive: Path, into: Path, limits: Limits | None = None) -> None:
    """Unpack a tar, tar.gz or zip file into an existing directory.

    Raises:
        ArchiveError: it is damaged, of another kind, too large, or holds what must not come out.
            What has been unpacked by then stays in the directory.
        OSError: a file cannot be written.
    """
    with archive.open("rb") as stream:
        start = stream.read(TAR_MAGIC_AT + len(TAR_MAGIC))
    target = _Target(into, limits or Limits())
    try:
        if start.startswith(GZIP_MAGIC):
            with gzip.open(archive, "rb") as unzipped:
                _unpack_tar(unzipped, target)
        elif start[TAR_MAGIC_AT:] == TAR_MAGIC:
            with archive.open("rb") as stream:
                _unpack_tar(stream, target)
        elif start.startswith(ZIP_MAGIC):
            _unpack_zip(archive, target)
        else:
            raise ArchiveError(f"the server sent no archive; it begins with {start[:60]!r}")
    except DAMAGED as error:
        raise ArchiveError(f"the archive is damaged: {error}") from error


class _Target:
    """The directory into which one archive is unpacked, and what it has received so far."""

    def __init__(self, into: Path, limits: Limits) -> None:
        self.limits = limits
        self._into = into
        self._names: set[tuple[str, ...]] = set()
        self._members = 0
        self._room = limits.total

    def folder(self, name: str) -> None:
        """Make a folder."""
        self._count()
        self._make(self._into.joinpath(*_parts(name)), name)

    def file(self, name: str, size: int, read: Callable[[int], bytes]) -> None:
        """Write a file of `size` bytes, which `read` hands out."""
        self._count()
        parts = _parts(name)
        if not parts or parts in self._names:
            problem = "twice" if parts else "as a file"
            raise ArchiveError(f"the archive holds {name!r} {problem}; refused")
        self._names.add(parts)
        self._room -= size
        if self._room < 0:
            raise ArchiveError(
                f"the archive unpacks to more than {self.limits.total} bytes; if it may, raise the "
                "limit: client.with_options(unpack=Limits(total=…))"
            )
        path = self._into.joinpath(*parts)
        self._make(path.parent, name)
        try:
            with path.open("xb") as file:
                _copy(read, file, size, name)
        except FileExistsError as error:
            raise ArchiveError(f"the archive holds {name!r} twice; refused") from error

    def _count(self) -> None:
        self._members += 1
        if self._members > self.limits.members:
            raise ArchiveError(f"the archive has more than {self.limits.members} members; refused")

    def _make(self, folder: Path, name: str) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            text = f"the archive holds {name!r} below a file of the same name; refused"
            raise ArchiveError(text) from error


class _Guarded:
    """A stream that lets no header ask for more than a header needs, and that comes to an end."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limits: Limits) -> None:
        self._stream = stream
        self._left = limits.total + limits.members * HEADERS_A_MEMBER

    def read(self, size: int = -1) -> bytes:
        """Read `size` bytes."""
        if not 0 <= size <= LARGEST_READ:
            raise ArchiveError(f"the archive has a header of {size} bytes; refused")
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise ArchiveError("the archive is larger than the limits allow; refused")
        return piece

    def seek(self, position: int, whence: int = 0) -> int:
        """Move to `position`."""
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()


def _unpack_tar(stream: IO[bytes] | gzip.GzipFile, target: _Target) -> None:
    guarded = _Guarded(stream, target.limits)
    with tarfile.open(fileobj=guarded, mode="r:") as tar:  # type: ignore[call-overload]
        for member in tar:
            if member.isdir():
                target.folder(member.name)
                continue
            content = tar.extractfile(member) if _regular(member) else None
            if content is None:
                raise ArchiveError(f"the archive holds {member.name!r}, which is no file; refused")
            with content:
                target.file(member.name, member.size, content.read)
            tar.members = []  # what was unpacked need not be remembered
    while guarded.read(LARGEST_READ):
        pass  # to the very end, where the compression's checksum is


def _regular(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()


def _unpack_zip(archive: Path, target: _Target) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if member.is_dir():
                target.folder(member.filename)
                continue
            if kind not in (0, stat.S_IFREG) or member.flag_bits & ENCRYPTED:
                what = "which is encrypted" if member.flag_bits & ENCRYPTED else "which is no file"
                raise ArchiveError(f"the archive holds {member.filename!r}, {what}; refused")
            with zipped.open(member) as content:
                target.file(member.filename, member.file_size, content.read)


def _parts(name: str) -> tuple[str, ...]:
    """Return the steps from the directory to a member.

    Raises:
        ArchiveError: they lead out of the directory, on this system or any other.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    outside = name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name)
    if outside or "\\" in name or "\0" in name:
        raise ArchiveError(f"the archive would write to {name!r}, outside its directory; refused")
    return parts


def _copy(read: Callable[[int], bytes], file: IO[bytes], size: int, name: str) -> None:
    left = size
    while left:
        piece = read(min(CHUNK, left))
        if not piece:
            raise ArchiveError(f"the archive ends in the middle of {name!r}")
        file.write(piece)
        left -= len(piece)
