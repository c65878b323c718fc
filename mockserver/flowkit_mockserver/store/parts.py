"""Parts of a store: documents of several servers that have one store, each server's apart from the others'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowkit_mockserver.store.interface import Collection, Document

if TYPE_CHECKING:
    from flowkit_mockserver.store.database import Store

__all__ = ["CollectionPart", "StorePart", "part_of", "without_part"]

#: Stands between the name of a part and a key; it occurs in no name that a client can type.
_SEPARATOR = "\x1e"


def without_part(key: str) -> str:
    """Return a key as the server knows it that has the document, whichever part it is in."""
    return key.rpartition(_SEPARATOR)[2]


def part_of(key: str) -> str | None:
    """Return the part in which a document is; None for one that is in no part."""
    return key.rpartition(_SEPARATOR)[0] or None


class CollectionPart(Collection):
    """The documents of one part of a collection.

    Args:
        documents: the collection.
        part: the name of the part.
    """

    def __init__(self, documents: Collection, part: str) -> None:
        self._documents = documents
        self._prefix = f"{part}{_SEPARATOR}"

    def __getitem__(self, key: str) -> Document:
        return self._documents[self._prefix + key]

    def __setitem__(self, key: str, document: Document) -> None:
        self._documents[self._prefix + key] = document

    def __delitem__(self, key: str) -> None:
        del self._documents[self._prefix + key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._prefix + key in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self.beginning(""))

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.beginning(""))

    def __len__(self) -> int:
        return len(self.beginning(""))

    def labelled(self, label: str) -> list[str]:
        """Return the keys of the documents with a label, in their order."""
        return self._own(self._documents.labelled(label))

    def beginning(self, prefix: str) -> list[str]:
        """Return the keys that begin with a text, in their order."""
        return self._own(self._documents.beginning(self._prefix + prefix))

    def _own(self, keys: list[str]) -> list[str]:
        start = len(self._prefix)
        return [key[start:] for key in keys if key.startswith(self._prefix)]


class StorePart:
    """One server's part of a store: documents of its own, and rows and files in common with the others.

    Args:
        store: the store.
        part: the name of the part.

    Attributes:
        rows: rows of tables.
        blobs: files by name.
        files: files that jobs wait for.
        spool: directory for files that are on their way in.
        home: the directory of the store.
    """

    def __init__(self, store: Store, part: str) -> None:
        self._store = store
        self._part = part
        self.rows, self.blobs, self.files = store.rows, store.blobs, store.files
        self.spool, self.home = store.spool, store.home
        self.new_file, self.discard, self.commit = store.new_file, store.discard, store.commit

    def collection(self, name: str) -> CollectionPart:
        """Return this part of the collection called `name`."""
        return CollectionPart(self._store.collection(name), self._part)
