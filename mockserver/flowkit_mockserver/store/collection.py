"""Collections of documents: in memory, or in a database, from which each is fetched when somebody asks for it."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from typing import Any

from flowkit_mockserver.store.errors import NotStored, StateDamaged
from flowkit_mockserver.store.interface import Collection, Database, Document, Lock

__all__ = ["MemoryCollection", "StoredCollection", "label_of", "part_label"]

#: By collection, what its documents can be found by beside their keys; None for one that nobody looks for so.
LABELS: Mapping[str, Callable[[Document], str | None]] = {
    "jobs": lambda job: None if "text" in job else "live",
    "model_rows": lambda row: str(row["f_model_version"]),
    "models": lambda model: part_label(model["model_id"], model["model_version"]),
}

#: Documents of one collection that stay in memory after they were used.
KEPT = 512
#: Documents that are fetched at a time when all are gone through.
FIRST_PAGE, PAGE = 16, 256
#: Stands after any character that a key may have.
_LAST = "\U0010ffff"


def label_of(collection: str, document: Document) -> str | None:
    """Return the label of a document."""
    label = LABELS.get(collection)
    return None if label is None else label(document)


def part_label(model_id: object, model_version: object) -> str:
    """Return the label of the parts of a model."""
    return json.dumps([str(model_id), str(model_version)])


class MemoryCollection(Collection):
    """Documents that nobody writes down.

    Args:
        name: what it is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._documents: dict[str, Document] = {}
        self._by_label: dict[str, dict[str, None]] = {}
        self._labels: dict[str, str] = {}

    def __getitem__(self, key: str) -> Document:
        return self._documents[key]

    def __setitem__(self, key: str, document: Document) -> None:
        self._documents[key] = document
        label = label_of(self._name, document)
        if label != self._labels.get(key):
            self._unlabel(key)
            if label is not None:
                self._labels[key] = label
                self._by_label.setdefault(label, {})[key] = None

    def __delitem__(self, key: str) -> None:
        del self._documents[key]
        self._unlabel(key)

    def clear(self) -> None:
        """Remove all documents."""
        for held in (self._documents, self._by_label, self._labels):
            held.clear()

    def _unlabel(self, key: str) -> None:
        label = self._labels.pop(key, None)
        if label is not None:
            del self._by_label[label][key]
            if not self._by_label[label]:
                del self._by_label[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._documents)

    def labelled(self, label: str) -> list[str]:
        """Return the keys of the documents with a label, in their order."""
        return list(self._by_label.get(label, ()))

    def beginning(self, prefix: str) -> list[str]:
        """Return the keys that begin with a text, in their order."""
        return [key for key in self._documents if key.startswith(prefix)]


