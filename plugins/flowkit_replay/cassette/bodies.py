"""Body files: long bodies lie beside a cassette in files of their own, named by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, TypeVar

from flowkit import CassetteError
from flowkit_replay.cassette.atomic import (
    lock_file,
    new_file_mode,
    remove_abandoned,
    report_disk_errors,
)
from flowkit_replay.cassette.interactions import BODY, Interaction, read_pieces

__all__ = ["BodyWriter", "attach_bodies", "bodies_folder", "store_bodies", "sweep_bodies"]

T = TypeVar("T")

DIGEST = re.compile(r"[0-9a-f]{64}")


def bodies_folder(path: Path) -> Path:
    """Return the folder of the bodies that belong to a cassette."""
    return path.with_name(f"{path.name}.bodies")


class BodyWriter:
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
        self._name = folder
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
            self._file = self._open()
        self._digest.update(piece)
        with report_disk_errors(self._folder):
            self._file.write(piece)

    def _open(self) -> IO[bytes]:
        with report_disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", dir=self._folder)
            self._name = Path(name)
            lock_file(handle)  # it is being written: nobody sweeps it
            return os.fdopen(handle, "wb")

    def finish(self) -> tuple[bytes, Path | None]:
        """Return the body, or the file that holds it."""
        if self._file is None:
            return bytes(self._held), None
        with report_disk_errors(self._folder):
            self._file.close()
            place = self._folder / self._digest.hexdigest()
            self._name.chmod(new_file_mode())
            os.replace(self._name, place)
        return b"", place

    def discard(self) -> None:
        """Forget everything; harmless once finished."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._name.unlink(missing_ok=True)


def store_bodies(one: Interaction, path: Path, large: int | None) -> Interaction:
    """Return an interaction whose long bodies lie beside the cassette `path`.

    Raises:
        CassetteError: the disk does not take one.
    """
    folder = bodies_folder(path)
    request_body, request_file = _store(one.request_body, one.request_body_file, folder, large)
    body, body_file = _store(one.body, one.body_file, folder, large)
    if (request_file, body_file) == (one.request_body_file, one.body_file):
        return one
    return replace(
        one,
        request_body=request_body,
        request_body_file=request_file,
        body=body,
        body_file=body_file,
    )


def _store(
    body: bytes, file: Path | None, folder: Path, large: int | None
) -> tuple[bytes, Path | None]:
    if file is not None and file.parent == folder:
        return body, file
    if file is None and (large is None or len(body) <= large):
        return body, None
    writer = BodyWriter(folder, -1)
    try:
        for piece in read_pieces(file) if file else [body]:
            writer.write(piece)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def attach_bodies(one: Interaction, path: Path) -> Interaction:
    """Return a recorded interaction with the files that hold its bodies.

    Raises:
        CassetteError: a file is missing, or was changed.
    """
    request_digest = one.get_request_header(BODY)
    digest = one.get_header(BODY)
    if not digest and not request_digest:
        return one
    return replace(
        one,
        request_headers=_without_digest(one.request_headers),
        headers=_without_digest(one.headers),
        request_body_file=_verify(request_digest, path) if request_digest else None,
        body_file=_verify(digest, path) if digest else None,
    )


def _without_digest(headers: dict[str, T]) -> dict[str, T]:
    return {name: value for name, value in headers.items() if name.lower() != BODY.lower()}


def _verify(digest: str, path: Path) -> Path:
    """Return the file of a body, once it is known to hold that body."""
    if not DIGEST.fullmatch(digest):
        raise CassetteError(f"cassette {path} names a body {digest!r}, which is not a digest")
    place = bodies_folder(path) / digest
    seen = hashlib.sha256()
    try:
        for piece in read_pieces(place):
            seen.update(piece)
    except OSError as error:
        raise CassetteError(
            f"cassette {path} lacks the body {digest} beside it: {error}"
        ) from error
    if seen.hexdigest() != digest:
        raise CassetteError(f"cassette {path}: the body {digest} beside it was changed")
    return place


def sweep_bodies(path: Path, used: Iterable[str]) -> None:
    """Remove the bodies beside a cassette that it does not name any more."""
    folder = bodies_folder(path)
    if folder.is_dir():
        kept = set(used)
        for place in folder.iterdir():
            if place.name.startswith("."):
                remove_abandoned(place)
            elif place.name not in kept:
                place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
