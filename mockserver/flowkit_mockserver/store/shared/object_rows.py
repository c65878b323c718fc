"""Rows whose pieces are in an object storage: the database has references to them, and what belongs together.

A piece is there before the commit that names it, and until after the commit that drops it: what a commit drops becomes
a reference of no set, and is removed when that lasts. What a worker that died left behind without a reference is found
by its name, which begins with the state and the worker.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from flowkit_mockserver.store.errors import Interrupted, NotStored, StateDamaged
from flowkit_mockserver.store.rows import RowStore
from flowkit_mockserver.store.shared.database import SharedDatabase
from flowkit_mockserver.store.shared.objects import ObjectStorage, Reference, Storage

__all__ = ["ObjectRows", "open_object_rows"]

log = logging.getLogger(__name__)

_PIECES = (
    "SELECT name, size, digest FROM flowkit_objects WHERE rows_id = :rows_id ORDER BY position"
)
_APPEND = """
    INSERT INTO flowkit_objects (rows_id, name, size, digest)
    VALUES (:rows_id, :name, :size, :digest)"""
_DROP = "UPDATE flowkit_objects SET rows_id = NULL WHERE rows_id = :rows_id RETURNING name"
_DROPPED = "SELECT name FROM flowkit_objects WHERE rows_id IS NULL ORDER BY position LIMIT 1000"
_FORGET = "DELETE FROM flowkit_objects WHERE name = :name AND rows_id IS NULL"
_ANY = "SELECT 1 FROM flowkit_objects WHERE rows_id IS NOT NULL LIMIT 1"
#: The object by which a storage is known to be that of a state.
_MARK = "state"


def open_object_rows(database: SharedDatabase, address: str | None) -> ObjectRows | None:
    """Return the rows in a storage; None where they are in the database.

    Args:
        database: where references are.
        address: the URL of the storage; None for none.

    Raises:
        StateDamaged: the rows of the state are not there.
        StoreUnreachable: the storage cannot be used.
        ValueError: the URL is none.
    """
    if address is not None:
        return ObjectRows(database, ObjectStorage(address))
    if database.read(_ANY):
        raise StateDamaged(
            f"the state in {database.name} has rows in a storage: start with the --storage that they are in"
        )
    return None


class ObjectRows(RowStore):
    """The rows of one worker among others, in an object storage. Sets that are in the database are read from there.

    Args:
        database: where references are.
        storage: where pieces are.

    Raises:
        StateDamaged: the pieces of the state are in another storage.
        StoreUnreachable: the storage cannot be used.
    """

    def __init__(self, database: SharedDatabase, storage: Storage) -> None:
        super().__init__(database, nullcontext())
        self._shared = database
        self._storage = storage
        self._state = _state_name(database)
        # Removes pieces, which nobody has to wait for.
        self._remover = ThreadPoolExecutor(1, "flowkit-storage")
        self._dropped = self._closed = False
        # What was written in a section that is open: undone, it is named nowhere.
        self._written: list[str] = []
        self._mark()

    def _mark(self) -> None:
        """Leave a mark in the storage, or find it there."""
        mark = f"{self._state}/{_MARK}"
        if mark in self._storage.names(mark):
            return
        if self._shared.read(_ANY):
            raise StateDamaged(
                f"the rows of the state in {self._shared.name} are not in {self._storage.name}: start with the"
                " --storage that they are in"
            )
        self._storage.put(mark, b"")

    # Writing and reading

    def _append_encoded(self, rows_id: int, data: bytes, undone: int) -> None:
        name = f"{self._state}/{self._shared.owner}/{uuid.uuid4().hex}"
        piece = self._storage.put(name, data)
        if self._shared.alone:
            self._written.append(name)
        values = {"name": name, "size": piece.size, "digest": piece.digest}
        self._shared.write(_APPEND, {"rows_id": rows_id, **values})

    def chunks(self, rows_id: int) -> Iterator[bytes]:
        """Yield the blocks of a set as the bytes that are stored; see `columns.encoding`."""
        pieces = self._shared.read(_PIECES, {"rows_id": rows_id})
        if not pieces:  # written by a server without a storage
            yield from super().chunks(rows_id)
        for piece in pieces:
            try:
                yield self._storage.get(Reference(*piece))
            except StateDamaged:
                if self._shared.read(_PIECES, {"rows_id": rows_id}):
                    raise
                return  # the set was removed meanwhile

    # Removing

    def _remove(self, rows_id: int) -> None:
        super()._remove(rows_id)
        if self._shared.write(_DROP, {"rows_id": rows_id}):
            self._dropped = True
            if not self._shared.alone:
                self.note_commit()

    def note_commit(self) -> None:
        """Remove what the commit dropped, soon."""
        self._written.clear()
        if self._dropped:
            self._dropped = False
            self._later(self.remove_dropped)

    def note_undo(self) -> None:
        """Remove what was written since the last commit, soon: no reference to it is left."""
        written, self._written = self._written, []
        if written:
            self._later(lambda: self._delete(written))

    def note_clear(self) -> None:
        """Remove all pieces after the next commit, because everything is forgotten."""
        self._dropped = True

    def sweep(self, living: Callable[[], set[str]]) -> None:
        """Remove, soon, what workers that are dead left behind without a reference.

        Args:
            living: returns the names of the workers that are not dead.
        """
        self._later(lambda: self._sweep(living))

    def remove_dropped(self) -> None:
        """Remove the pieces that are of no set any more."""
        while names := [str(name) for (name,) in self._shared.read(_DROPPED)]:
            for name in names:
                self._storage.delete(name)
                self._shared.write(_FORGET, {"name": name})

    def _sweep(self, living: Callable[[], set[str]]) -> None:
        self.remove_dropped()
        # In this order: a worker that is not among the living by then has nothing under way.
        names = self._storage.names(self._state)
        owners = living()
        named = {str(name) for (name,) in self._shared.read("SELECT name FROM flowkit_objects")}
        known = {*owners, _MARK}
        left = [name for name in names if name.split("/")[1] not in known and name not in named]
        self._delete(left)
        if left:
            log.info(
                "removed %d pieces that dead workers left in %s", len(left), self._storage.name
            )

    def _delete(self, names: list[str]) -> None:
        for name in names:
            self._storage.delete(name)

    def _later(self, act: Callable[[], None]) -> None:
        def attempt() -> None:
            try:
                act()
            except (Interrupted, NotStored) as error:
                log.warning("pieces stay in the storage until the next start: %s", error)

        if self._closed:
            attempt()
        else:
            self._remover.submit(attempt)

    def close(self) -> None:
        """Wait until what is to be removed is; whatever comes after that waits for itself."""
        self._closed = True
        self._remover.shutdown()

    def renew_after_fork(self) -> None:
        """Go on in a child, which has no thread that removes."""
        self._remover = ThreadPoolExecutor(1, "flowkit-storage")


def _state_name(database: SharedDatabase) -> str:
    """Return the name of a state, drawn when it is first asked for, by which its pieces are told from others'."""
    sql = "SELECT name FROM flowkit_storage ORDER BY position LIMIT 1"
    if not database.read(sql):
        database.write(
            "INSERT INTO flowkit_storage (name) VALUES (:name)", {"name": uuid.uuid4().hex}
        )
    return str(database.read(sql)[0][0])
