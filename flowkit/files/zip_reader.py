"""Reading zip, strictly: its directory is looked through before Python's `zipfile` loads it.

`zipfile` makes an object of each entry of the directory before anybody can ask how many there are;
so the entries are counted, and their sizes checked, in the file itself first.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from flowkit.errors import ArchiveError, FlowError
from flowkit.files.tar_reader import Member

__all__ = ["ZIP_MAGIC", "read_zip"]

ZIP_MAGIC = b"PK"
END, END_64, LOCATOR_64, ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
END_FIELDS = struct.Struct("<4s4H2LH")
END_64_FIELDS = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64_FIELDS = struct.Struct("<4sLQL")
ENTRY_FIELDS = struct.Struct("<4s24x3H12x")
ENTRY_SIZE = ENTRY_FIELDS.size
LONGEST_COMMENT = 65535
IS_64 = 0xFFFF, 0xFFFFFFFF  # what stands in a short field when the long one counts
#: Bytes of an entry's name, further fields and comment together.
LARGEST_ENTRY = 8 * 1024
ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_zip(stream: IO[bytes], note_header: Callable[[], None]) -> Iterator[Member]:
    """Yield the members of a zip; each can be read until the next is asked for.

    Args:
        stream: the file, open for reading.
        note_header: called for each entry of the directory, before any member is yielded.

    Raises:
        ArchiveError: it is damaged, not complete, encrypted, or compressed in an unusual way.
        OSError: the file cannot be read.
    """
    with _damage_named():
        _check_directory(stream, note_header)
        with zipfile.ZipFile(stream) as zipped:
            for info in zipped.infolist():
                yield from _member(zipped, info)


@contextmanager
def _damage_named() -> Iterator[None]:
    """Turn what zipfile raises about a damaged file into an `ArchiveError`."""
    try:
        yield
    except FlowError:
        raise
    except OSError as error:
        if error.errno != errno.EINVAL:  # that is a position before the beginning
            raise
        raise _damaged(str(error)) from error
    # zipfile raises whatever its parsing happens to; in a file from elsewhere that is damage.
    except Exception as error:
        raise _damaged(str(error) or type(error).__name__) from error


def _member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Member]:
    name = info.filename
    if info.is_dir():
        if info.file_size:
            raise _damaged(f"the folder {name!r} has a size")
        yield Member(name, "folder", 0, lambda _: b"")
        return
    if info.flag_bits & ENCRYPTED:
        raise ArchiveError(f"the archive holds {name!r}, which is encrypted; refused")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ArchiveError(f"the archive holds {name!r}, which is no file; refused")
    if info.compress_type not in METHODS:
        raise ArchiveError(f"the archive holds {name!r}, compressed in an unusual way; refused")
    left = info.file_size
    with zipped.open(info) as content:

        def read(most: int) -> bytes:
            nonlocal left
            with _damage_named():
                piece = content.read(min(most, left))
                left -= len(piece)
                if not left:
                    content.read(1)  # at the very end the checksum is compared
            if left and most and not piece:
                raise ArchiveError(f"the archive ends in the middle of {name!r}")
            return piece

        yield Member(name, "file", info.file_size, read)


def _check_directory(stream: IO[bytes], note_header: Callable[[], None]) -> None:
    """Look through the directory, entry by entry.

    Raises:
        ArchiveError: it is not where it should be, or not what it should be.
    """
    end, entries, size, start = _find_directory(stream)
    if start + size != end or size > entries * (ENTRY_SIZE + LARGEST_ENTRY):
        raise _damaged("its directory is not where it should be")
    stream.seek(start)
    for _ in range(entries):
        note_header()
        fields = stream.read(ENTRY_SIZE)
        if len(fields) < ENTRY_SIZE:
            raise _damaged("its directory is cut off")
        magic, *lengths = ENTRY_FIELDS.unpack(fields)
        if magic != ENTRY:
            raise _damaged("its directory has a bad entry")
        if sum(lengths) > LARGEST_ENTRY:
            raise ArchiveError(f"the archive has a header of {sum(lengths)} bytes; refused")
        stream.seek(sum(lengths), os.SEEK_CUR)
    if stream.tell() != start + size:
        raise _damaged("its directory holds another number of entries than it says")
    stream.seek(0)


def _find_directory(stream: IO[bytes]) -> tuple[int, int, int, int]:
    """Return where the directory ends, its number of entries, its size, and where it begins."""
    length = stream.seek(0, os.SEEK_END)
    tail_at = max(length - END_FIELDS.size - LONGEST_COMMENT, 0)
    stream.seek(tail_at)
    tail = stream.read()
    at = tail.rfind(END)
    if at < 0 or at + END_FIELDS.size > len(tail):
        raise _damaged("it has no directory at its end")
    _, disk, first, here, entries, size, start, comment = END_FIELDS.unpack_from(tail, at)
    end = tail_at + at
    if at + END_FIELDS.size + comment != len(tail):
        raise _damaged("something follows its end")
    if disk or first or here != entries:
        raise ArchiveError("the archive is one part of several; refused")
    if entries == IS_64[0] or IS_64[1] in (size, start):
        stream.seek(max(end - LOCATOR_64_FIELDS.size, 0))
        locator = stream.read(LOCATOR_64_FIELDS.size)
        if locator[:4] == LOCATOR_64 and len(locator) == LOCATOR_64_FIELDS.size:
            end = LOCATOR_64_FIELDS.unpack(locator)[2]
            if end > length:
                raise _damaged("its directory is not where it should be")
            stream.seek(end)
            record = stream.read(END_64_FIELDS.size)
            if record[:4] != END_64 or len(record) < END_64_FIELDS.size:
                raise _damaged("its directory is not where it should be")
            *_, entries, size, start = END_64_FIELDS.unpack(record)
    return end, entries, size, start


def _damaged(what: str) -> ArchiveError:
    return ArchiveError(f"the archive is damaged: {what}")
