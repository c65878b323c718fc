"""Uploaded files on their way to a table: in the spool of this server, or where all workers find them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from flowkit_mockserver.store.interface import Collection
from flowkit_mockserver.store.rows import RowStore

__all__ = ["Files", "LocalFiles", "SharedFiles"]

PIECE = 1024 * 1024


class Files(Protocol):
    """Files by the name that they have in the spool."""

    def put(self, path: Path) -> None:
        """Take a file in; may be called without the lock, and means nothing until `keep`."""

    def keep(self, path: Path) -> None:
        """Keep a file that was put, from the next commit on."""

    def find(self, path: Path) -> Path:
        """Return where a file is on this machine now, which was kept as `path`; nothing is there if it is gone."""

    def drop(self, path: Path) -> None:
        """Forget a file with the next commit; what is on this machine is up to the caller."""


class LocalFiles:
    """Files that stay where they are.

    Args:
        spool: the directory of this server.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def put(self, path: Path) -> None:
        """The file is where it has to be."""

    def keep(self, path: Path) -> None:
        """The file stays where it is."""

    def find(self, path: Path) -> Path:
        """Return the file where it is, or in the spool, which may be another directory than it was."""
        return path if path.exists() else self._spool / path.name

    def drop(self, path: Path) -> None:
        """There is nothing beside the file itself."""


class SharedFiles:
    """Files whose content is among the rows, so that a worker on any machine can read them.

    Args:
        spool: the directory of this worker.
        rows: where the content goes.
        documents: which content is whose.
    """

    def __init__(self, spool: Path, rows: RowStore, documents: Collection) -> None:
        self._spool = spool
        self._rows = rows
        self._documents = documents
        self._put: dict[str, tuple[int, int]] = {}

    def put(self, path: Path) -> None:
        """Copy a file into the database."""
        self._put[path.name] = self._rows.write_bytes(pieces(path))

    def keep(self, path: Path) -> None:
        """Let all workers find a file that was put."""
        rows_id, size = self._put.pop(path.name)
        self._documents[path.name] = {"rows_id": rows_id, "size": size}
        self._rows.adopt(rows_id)

    def find(self, path: Path) -> Path:
        """Return a copy of a file in the spool of this worker."""
        here = self._spool / path.name
        document = None if here.exists() else self._documents.get(path.name)
        if document is not None:
            part = here.with_name(f"{here.name}.part")
            with part.open("wb") as file:
                file.writelines(self._rows.chunks(document["rows_id"]))
            part.replace(here)
        return here

    def drop(self, path: Path) -> None:
        """Forget the content of a file."""
        if (put := self._put.pop(path.name, None)) is not None:
            self._rows.release(put[0])
        if (document := self._documents.pop(path.name, None)) is not None:
            self._rows.release(document["rows_id"])


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the content of a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
