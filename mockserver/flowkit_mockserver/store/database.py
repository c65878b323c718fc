"""The store: a database and a directory, private and forgotten on close, or kept where the user says."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Container, Iterable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from threading import RLock

from flowkit_mockserver.store.blobs import Blobs, remove
from flowkit_mockserver.store.claims import Claims, LocalClaims
from flowkit_mockserver.store.collection import MemoryCollection, StoredCollection
from flowkit_mockserver.store.connection import Connection
from flowkit_mockserver.store.files import Files, LocalFiles
from flowkit_mockserver.store.interface import Collection, Database, Lock
from flowkit_mockserver.store.rows import RowStore

__all__ = ["Store"]

DATABASE = "flowkit-mock.sqlite3"
#: Documents of each collection that are looked at when a state is opened.
CHECKED = 100
#: Collections in which workers on one state tell each other of the clock, of uploads and of files.
_OF_SHARING = frozenset({"blobs", "control", "files"})
_NAMES = "SELECT DISTINCT collection FROM flowkit_documents"


class Store:
    """Everything a server remembers.

    Documents that outlive the server are written down at each commit, and fetched when they are asked for; others live
    in memory. Rows and files are on disk.

    Args:
        directory: where the state survives; None for a private place that is removed on `close`.
        lock: the server's lock, held by whoever uses the store.
        scratch: the private place when `directory` is None, made and removed by someone else.
        database: where the state is that several workers share; None for one of this server's own.

    Attributes:
        home: the directory.
        rows: rows of tables.
        blobs: files by name.
        claims: who computes which task.
        spool: directory for files that are on their way in.
        files: those of them that jobs wait for.

    Raises:
        StoreInUse: another server uses the directory.
        StateDamaged: what is in the directory cannot be read.
    """

    def __init__(
        self,
        directory: Path | None,
        lock: Lock | None = None,
        scratch: Path | None = None,
        database: Database | None = None,
    ) -> None:
        home = directory or scratch or Path(tempfile.mkdtemp(prefix="flowkit-mock-"))
        home.mkdir(parents=True, exist_ok=True)
        self.home = home.resolve()
        self._lock = lock or RLock()
        self._db = database or Connection(home / DATABASE if directory else None)
        # A server that nobody closes, in a test for one, must not leave its directory behind.
        own = None if directory or scratch else home
        self._release = weakref.finalize(self, _release, self._db, own, os.getpid())
        # A shared database looks after its own transactions; one for all threads of a process needs a lock.
        self.rows = RowStore(self._db, nullcontext() if self._db.shared else self._lock)
        self.blobs = Blobs(self.home / "blobs")
        self.claims: Claims = LocalClaims()
        self.spool = self.home / "spool"
        self.spool.mkdir(exist_ok=True)
        self.files: Files = LocalFiles(self.spool)
        self._collections: dict[str, Collection] = {}
        self._stored: list[StoredCollection] = []
        # Files that go with the next commit.
        self._unwanted: list[Path] = []

    @property
    def name(self) -> str:
        """How messages call the place of the state."""
        return self._db.name if self._db.shared else str(self.home)

    @property
    def durable(self) -> bool:
        """True when the state outlives the server."""
        return self._db.durable

    @property
    def lost_changes(self) -> bool:
        """True when changes are gone that nobody has made last yet; `undo` is to be called."""
        return self._db.lost

    def use_lock(self, lock: Lock) -> None:
        """Hold another lock around each use."""
        self._lock = lock
        if not self._db.shared:
            self.rows.lock = lock
        for collection in self._stored:
            collection.lock = lock

    def collection(self, name: str) -> Collection:
        """Return the collection called `name`, empty at first."""
        found = self._collections.get(name)
        if found is not None:
            return found
        if self.durable:
            stored = self._collections[name] = StoredCollection(name, self._db, self._lock)
            self._stored.append(stored)
        else:
            self._collections[name] = MemoryCollection(name)
        return self._collections[name]

    def check(self) -> None:
        """Look whether the newest documents can be read; older ones are looked at when they are asked for.

        Raises:
            StateDamaged: they cannot.
        """
        for collection in self._stored:
            for key in islice(reversed(collection), CHECKED):
                collection[key]

    def names(self) -> list[str]:
        """Return the names of the collections of what a server remembers, in their order."""
        names = set(self._collections)
        if self.durable:
            with self._lock:
                names |= {str(name) for (name,) in self._db.read(_NAMES)}
        return sorted(names - _OF_SHARING)

    def commit(self) -> None:
        """Make all changes last together; cheap when there are none.

        Raises:
            NotStored: they cannot be written. What is in memory is then to be fetched again with `undo`.
        """
        for collection in self._stored:
            collection.flush()
        self._db.commit()
        if self._db.shared:
            self.rows.note_commit()
        if self._unwanted:
            unwanted, self._unwanted = self._unwanted, []
            for path in unwanted:
                path.unlink(missing_ok=True)

    @property
    def changed(self) -> bool:
        """Whether there is something to commit in memory."""
        return any(collection.changed for collection in self._stored)

    def forget(self, changes: Iterable[tuple[str, str]] | None) -> None:
        """Fetch documents anew when they are asked for, because others changed them; None: all."""
        if changes is None:
            for collection in self._stored:
                collection.forget()
            return
        for name, key in changes:
            known = self._collections.get(name)
            if isinstance(known, StoredCollection):
                known.forget(key)

    def undo(self) -> None:
        """Forget what changed since the last commit: the documents are again those that were written down."""
        self._db.undo()
        self.rows.note_undo()
        self._unwanted.clear()
        for collection in self._stored:
            collection.forget()

    def discard(self, path: Path) -> None:
        """Remove a file with the next commit, and not before what takes its place is written down."""
        self.files.drop(path)
        # A worker that the file did not come to has a copy.
        self._unwanted += {path, self.spool / path.name}

    def new_file(self) -> Path:
        """Return the name of a new, empty file in the spool."""
        handle, name = tempfile.mkstemp(dir=self.spool)
        os.close(handle)
        return Path(name)

    def sweep(self, wanted: Container[str]) -> None:
        """Remove what a crash left behind: files in the spool but those `wanted` by name, and rows of no table."""
        for path in self.spool.iterdir():
            if path.name not in wanted:
                remove(path)
        if not self._db.shared:
            self.rows.free_abandoned()

    def empty(self) -> None:
        """Forget all documents and rows with the next commit; files stay, unless they are rows themselves."""
        self.claims.clear()
        if self._db.shared:
            self._db.clear()
            self.rows.note_clear()
            self.forget(None)
            return
        for name in self.names():
            self.collection(name).clear()
        self.rows.release_all()

    def clear(self) -> None:
        """Forget everything, for good."""
        self._unwanted.clear()
        self.claims.clear()
        self._db.clear()
        self.rows.note_clear()
        self.rows.unpin_all()
        for collection in self._collections.values():
            if isinstance(collection, StoredCollection):
                collection.forget()
            else:
                collection.clear()
        self.blobs.clear()
        self.sweep(())

    def close(self) -> None:
        """Commit and give everything back; a private store is removed. Harmless when repeated."""
        if self._release.alive:
            try:
                self.commit()
            finally:
                self._release()


def _release(database: Database, home: Path | None, process: int) -> None:
    if process != os.getpid():  # forked off: both still belong to the parent
        return
    database.close()
    if home is not None:
        shutil.rmtree(home, ignore_errors=True)
