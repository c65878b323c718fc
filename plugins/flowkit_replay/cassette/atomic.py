"""Files that are written whole or not at all, and what a killed process left of them."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flowkit import CassetteError

__all__ = [
    "lock_file",
    "new_file_mode",
    "remove_abandoned",
    "replace_file",
    "report_disk_errors",
    "sweep_temporary",
]

LONGEST_NAME = 100


@contextmanager
def report_disk_errors(path: Path) -> Iterator[None]:
    """Turn a failure of the disk into one sentence about the cassette `path`."""
    try:
        yield
    except OSError as error:
        raise CassetteError(
            f"cassette {path} cannot be written: {error.strerror or error}"
        ) from error


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes the place of `path` at the end, or leaves no trace if that fails."""
    handle, name = tempfile.mkstemp(prefix=_prefix(path), dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            lock_file(file.fileno())  # it is being written: nobody sweeps it
            yield file
            file.flush()
            os.fsync(file.fileno())
            Path(name).chmod(_mode(path))
            if os.name != "nt":
                os.replace(name, path)
        if os.name == "nt":  # an open file cannot be moved there
            os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def sweep_temporary(path: Path) -> None:
    """Remove what processes that were killed while they wrote `path` have left beside it.

    Raises:
        OSError: the disk refuses.
    """
    pattern = re.compile(re.escape(_prefix(path)) + r"[a-z0-9_]{8}")
    for place in path.parent.iterdir():
        if pattern.fullmatch(place.name):
            remove_abandoned(place)


def remove_abandoned(place: Path) -> None:
    """Remove a temporary file unless the process that writes it is alive.

    Raises:
        OSError: the disk refuses.
    """
    try:
        file = os.open(place, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        abandoned = lock_file(file)
    finally:
        os.close(file)
    if abandoned:
        place.unlink(missing_ok=True)


def lock_file(file: int) -> bool:
    """Lock an open file for as long as it is open; the system lets go when the process dies.

    Returns:
        False when another process, or another opening of the file, holds the lock.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: the last writer is still noticed on saving
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def new_file_mode() -> int:
    """Return the permissions of a new file."""
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask


def _prefix(path: Path) -> str:
    return f".{path.name[:LONGEST_NAME]}."


def _mode(path: Path) -> int:
    """Return the permissions of the file that is replaced, or those of a new one."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return new_file_mode()
