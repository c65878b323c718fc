"""Files on their way to the server: a multipart form whose file is read while it is sent."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TextIO

from flowkit.call.limits import CHUNK
from flowkit.clock import Clock
from flowkit.errors import ArgumentError

__all__ = ["MultipartBody", "ProgressLine"]

ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}
INTERVAL = 0.1
MEGABYTE = 1_000_000


class MultipartBody:
    """A ``multipart/form-data`` body: plain fields, then one file.

    The file is opened anew for every iteration and read in pieces, so a body can be sent again and
    takes no more memory than a piece.

    Args:
        file: the file to send; its size is taken now.
        fields: plain fields, by name.
        content_type: type announced for the file; None announces none.
        boundary: what stands between the parts; random by default.
        progress: called with the bytes sent and the bytes in all, at each piece.

    Raises:
        ArgumentError: there is no such file, or it is not a regular one.
    """

    def __init__(
        self,
        file: str | os.PathLike[str],
        fields: Mapping[str, str] | None = None,
        *,
        content_type: str | None = "application/octet-stream",
        boundary: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.file = Path(file)
        self.boundary = boundary or secrets.token_hex(16)
        self._progress = progress
        self._size = self._present_size()
        parts = [self._field(name, value) for name, value in (fields or {}).items()]
        self._head = b"".join([*parts, self._file_header(content_type)])
        self._tail = f"\r\n--{self.boundary}--\r\n".encode()

    @property
    def content_type(self) -> str:
        """The header that goes with the body."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """Size in bytes, the form's own lines included."""
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body in pieces, from the beginning.

        Raises:
            ArgumentError: the file is gone, or has not the size any more that was announced.
        """
        done = 0
        for piece in self._pieces():
            done += len(piece)
            # Told beforehand: whoever counts the bytes does not come back after the last piece.
            if self._progress is not None:
                self._progress(done, self.length)
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        try:
            with self.file.open("rb") as stream:
                yield self._head
                yield from self._content(stream)
        except OSError as error:
            raise self._changed_file_error(f"cannot be read any more: {error.strerror}") from error
        yield self._tail

    def _content(self, stream: BinaryIO) -> Iterator[bytes]:
        left = self._size
        while left:
            piece = stream.read(min(CHUNK, left))
            if not piece:
                raise self._changed_file_error(f"shrank by {left} of its {self._size} bytes")
            left -= len(piece)
            yield piece
        if stream.read(1):
            raise self._changed_file_error(
                f"grew beyond the {self._size} bytes that were announced"
            )

    def _changed_file_error(self, what: str) -> ArgumentError:
        text = f"file {str(self.file)!r} {what} while it was being sent; send it again at rest"
        return ArgumentError(text, argument="file", value=str(self.file))

    def _present_size(self) -> int:
        try:
            status = self.file.stat()
        except OSError as error:
            text = f"file {str(self.file)!r} cannot be read: {error.strerror}"
            raise ArgumentError(text, argument="file", value=str(self.file)) from error
        if not self.file.is_file():
            text = f"file {str(self.file)!r} is not a regular file"
            raise ArgumentError(text, argument="file", value=str(self.file))
        return status.st_size

    def _field(self, name: str, value: str) -> bytes:
        head = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_escape(name)}"'
        return f"{head}\r\n\r\n{value}\r\n".encode()

    def _file_header(self, content_type: str | None) -> bytes:
        kind = f"\r\nContent-Type: {content_type}" if content_type else ""
        disposition = 'Content-Disposition: form-data; name="file"; filename="'
        start = f"--{self.boundary}\r\n{disposition}".encode()
        # To the system a file name is bytes; fsencode gives them back, be they UTF-8 or not.
        return start + os.fsencode(_escape(self.file.name)) + f'"{kind}\r\n\r\n'.encode()


class ProgressLine:
    """A line on a terminal that follows a transfer.

    Args:
        title: what is being transferred.
        clock: where time comes from; the line is redrawn at most ten times a second.
        stream: where to write; standard error by default. Where it is no terminal, only the end of
            the transfer is written.
    """

    def __init__(self, title: str, clock: Clock, stream: TextIO | None = None) -> None:
        self._title = title
        self._clock = clock
        self._stream = stream if stream is not None else sys.stderr
        self._drawn = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Redraw the line, and end it when all is done."""
        now = self._clock.monotonic()
        complete = done >= total
        if not complete and (now - self._drawn < INTERVAL or not self._stream.isatty()):
            return
        self._drawn = now
        share = 100 * done // total if total else 100
        amount = f"{done / MEGABYTE:.1f} of {total / MEGABYTE:.1f} MB"
        start, end = ("\r", "\n" if complete else "") if self._stream.isatty() else ("", "\n")
        self._stream.write(f"{start}uploading {self._title}: {share:3d} % ({amount}){end}")
        self._stream.flush()


def _escape(name: str) -> str:
    """Return a name that can stand between quotes in a header."""
    return re.sub('["\r\n]', lambda match: ESCAPES[match.group()], name)
