"""The store: a database and a directory, private and forgotten on close, or kept in a directory of the user's."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable, Container, Iterator, MutableMapping
from pathlib import Path
from threading import RLock
from typing import Any

from flowkit_mockserver.store.blobs import Blobs, remove
from flowkit_mockserver.store.claims import Claims, LocalClaims
from flowkit_mockserver.store.connection import Connection, NotStored, StateDamaged, StoreInUse
from flowkit_mockserver.store.rows import RowStore

__all__ = ["Collection", "NotStored", "StateDamaged", "Store", "StoreInUse"]

DATABASE = "flowkit-mock.sqlite3"


Document = dict[str, Any]


class Collection(MutableMapping[str, Document]):
    """A named set of JSON documents, in the order in which their keys were first set.

    Args:
        documents: what it holds at first.
        changed: called with each key that was set, saved or deleted; None when nobody writes it down.
    """

    def __init__(
        self, documents: dict[str, Document], changed: Callable[[str], None] | None
    ) -> None:
        self._documents = documents
        self._changed = changed

    def __getitem__(self, key: str) -> Document:
        return self._documents[key]

    def __setitem__(self, key: str, document: Document) -> None:
        self._documents[key] = document
        if self._changed is not None:
            self._changed(key)

    def __delitem__(self, key: str) -> None:
        del self._documents[key]
        if self._changed is not None:
            self._changed(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._documents)

    def save(self, key: str) -> None:
        """Note that the document at `key` was changed in place."""
        if self._changed is not None:
            self._changed(key)


class Store:
    """Everything a server remembers.

    Documents live in memory and, in a durable store, are written down at each commit. Rows and
    files are on disk.

    Args:
        directory: where the state survives; None for a private place that is removed on `close`.
        lock: the server's lock, held by whoever uses the store.
        scratch: the private place when `directory` is None, made and removed by someone else.

    Attributes:
        home: the directory.
        rows: rows of tables.
        blobs: files by name.
        claims: who computes which task.
        spool: directory for files that are on their way in.

    Raises:
        StoreInUse: another server uses the directory.
        StateDamaged: what is in the directory cannot be read.
    """

    def __init__(
        self, directory: Path | None, lock: RLock | None = None, scratch: Path | None = None
    ) -> None:
        home = directory or scratch or Path(tempfile.mkdtemp(prefix="flowkit-mock-"))
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self._db = Connection(home / DATABASE if directory else None)
        # A server that nobody closes, in a test for one, must not leave its directory behind.
        own = None if directory or scratch else home
        self._release = weakref.finalize(self, _release, self._db, own, os.getpid())
        self.rows = RowStore(self._db, lock or RLock())
        self.blobs = Blobs(home / "blobs")
        self.claims: Claims = LocalClaims()
        self.spool = home / "spool"
        self.spool.mkdir(exist_ok=True)
        self._collections: dict[str, Collection] = {}
        self._documents: dict[str, dict[str, Document]] = {}
        self._changed: dict[tuple[str, str], None] = {}
        # Files that go with the next commit.
        self._unwanted: list[Path] = []
        try:
            self._load()
        except BaseException:
            self._release()
            raise

    @property
    def durable(self) -> bool:
        """True when the state outlives the server."""
        return self._db.durable

    @property
    def lost_changes(self) -> bool:
        """True when changes are gone that nobody has made last yet; `undo` is to be called."""
        return self._db.lost

    def _load(self) -> None:
        try:
            for name, key, text in self._db.read(
                "SELECT collection, key, document FROM documents ORDER BY position"
            ):
                document = json.loads(text)
                if not isinstance(document, dict):
                    raise ValueError(f"{key!r} in {name!r} is no object")
                self._documents.setdefault(name, {})[key] = document
        except (sqlite3.DatabaseError, ValueError, RecursionError) as error:
            text = f"the state in {self.home} is damaged: {error}; move it away"
            raise StateDamaged(text) from error

    def collection(self, name: str) -> Collection:
        """Return the collection called `name`, empty at first."""
        found = self._collections.get(name)
        if found is None:
            documents = self._documents.setdefault(name, {})
            note = (lambda key: self._changed.update({(name, key): None})) if self.durable else None
            found = self._collections[name] = Collection(documents, note)
        return found

    def names(self) -> list[str]:
        """Return the names of the collections, in the order in which they were first used."""
        return list(self._documents)

    def commit(self) -> None:
        """Make all changes last together; cheap when there are none.

        Raises:
            NotStored: they cannot be written. What is in memory is then to be fetched again with `undo`.
        """
        if self._changed:
            try:
                self._write_documents()
            except sqlite3.Error as error:
                raise NotStored(f"the state could not be written: {error}") from error
        self._db.commit()
        unwanted, self._unwanted = self._unwanted, []
        for path in unwanted:
            path.unlink(missing_ok=True)

    def undo(self) -> None:
        """Forget what changed since the last commit: the documents are again those that were written down."""
        self._db.undo()
        self._unwanted.clear()
        if self.durable:
            self._changed.clear()
            for documents in self._documents.values():
                documents.clear()
            self._load()

    def discard(self, path: Path) -> None:
        """Remove a file with the next commit, and not before what takes its place is written down."""
        self._unwanted.append(path)

    def _write_documents(self) -> None:
        gone = []
        kept = []
        for name, key in self._changed:
            document = self._documents[name].get(key)
            if document is None:
                gone.append((name, key))
            else:
                kept.append((name, *_encode(name, key, document)))
        self._db.write_many("DELETE FROM documents WHERE collection = ? AND key = ?", gone)
        self._db.write_many(
            "INSERT INTO documents (collection, key, document) VALUES (?, ?, ?)"
            " ON CONFLICT (collection, key) DO UPDATE SET document = excluded.document",
            kept,
        )
        self._changed.clear()

    def new_file(self) -> Path:
        """Return the name of a new, empty file in the spool."""
        handle, name = tempfile.mkstemp(dir=self.spool)
        os.close(handle)
        return Path(name)

    def sweep(self, wanted: Container[str]) -> None:
        """Remove what a crash left in the spool: every file but those `wanted` by path."""
        for path in self.spool.iterdir():
            if str(path) not in wanted:
                remove(path)

    def empty(self) -> None:
        """Forget all documents and rows with the next commit; files stay."""
        for name in self.names():
            self.collection(name).clear()
        self.rows.keep_only({})

    def clear(self) -> None:
        """Forget everything, for good."""
        self._changed.clear()
        self._unwanted.clear()
        self.claims.clear()
        for documents in self._documents.values():
            documents.clear()
        self._db.clear()
        self.rows.unpin_all()
        self.blobs.clear()
        self.sweep(())

    def close(self) -> None:
        """Commit and give everything back; a private store is removed. Harmless when repeated."""
        if self._release.alive:
            try:
                self.commit()
            finally:
                self._release()


def _encode(name: str, key: str, document: Document) -> tuple[str, str]:
    """Return a document and its key as they are written down."""
    try:
        key.encode()
        return key, json.dumps(document, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError) as error:
        text = f"{key!r} in {name!r} could not be written: {error}"
        raise NotStored(text, (name, key)) from error


def _release(database: Connection, home: Path | None, process: int) -> None:
    if process != os.getpid():  # forked off: both still belong to the parent
        return
    database.close()
    if home is not None:
        shutil.rmtree(home, ignore_errors=True)
