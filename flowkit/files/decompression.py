"""Reading what gzip packed, piece by piece and to the very end, where its checksum is."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from flowkit.call.limits import CHUNK
from flowkit.errors import ArchiveError

__all__ = ["GZIP_MAGIC", "ByteReader", "expand", "file_pieces"]

GZIP_MAGIC = b"\x1f\x8b"
GZIP = 16 + zlib.MAX_WBITS  # zlib: with gzip's header and checksum


class ByteReader:
    """An iterator of pieces, read by number of bytes.

    Args:
        pieces: what is read.
        most: bytes that may be read in all.
        check: called for each piece; raises what is to end the reading.
    """

    def __init__(
        self, pieces: Iterator[bytes], most: int, check: Callable[[], None] | None = None
    ) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self._left = most
        self._check = check
        self.position = 0

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end only.

        Raises:
            ArchiveError: there is more than may be read.
        """
        found: list[memoryview] = []
        while size:
            if not self._rest:
                if self._check is not None:
                    self._check()
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._left -= len(piece)
                if self._left < 0:
                    raise ArchiveError("the archive is larger than the limits allow; refused")
                self._rest = memoryview(piece)
            found.append(self._rest[:size])
            size -= len(found[-1])
            self.position += len(found[-1])
            self._rest = self._rest[len(found[-1]) :]
        return found[0].tobytes() if len(found) == 1 else b"".join(found)

    def peek(self) -> bytes:
        """Return the beginning of what comes next without reading it; empty at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left -= len(piece)
            self._rest = memoryview(piece)
        return self._rest[:CHUNK].tobytes()


def file_pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the pieces of an open file."""
    while piece := read(CHUNK):
        yield piece


def expand(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip packed, in pieces of at most `CHUNK` bytes.

    Raises:
        ArchiveError: it is damaged, not complete, or something else follows it.
    """
    unpacker = zlib.decompressobj(GZIP)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if unpacker.eof:
                    rest = rest.lstrip(b"\0")  # tapes are filled up with zeros
                    if not rest:
                        break
                    unpacker = zlib.decompressobj(GZIP)  # gzip files may stand one behind the other
                yield unpacker.decompress(rest, CHUNK)
                while unpacker.unconsumed_tail and not unpacker.eof:
                    yield unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
                rest = unpacker.unused_data
        while not unpacker.eof and (rest := unpacker.decompress(b"", CHUNK)):
            yield rest
    except zlib.error as error:
        raise ArchiveError(f"the archive is damaged: {error}") from error
    if not unpacker.eof:
        raise ArchiveError("the archive is damaged: it ends before its compression does")