class StoredCollection(Collection):
    """Documents in a database: those in use are in memory, and changes gather there until `flush`.

    Args:
        name: what it is called.
        database: where they are.
        lock: taken around each use.
    """

    def __init__(self, name: str, database: Database, lock: Lock) -> None:
        self._name = name
        self._db = database
        self.lock = lock
        self._kept: OrderedDict[str, Document] = OrderedDict()
        # What is to be written: documents, and the keys that were deleted before.
        self._changed: dict[str, Document] = {}
        self._deleted: set[str] = set()

    # One document

    def __getitem__(self, key: str) -> Document:
        with self.lock:
            found = self._held(key)
            return self._fetch(key) if found is None else found

    def _held(self, key: str) -> Document | None:
        found = self._changed.get(key)
        if found is None:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        return found

    def _fetch(self, key: str) -> Document:
        if key in self._deleted or not isinstance(key, str) or "\0" in key:
            raise KeyError(key)
        rows = self._db.read(
            "SELECT document FROM flowkit_documents WHERE collection = :collection AND key = :key",
            {"collection": self._name, "key": key},
        )
        if not rows:
            raise KeyError(key)
        return self._keep(key, rows[0][0])

    def _keep(self, key: str, text: str) -> Document:
        document = self._parse(key, text)
        self._kept[key] = document
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return document

    def _parse(self, key: str, text: str) -> Document:
        try:
            document = json.loads(text)
            if isinstance(document, dict):
                return document
            problem = "it is no object"
        except (ValueError, RecursionError) as error:
            problem = str(error)
        raise StateDamaged(
            f"the state in {self._db.name} is damaged: {key!r} in {self._name!r}: {problem}; move it away"
        )

    def __setitem__(self, key: str, document: Document) -> None:
        with self.lock:
            self._db.begin()
            self._kept.pop(key, None)
            self._changed[key] = document

    def __delitem__(self, key: str) -> None:
        with self.lock:
            self[key]
            self._db.begin()
            self._kept.pop(key, None)
            self._changed.pop(key, None)
            self._deleted.add(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def clear(self) -> None:
        """Remove all documents."""
        with self.lock:
            keys = list(self)
            self._db.begin()
            self.forget()
            self._deleted.update(keys)

    # All of them

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._pages("key, ''"))

    def __reversed__(self) -> Iterator[str]:
        return (key for key, _ in self._pages("key, ''", newest=True))

    def __len__(self) -> int:
        sql = "SELECT count(*) FROM flowkit_documents WHERE collection = :collection"
        return int(self._ask(sql)[0][0])

    def items(self) -> ItemsView[str, Document]:
        """Return keys and documents, fetched page by page."""
        return _Items(self, self._documents)

    def values(self) -> ValuesView[Document]:
        """Return the documents, fetched page by page."""
        return _Values(self, self._documents)

    def _documents(self) -> Iterator[tuple[str, Document]]:
        for key, text in self._pages("key, document"):
            with self.lock:
                found = self._held(key)
                yield key, self._keep(key, text) if found is None else found

    def labelled(self, label: str) -> list[str]:
        """Return the keys of the documents with a label, in their order."""
        sql = (
            "SELECT key FROM flowkit_documents"
            " WHERE collection = :collection AND label = :label ORDER BY position"
        )
        return [key for (key,) in self._ask(sql, label=label)]

    def beginning(self, prefix: str) -> list[str]:
        """Return the keys that begin with a text, in their order."""
        sql = (
            "SELECT key FROM flowkit_documents WHERE collection = :collection"
            " AND key >= :first AND key < :last ORDER BY position"
        )
        return [key for (key,) in self._ask(sql, first=prefix, last=prefix + _LAST)]

    def _pages(self, columns: str, *, newest: bool = False) -> Iterator[tuple[str, str]]:
        after, order = ("<", "DESC") if newest else (">", "ASC")
        sql = (
            f"SELECT position, {columns} FROM flowkit_documents WHERE collection = :collection"
            f" AND position {after} :position ORDER BY position {order} LIMIT :page"
        )
        # Whoever wants a few is not made to wait for many.
        page, position = FIRST_PAGE, 2**62 if newest else -1
        while rows := self._ask(sql, position=position, page=page):
            for _, key, text in rows:
                yield key, text
            position = rows[-1][0]
            if len(rows) < page:
                return
            page = PAGE

    def _ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            self.flush()
            return self._db.read(sql, {"collection": self._name, **parameters})

    # Writing down

    def flush(self) -> None:
        """Write down what changed, within the transaction under way.

        Raises:
            NotStored: a document cannot be written; the error names it.
        """
        if not self._changed and not self._deleted:
            return
        number = self._db.number + 1
        gone = [{"collection": self._name, "key": key, "number": number} for key in self._deleted]
        kept = [
            {"collection": self._name, "number": number, **self._encode(key, document)}
            for key, document in self._changed.items()
        ]
        if gone:
            sql = "DELETE FROM flowkit_documents WHERE collection = :collection AND key = :key"
            self._db.write_many(
                sql, [{"collection": self._name, "key": row["key"]} for row in gone]
            )
            if self._db.shared:
                self._db.write_many(
                    "INSERT INTO flowkit_deletions (number, collection, key)"
                    " VALUES (:number, :collection, :key)",
                    gone,
                )
        if kept:
            self._db.write_many(
                "INSERT INTO flowkit_documents (collection, key, document, label, number)"
                " VALUES (:collection, :key, :document, :label, :number)"
                " ON CONFLICT (collection, key) DO UPDATE SET document = excluded.document,"
                " label = excluded.label, number = excluded.number",
                kept,
            )
        for key, document in self._changed.items():
            self._kept[key] = document
        self._changed.clear()
        self._deleted.clear()
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _encode(self, key: str, document: Document) -> dict[str, Any]:
        """Return a document and its key as they are written down."""
        try:
            key.encode()
            if "\0" in key:
                raise ValueError("a key cannot hold a NUL")
            text = json.dumps(document, separators=(",", ":"))
            return {"key": key, "document": text, "label": label_of(self._name, document)}
        except (RecursionError, TypeError, ValueError) as error:
            problem = f"{key!r} in {self._name!r} could not be written: {error}"
            raise NotStored(problem, (self._name, key)) from error

    @property
    def changed(self) -> bool:
        """Whether there is something to write down."""
        return bool(self._changed or self._deleted)

    def forget(self, key: str | None = None) -> None:
        """Fetch a document, or all, anew when it is asked for; what was not written down is lost."""
        if key is None:
            for held in (self._kept, self._changed, self._deleted):
                held.clear()
        else:
            self._kept.pop(key, None)


_Pairs = Callable[[], Iterator[tuple[str, Document]]]


class _Items(ItemsView[str, Document]):
    def __init__(self, collection: StoredCollection, pairs: _Pairs) -> None:
        super().__init__(collection)
        self._pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return self._pairs()


class _Values(ValuesView[Document]):
    def __init__(self, collection: StoredCollection, pairs: _Pairs) -> None:
        super().__init__(collection)
        self._pairs = pairs

    def __iter__(self) -> Iterator[Document]:
        return (document for _, document in self._pairs())
