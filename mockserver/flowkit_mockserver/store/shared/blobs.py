"""Files by name that all workers see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from flowkit_mockserver.store.blobs import Blobs
from flowkit_mockserver.store.files import pieces
from flowkit_mockserver.store.interface import Collection
from flowkit_mockserver.store.rows import RowStore

__all__ = ["SharedBlobs"]


class SharedBlobs(Blobs):
    """Files whose content is among the rows; a directory of this worker holds copies of those that it used.

    Args:
        directory: where copies are.
        rows: where the content goes.
        documents: which content is whose.
    """

    def __init__(self, directory: Path, rows: RowStore, documents: Collection) -> None:
        super().__init__(directory)
        self._rows = rows
        self._documents = documents

    def write(self, name: str, content: bytes | Iterable[bytes]) -> Path:
        """Store `content` as `name`, all of it or nothing, and return where a copy is."""
        path = super().write(name, content)
        rows_id, size = self._rows.write_bytes(pieces(path))
        self._release(name)
        self._documents[name] = {"rows_id": rows_id, "size": size}
        self._rows.adopt(rows_id)
        return path

    def _release(self, name: str) -> None:
        document = self._documents.pop(name, None)
        if document is not None:
            self._rows.release(document["rows_id"])

    def read(self, name: str) -> bytes:
        """Return the whole file; FileNotFoundError when there is none."""
        return b"".join(self._pieces(name))

    def open(self, name: str) -> BinaryIO:
        """Open a copy of the file for reading; FileNotFoundError when there is none."""
        return super().write(name, self._pieces(name)).open("rb")

    def _pieces(self, name: str) -> Iterator[bytes]:
        document = self._documents.get(name)
        if document is None:
            raise FileNotFoundError(f"there is no file {name!r}")
        return self._rows.chunks(document["rows_id"])

    def delete(self, name: str) -> None:
        """Remove the file, if it is there."""
        self._release(name)
        super().delete(name)

    def __contains__(self, name: object) -> bool:
        return name in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._documents))

    def clear(self) -> None:
        """Remove the copies; the content is cleared with the rest of the database."""
        super().clear()
