"""Bodies beside a cassette: long ones lie in files of their own, named by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from flowkit import CassetteError
from flowkit_replay.cassette.interactions import BODY, Interaction

__all__ = ["Sink", "folder_of", "found_beside", "put_beside", "replacing", "sweep", "writing"]

DIGEST = re.compile(r"[0-9a-f]{64}")
PIECE = 1024 * 1024


def folder_of(path: Path) -> Path:
    """Return the folder of the bodies that belong to a cassette."""
    return path.with_name(f"{path.name}.bodies")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure of the disk into one sentence about the cassette."""
    try:
        yield
    except OSError as error:
        raise CassetteError(
            f"cassette {path} cannot be written: {error.strerror or error}"
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that takes the place of `path` at the end, or leaves no trace if that fails."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Return the permissions of the file that is replaced, or those of a new one."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0o022)
        os.umask(mask)
        return 0o666 & ~mask


class Sink:
    """Takes a body in pieces, and keeps it in memory or, beyond a limit, in a file by digest.

    Args:
        folder: where the file would lie.
        large: the most bytes kept in memory; None keeps all of them there.
    """

    def __init__(self, folder: Path, large: int | None) -> None:
        self._folder = folder
        self._large = large
        self._held = bytearray()
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Take a piece.

        Raises:
            CassetteError: the disk does not take it.
        """
        if self._file is None:
            self._held += piece
            if self._large is None or len(self._held) <= self._large:
                return
            piece = bytes(self._held)
            self._held.clear()
            with writing(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
                handle, _ = tempfile.mkstemp(prefix=".", dir=self._folder)
                self._file = os.fdopen(handle, "wb")
                self._name = Path(_)
        self._digest.update(piece)
        with writing(self._folder):
            self._file.write(piece)

    def finish(self) -> tuple[bytes, Path | None]:
        """Return the body, or the file that holds it."""
        if self._file is None:
            return bytes(self._held), None
        with writing(self._folder):
            self._file.close()
            place = self._folder / self._digest.hexdigest()
            os.replace(self._name, place)
            place.chmod(_mode(self._folder / ".none"))
        return b"", place

    def discard(self) -> None:
        """Forget everything; harmless once finished."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._name.unlink(missing_ok=True)


def put_beside(one: Interaction, path: Path, large: int | None) -> Interaction:
    """Return an interaction whose long bodies lie beside the cassette `path`.

    Raises:
        CassetteError: the disk does not take one.
    """
    folder = folder_of(path)
    sent, request_beside = _put(one.request_body, one.request_beside, folder, large)
    body, beside = _put(one.body, one.beside, folder, large)
    if (request_beside, beside) == (one.request_beside, one.beside):
        return one
    return replace(one, request_body=sent, request_beside=request_beside, body=body, beside=beside)


def _put(
    body: bytes, beside: Path | None, folder: Path, large: int | None
) -> tuple[bytes, Path | None]:
    if beside is not None and beside.parent == folder:
        return body, beside
    if beside is None and (large is None or len(body) <= large):
        return body, None
    sink = Sink(folder, -1)
    try:
        for piece in _read(beside) if beside else [body]:
            sink.write(piece)
        return sink.finish()
    except BaseException:
        sink.discard()
        raise


def found_beside(one: Interaction, path: Path) -> Interaction:
    """Return a recorded interaction with the files that hold its bodies.

    Raises:
        CassetteError: a file is missing, or was changed.
    """
    request_digest = next(
        (v for k, v in one.request_headers.items() if k.lower() == BODY.lower()), ""
    )
    digest = one.header(BODY)
    if not digest and not request_digest:
        return one
    kept = {k: v for k, v in one.request_headers.items() if k.lower() != BODY.lower()}
    return replace(
        one,
        request_headers=kept,
        headers={k: v for k, v in one.headers.items() if k.lower() != BODY.lower()},
        request_beside=_checked(request_digest, path) if request_digest else None,
        beside=_checked(digest, path) if digest else None,
    )


def _checked(digest: str, path: Path) -> Path:
    if not DIGEST.fullmatch(digest):
        raise CassetteError(f"cassette {path} names a body {digest!r}, which is not a digest")
    place = folder_of(path) / digest
    seen = hashlib.sha256()
    try:
        for piece in _read(place):
            seen.update(piece)
    except OSError as error:
        raise CassetteError(
            f"cassette {path} lacks the body {digest} beside it: {error}"
        ) from error
    if seen.hexdigest() != digest:
        raise CassetteError(f"cassette {path}: the body {digest} beside it was changed")
    return place


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def sweep(path: Path, used: Iterable[str]) -> None:
    """Remove the bodies beside a cassette that it does not name any more."""
    folder = folder_of(path)
    if folder.is_dir():
        kept = set(used)
        for place in folder.iterdir():
            if place.name not in kept:
                place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
