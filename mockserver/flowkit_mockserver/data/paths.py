"""Which files of this machine a request may name, and how they are read and written.

A path is looked at first and opened later, and somebody may put a symbolic link in between. So files are opened
directory by directory, none of which may be a link by then, and what is opened must be a regular file: a pipe would
keep the server waiting for ever.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flowkit_mockserver.errors import Refusal

__all__ = ["PathPolicy"]

_PIECE = 1024 * 1024
# Where the system has none of these, as Windows, a file is opened by its path.
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_BY_DESCRIPTOR = os.open in os.supports_dir_fd


class PathPolicy:
    """Nothing may be read or written but below the allowed directories, however the path is spelt.

    Args:
        allowed: the directories; none means that every path is refused.
        max_bytes: the largest file that is read.
    """

    def __init__(self, allowed: Iterable[Path], max_bytes: int = 2**63) -> None:
        self._allowed = tuple(path.expanduser().resolve() for path in allowed)
        self._max_bytes = max_bytes

    def locate(self, text: str) -> Path:
        """Return the real path of `text`; a relative one starts at the first allowed directory.

        Symbolic links are followed first, so that none leads out.

        Raises:
            Refusal: it lies outside of what is allowed.
        """
        return self._locate(text)[1]

    def _locate(self, text: str) -> tuple[Path, Path]:
        """Return the allowed directory and the path below it."""
        try:
            base = self._allowed[0] if self._allowed else Path("/")
            path = (base / text).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise Refusal(f"{text!r} is not a path of a file: {error}") from error
        for directory in self._allowed:
            if path.is_relative_to(directory):
                return directory, path
        wanted = path.parent if Path(text).is_absolute() else "DIR"
        raise Refusal(
            f"{text} is not below a directory that this mock server may touch;"
            f" start it with --allow-path {wanted}"
        )

    def copy(self, text: str, target: Path) -> None:
        """Copy the file at `text` into a file of the server's own.

        Raises:
            Refusal: it lies outside of what is allowed, is no regular file or too large.
            FileNotFoundError: there is none.
            OSError: it cannot be read, or the copy not be written.
        """
        directory, path = self._locate(text)
        with _parent(directory, path) as (parent, name):
            _require_regular(os.stat(name, dir_fd=parent, follow_symlinks=False), text)
            descriptor = os.open(name, _READ, dir_fd=parent)
        with os.fdopen(descriptor, "rb") as source, target.open("wb") as copy:
            _require_regular(os.fstat(descriptor), text)
            left = self._max_bytes
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise Refusal(f"{text} is larger than {self._max_bytes} bytes")
                copy.write(piece)

    def write(self, text: str, lines: Iterable[str]) -> None:
        """Write a file, all of it or nothing; one that is there already is replaced.

        Raises:
            Refusal: it lies outside of what is allowed, or what is there already is no regular file.
            OSError: it cannot be written.
        """
        directory, path = self._locate(text)
        with _parent(directory, path) as (parent, name):
            with contextlib.suppress(FileNotFoundError):
                _require_regular(os.stat(name, dir_fd=parent, follow_symlinks=False), text)
            base, _, last = name.rpartition(os.sep) if parent is None else ("", "", name)
            temporary = os.path.join(base, f".{last[:100]}.{secrets.token_hex(4)}")
            descriptor = os.open(temporary, _CREATE, 0o666, dir_fd=parent)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                    file.writelines(lines)
                os.replace(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary, dir_fd=parent)
                raise


@contextmanager
def _parent(directory: Path, path: Path) -> Iterator[tuple[int | None, str]]:
    """Yield the descriptor of a path's directory, and its name there; without descriptors None and the path.

    Raises:
        Refusal: a link was put into the path.
    """
    parts = path.relative_to(directory).parts
    if not parts:
        raise Refusal(f"{path} is not a regular file")
    if not _BY_DESCRIPTOR:
        yield None, str(path)
        return
    descriptor = os.open(directory, _DIRECTORY)
    try:
        for part in parts[:-1]:
            try:
                inner = os.open(part, _DIRECTORY, dir_fd=descriptor)
            except NotADirectoryError:
                raise Refusal(f"{path} leads through what is not a directory") from None
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    raise FileNotFoundError(error.errno, error.strerror, str(path)) from None
                raise Refusal(f"{path} cannot be reached: {error.strerror}") from error
            os.close(descriptor)
            descriptor = inner
        yield descriptor, parts[-1]
    finally:
        os.close(descriptor)


def _require_regular(status: os.stat_result, text: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Refusal(f"{text} is not a regular file")
