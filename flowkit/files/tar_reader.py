"""Reading tar, strictly: what is no whole archive is none.

Python's `tarfile` is made to get as much as possible out of a file: a bad header in the middle is
the end to it, and a missing end is none. Here an archive ends with two blocks of zeros, and what is
not complete is an error, told while reading. Names of any length are understood as GNU tar and pax
write them; sparse files are not.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from flowkit.call.limits import CHUNK
from flowkit.errors import ArchiveError
from flowkit.files.decompression import ByteReader

__all__ = ["Member", "read_tar"]

BLOCK = tarfile.BLOCKSIZE
#: Bytes of a header that says more of the next one, such as a long name; headers before one member.
LARGEST_HEADER, MOST_HEADERS = 8 * 1024, 4
END = bytes(BLOCK)
SIZE = slice(124, 136)
FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
PAX, PAX_FOR_ALL = tarfile.XHDTYPE, tarfile.XGLTYPE
FURTHER = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, PAX, PAX_FOR_ALL)


@dataclass(slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: its name, with ``/`` between folders.
        kind: what it is.
        size: bytes of a file.
        read: returns the next bytes of a file, at most as many as asked for; empty at its end.
    """

    name: str
    kind: Literal["file", "folder", "other"]
    size: int
    read: Callable[[int], bytes]


def read_tar(source: ByteReader, note_header: Callable[[], None]) -> Iterator[Member]:
    """Yield the members of a tar; each can be read until the next is asked for.

    Args:
        source: the archive, not compressed.
        note_header: called for each header, those that are no members included.

    Raises:
        ArchiveError: it is damaged or not complete.
    """
    for_all: dict[str, str] = {}
    further: dict[str, str] = {}
    headers = 0
    while (block := _read_exactly(source, BLOCK)) != END:
        note_header()
        info = _parse(block, source.position - BLOCK)
        if info.type in FURTHER:
            headers += 1
            if headers > MOST_HEADERS or info.size > LARGEST_HEADER:
                text = f"the archive has a header of {info.size} bytes, or too many; refused"
                raise ArchiveError(text)
            content = _read_exactly(source, info.size)
            _skip_padding(source, info.size)
            if info.type == PAX_FOR_ALL:
                for_all |= _records(content)
            elif info.type == PAX:
                further |= _records(content)
            elif info.type == tarfile.GNUTYPE_LONGNAME:
                further["path"] = _text(content.rstrip(b"\0"))
            continue
        yield from _member(source, info, for_all | further)
        further, headers = {}, 0
    if headers:
        raise _damaged("its last header has no member")
    if _read_exactly(source, BLOCK) != END:
        raise _damaged("something stands where it should end")
    while rest := source.read(CHUNK):
        if rest.strip(b"\0"):
            raise _damaged("something follows its end")


def _member(source: ByteReader, info: tarfile.TarInfo, said: dict[str, str]) -> Iterator[Member]:
    """Yield a member, then pass by what was not read of it."""
    name, size = said.get("path", info.name), info.size
    if "size" in said:
        if not (said["size"].isascii() and said["size"].isdigit()) or len(said["size"]) > 18:
            raise _damaged(f"{name!r} has the size {said['size'][:40]!r}")
        size = int(said["size"])
    if info.isdir():
        if size:
            raise _damaged(f"the folder {name!r} has a size")
        yield Member(name, "folder", 0, lambda _: b"")
        return
    sparse = any(key.startswith("GNU.sparse") for key in said)
    if info.type not in FILES or sparse:
        yield Member(name, "other", 0, lambda _: b"")
        raise ArchiveError(f"the archive holds {name!r}, which is no file; refused")
    if name.endswith("/"):
        raise _damaged(f"the file {name!r} is named like a folder")
    left = size

    def read(most: int) -> bytes:
        nonlocal left
        piece = source.read(min(most, left))
        if left and most and not piece:
            raise ArchiveError(f"the archive ends in the middle of {name!r}")
        left -= len(piece)
        return piece

    yield Member(name, "file", size, read)
    while left:
        read(CHUNK)
    _skip_padding(source, size)


def _parse(block: bytes, position: int) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise _damaged(f"bad header at byte {position}: {error}") from error
    if info.size < 0 or not block[SIZE].strip(b" \0"):
        raise _damaged(f"bad header at byte {position}: no size")
    return info


def _records(content: bytes) -> dict[str, str]:
    """Return the records of a pax header: ``<length> <key>=<value>`` and a line break."""
    found = {}
    rest = content
    while rest.strip(b"\0"):
        number, space, _ = rest[:24].partition(b" ")
        length = int(number) if space and number.isdigit() else 0
        record = rest[:length]
        key, equals, value = record[len(number) + 1 : -1].partition(b"=")
        if len(record) != length or not equals or not key or record[-1:] != b"\n":
            raise _damaged("bad pax header")
        found[_text(key)] = _text(value)
        rest = rest[length:]
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _read_exactly(source: ByteReader, size: int) -> bytes:
    found = source.read(size)
    if len(found) < size:
        raise _damaged("it ends without its end mark")
    return found


def _skip_padding(source: ByteReader, size: int) -> None:
    """Pass by what fills up the last block of a content."""
    _read_exactly(source, -size % BLOCK)


def _damaged(what: str) -> ArchiveError:
    return ArchiveError(f"the archive is damaged: {what}")
