"""Unpacking what a server sent, without trusting it.

Only regular files and folders come out, below the given directory, with ordinary permissions.
Links, devices, absolute names, ``..``, names that occur twice and anything beyond the limits are
refused, and an archive that is not complete is damaged.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flowkit.call.limits import CHUNK
from flowkit.call.secrets import mask_text
from flowkit.errors import ArchiveError, TimedOut
from flowkit.files.decompression import GZIP_MAGIC, ByteReader, expand, file_pieces
from flowkit.files.tar_reader import Member, read_tar
from flowkit.files.zip_reader import ZIP_MAGIC, read_zip

__all__ = ["Limits", "check_zip", "unpack"]

TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
BYTES_A_HEADER = 16 * 1024
LONGEST_PART = 255  # bytes of a name within a folder; file systems have no longer ones


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may be; all of it is checked while it is read.

    Attributes:
        total: bytes of all files together.
        members: files and folders, and headers that are neither.
        depth: folders within each other.
        name: bytes of a member's name with its folders.
        seconds: how long unpacking may take.
    """

    total: int = 8 * 1024**3
    members: int = 50_000
    depth: int = 32
    name: int = 1024
    seconds: float = 900.0


def unpack(
    archive: Path, into: Path, limits: Limits | None = None, seconds: float | None = None
) -> None:
    """Unpack a tar, tar.gz or zip file into an existing directory.

    Args:
        archive: the file.
        into: the directory.
        limits: what it may be.
        seconds: how long it may take, where that is less than the limits allow.

    Raises:
        ArchiveError: it is damaged, of another kind, too large, or holds what must not come out.
            What has been unpacked by then stays in the directory.
        TimedOut: it took longer than `seconds`.
        OSError: a file cannot be written.
    """
    limits = limits or Limits()
    check = _Checks(limits, seconds)
    target = _Target(into)
    with _members(archive, limits, check) as members:
        for member in members:
            parts = check.member(member)
            if member.kind == "folder":
                target.make_folder(parts, member.name)
            else:
                target.write_file(parts, member, check.time)


def check_zip(archive: Path, limits: Limits | None = None, seconds: float | None = None) -> None:
    """Read a zip file to its end, to find out whether it is one and complete.

    Raises:
        ArchiveError: it is not, or it holds what must not be unpacked.
        TimedOut: it took longer than `seconds`.
    """
    limits = limits or Limits()
    check = _Checks(limits, seconds)
    with archive.open("rb") as stream:
        if not stream.read(len(ZIP_MAGIC)) == ZIP_MAGIC:
            raise ArchiveError("what the server sent as a zip file is none; nothing was kept")
        for member in read_zip(stream, check.header):
            check.member(member)
            if member.kind == "file":
                for _ in _content(member, check.time):
                    pass


@contextmanager
def _members(archive: Path, limits: Limits, check: _Checks) -> Iterator[Iterator[Member]]:
    """Open an archive, whatever its kind."""
    with archive.open("rb") as stream:
        start = stream.read(TAR_MAGIC_AT + len(TAR_MAGIC))
        stream.seek(0)
        most = limits.total + limits.members * BYTES_A_HEADER
        if start.startswith(GZIP_MAGIC):
            source = ByteReader(expand(file_pieces(stream.read)), most, check.time)
            yield read_tar(source, check.header)
        elif start[TAR_MAGIC_AT:] == TAR_MAGIC:
            yield read_tar(ByteReader(file_pieces(stream.read), most, check.time), check.header)
        elif start.startswith(ZIP_MAGIC):
            yield read_zip(stream, check.header)
        else:
            said = mask_text(start.decode("utf-8", "replace"))[:60]
            raise ArchiveError(f"the server sent no archive; it begins with {said!r}")


class _Checks:
    """What is checked while an archive is read."""

    def __init__(self, limits: Limits, seconds: float | None) -> None:
        self._limits = limits
        self._headers = 0
        self._room = limits.total
        began = time.monotonic()
        self._ends = began + limits.seconds
        self._deadline = None if seconds is None else began + seconds

    def time(self) -> None:
        """Check how long it has taken."""
        now = time.monotonic()
        if self._deadline is not None and now > self._deadline:
            raise TimedOut("the deadline passed while the archive was being read")
        if now > self._ends:
            text = f"the archive takes longer than {self._limits.seconds:g} s to unpack; refused"
            raise ArchiveError(text)

    def header(self) -> None:
        """Count a header."""
        self._headers += 1
        if self._headers > self._limits.members:
            text = f"the archive has more than {self._limits.members} members; refused"
            raise ArchiveError(text)
        if self._headers % 1000 == 0:
            self.time()

    def member(self, member: Member) -> tuple[str, ...]:
        """Check a member, and return the steps from the directory to it."""
        shown = member.name[:200]
        if member.kind == "other":
            raise ArchiveError(f"the archive holds {shown!r}, which is no file; refused")
        parts = _parts(member.name)
        if len(member.name.encode("utf-8", "surrogateescape")) > self._limits.name or any(
            len(part.encode("utf-8", "surrogateescape")) > LONGEST_PART for part in parts
        ):
            raise ArchiveError(f"the archive holds a name that is too long, {shown!r}; refused")
        if len(parts) > self._limits.depth:
            text = f"the archive holds {shown!r}, deeper than {self._limits.depth} folders; refused"
            raise ArchiveError(text)
        self._room -= member.size
        if self._room < 0:
            raise ArchiveError(
                f"the archive unpacks to more than {self._limits.total} bytes; if it may, raise "
                "the limit: client.with_options(unpack=Limits(total=…))"
            )
        return parts


class _Target:
    """The directory into which one archive is unpacked."""

    def __init__(self, into: Path) -> None:
        self._into = into

    def make_folder(self, parts: tuple[str, ...], name: str) -> None:
        """Make a folder."""
        try:
            self._into.joinpath(*parts).mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            text = f"the archive holds {name!r} below a file of the same name; refused"
            raise ArchiveError(text) from error

    def write_file(
        self, parts: tuple[str, ...], member: Member, check_time: Callable[[], None]
    ) -> None:
        """Write a file."""
        name = member.name
        if not parts:
            raise ArchiveError(f"the archive holds {name!r} as a file; refused")
        self.make_folder(parts[:-1], name)
        try:
            with self._into.joinpath(*parts).open("xb") as file:
                for piece in _content(member, check_time):
                    file.write(piece)
        except FileExistsError as error:
            raise ArchiveError(f"the archive holds {name!r} twice; refused") from error


def _content(member: Member, check_time: Callable[[], None]) -> Iterator[bytes]:
    """Yield what a file holds; an empty one is read as well, for its checksum."""
    while True:
        piece = member.read(CHUNK)
        if not piece:
            return
        yield piece
        check_time()


def _parts(name: str) -> tuple[str, ...]:
    """Return the steps from the directory to a member.

    Raises:
        ArchiveError: they lead out of the directory, on this system or any other.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    outside = name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name)
    if outside or "\\" in name or "\0" in name:
        text = f"the archive would write to {name[:200]!r}, outside its directory; refused"
        raise ArchiveError(text)
    return parts
