"""The shared database: any number of workers on one state.

Every worker has a view of the state in memory: services, and documents that it used. Every commit has a number. Before
a request is answered its worker asks for the newest one, and forgets which documents others have changed since the
last that it knew. Whoever changes something does so alone (`SharedLock`), after such a look, and in a short section:
components compute outside. Whoever only looks holds nobody up.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from flowkit_mockserver.store.errors import (
    Dropped,
    NotStored,
    Outdated,
    StateDamaged,
    StoreUnreachable,
)
from flowkit_mockserver.store.interface import Parameters
from flowkit_mockserver.store.schema import VERSION, check_version, clearing, tables
from flowkit_mockserver.store.shared.engine import COMMON, SharedEngine
from flowkit_mockserver.store.shared.table_sets import TableSet, life_of

__all__ = ["Changes", "SharedDatabase"]

#: Collection and key of each document that others changed; None when it may be any.
Changes = frozenset[tuple[str, str]] | None

#: So many commits later nobody is told of a deletion any more: who has not asked since begins anew.
DELETIONS_KEPT = 10_000


class SharedDatabase:
    """A database that other processes use as well; see `interface.Database`.

    Args:
        address: its URL.
        of: the database of the server itself, for that of a namespace, which uses its connections.
        tables: the tables of the namespace.

    Attributes:
        engine: the connections.
        owner: the name of this worker, which no other has.
        fresh: whether the state was made by this worker, just now.

    Raises:
        StoreUnreachable: it does not answer.
        StateDamaged: a newer version wrote the state.
        ValueError: the URL is none of a database that can be shared.
    """

    durable = True
    shared = True
    lost = False
    undone = 0
    place: Path | None = None

    def __init__(
        self, address: str, of: SharedDatabase | None = None, tables: TableSet | None = None
    ) -> None:
        self._of = of
        if of is None or tables is None:
            self.engine, self.owner, self._life = SharedEngine(address), uuid.uuid4().hex, 0
        else:
            self.engine, self.owner = of.engine.of_set(tables.number), of.owner
            self._life = tables.life
        self.number = -1
        self.fresh = False
        # The section that is open in this process, the thread that has it, and whether it may change anything.
        self._connection: Connection | None = None
        self._thread: int | None = None
        self._alone = False
        self._begun = False
        # Whether it wrote anything, and whether others have to hear of it.
        self._wrote = self._news = self._cleared = False
        # For looks at the newest number; used under the lock of the process only.
        self._reader: Connection | None = None
        try:
            self._set_up()
        except NotStored as error:  # a file that is no database shows with the first connection
            self.engine.dispose()
            raise StateDamaged(f"the state in {self.name} cannot be used: {error}") from error
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def name(self) -> str:
        """How messages call it, without a password."""
        return self.engine.name

    def _set_up(self) -> None:
        """Make the tables where they are missing, bring an older state up, and refuse a newer one."""
        connection = self.engine.connect()
        try:
            if self._of is not None:
                sql = "SELECT version FROM flowkit_state"
                found = self.engine.command(connection, sql)
                if found is not None and int(found[0]) == VERSION:
                    return
            begin = "BEGIN IMMEDIATE" if self.engine.kind == "sqlite" else _MAKING
            self.engine.command(connection, begin)
            without = () if self._of is None else COMMON
            for statement in tables(self.engine.kind, shared=True, without=without):
                self.engine.command(connection, statement)
            self.engine.store_plainly(connection)
            found = self.engine.command(connection, "SELECT version FROM flowkit_state")
            self.fresh = found is None
            if found is None:
                sql = (
                    f"INSERT INTO flowkit_state (version, number, pruned) VALUES ({VERSION}, 0, 0)"
                )
                self.engine.command(connection, sql)
            else:
                check_version(int(found[0]), self.name)
                self.engine.command(connection, f"UPDATE flowkit_state SET version = {VERSION}")
            self.engine.command(connection, "COMMIT")
        finally:
            self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        """Return a connection to the pool, out of any transaction."""
        if connection.closed or connection.invalidated:
            return
        raw = connection.connection.dbapi_connection
        if raw is not None and _in_transaction(raw):
            self.engine.command(connection, "ROLLBACK")
        connection.close()

    # Statements

    def read(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query, within the section of this thread if it has one."""
        if self._thread == threading.get_ident():
            return self.engine.read(self._looking(), sql, parameters)
        connection = self.engine.connect()
        try:
            return self.engine.read(connection, sql, parameters)
        finally:
            self._give_back(connection)

    def write(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Run a statement that changes something: within the section of this thread, or at once without one."""
        # What is to be put in order after a commit, or after one that failed, stands for itself.
        through = self._alone and not self._begun
        if self._thread == threading.get_ident() and not through:
            self.begin()
            self._wrote = True
            assert self._connection is not None
            return self.engine.read(self._connection, sql, parameters)
        connection = self.engine.connect()
        try:
            return self.engine.read(connection, sql, parameters)
        finally:
            self._give_back(connection)

    def write_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        """Write documents: run a statement once for each set of parameters, within the section of this thread."""
        self.begin()
        self._wrote = self._news = True
        assert self._connection is not None
        self.engine.write_many(self._connection, sql, parameters)

    # Sections. What is done between `open_alone` and `close_section` happens under the lock of the process.

    def prepare_alone(self) -> tuple[Connection, int]:
        """Wait until nobody else changes anything; to be called without the lock of the process.

        Returns:
            what `open_alone` takes.
        """
        for last in (False, True):
            connection = self.engine.connect()
            try:
                return connection, self.engine.begin_alone(connection)
            # A connection that was kept for long may be broken while the database is there.
            except StoreUnreachable:
                if last:
                    raise
            except BaseException:
                self._give_back(connection)
                raise
        raise AssertionError

    def open_alone(self, prepared: tuple[Connection, int]) -> Changes:
        """Open a section in which this thread may change the state; return what others changed before."""
        self._connection, newest = prepared
        self._thread = threading.get_ident()
        self._alone = self._begun = True
        self._wrote = self._news = False
        return self._learn(self._connection, newest)

    def open_reading(self, *, look: bool = True) -> Changes:
        """Open a section in which this thread sees one state; return what others changed before.

        Args:
            look: False when a look at the newest commit has been taken since the request came.
        """
        self._thread = threading.get_ident()
        self._connection, self._alone, self._begun = None, False, False
        self._wrote = self._news = False
        if not look:
            return frozenset()
        for last in (False, True):
            try:
                reader = self._reading()
                found = self.engine.command(reader, "SELECT number FROM flowkit_state")
                if found is None:
                    raise StoreUnreachable(f"the database {self.name} holds no state any more")
                return self._learn(reader, int(found[0]))
            except StoreUnreachable:
                self._reader = None
                if last:
                    raise
        raise AssertionError

    def _reading(self) -> Connection:
        if self._reader is None or self._reader.closed or self._reader.invalidated:
            self._reader = self.engine.connect()
        return self._reader

    def _learn(self, connection: Connection, newest: int) -> Changes:
        if self._life and life_of(newest) != self._life:
            raise Dropped("the namespace was dropped meanwhile: ask again")
        seen = self.number
        if newest == seen:
            return frozenset()
        changes: Changes = None
        if 0 <= seen <= newest:
            sql = (
                "SELECT collection, key FROM flowkit_documents WHERE number > :seen"
                " UNION SELECT collection, key FROM flowkit_deletions WHERE number > :seen"
            )
            found = self.engine.read(connection, sql, {"seen": seen})
            ((pruned,),) = self.engine.read(connection, "SELECT pruned FROM flowkit_state")
            if pruned <= seen:
                changes = frozenset((row[0], row[1]) for row in found)
        self.number = newest
        return changes

    def _looking(self) -> Connection:
        """Return a connection that sees the state of the section.

        Raises:
            Outdated: that state has passed.
        """
        if (
            self._alone and not self._begun
        ):  # committed or undone: there is nothing left to be alone for
            return self._reading()
        if not self._begun:
            reader = self._reading()
            newest = self.engine.begin_snapshot(reader)
            if newest != self.number:
                self.engine.command(reader, "ROLLBACK")
                raise Outdated("the state was changed while a request looked at it")
            self._connection, self._begun = reader, True
        assert self._connection is not None
        return self._connection

    def begin(self) -> None:
        """Say that something is going to change.

        Raises:
            Outdated: the section is one that only looks, or is through.
        """
        if self._thread != threading.get_ident() or not self._alone:
            raise Outdated("a question changes the state", question=True)
        if not self._begun:
            raise Outdated("the state changes after it was committed")

    @property
    def alone(self) -> bool:
        """Whether this thread may change the state."""
        return self._alone and self._begun and self._thread == threading.get_ident()

    @property
    def changed(self) -> bool:
        """Whether the open section wrote anything that is not committed."""
        return self._wrote

    def commit(self) -> None:
        """Make everything written in the section last, at once; others are told by the number.

        Raises:
            NotStored: it cannot be written.
            StoreUnreachable: nobody knows whether it was written.
        """
        if not self._alone or not self._begun or self._thread != threading.get_ident():
            return
        connection = self._connection
        assert connection is not None
        if self._news:
            number = self.number + 1
            sql = f"UPDATE flowkit_state SET number = {number}"
            if self._cleared:
                sql += f", pruned = {number}"
            elif number % (DELETIONS_KEPT // 10) == 0:
                pruned = max(0, number - DELETIONS_KEPT)
                self.engine.command(
                    connection, f"DELETE FROM flowkit_deletions WHERE number <= {pruned}"
                )
                sql += f", pruned = {pruned}"
            self.engine.command(connection, f"{sql}; COMMIT")
            self.number = number
        else:
            self.engine.command(connection, "COMMIT")
        self._wrote = self._news = self._cleared = self._begun = False
        self._connection = None
        self._give_back(connection)

    def undo(self) -> None:
        """Forget everything written in the section, and what is known of the state."""
        self.number = -1
        connection, self._connection = self._connection, None
        begun, self._begun = self._begun, False
        self._wrote = self._news = self._cleared = False
        if connection is None:
            return
        if connection is not self._reader:
            self._give_back(connection)
        elif begun and not connection.closed and not connection.invalidated:
            self.engine.command(connection, "ROLLBACK")

    def close_section(self) -> None:
        """End the section; what was not committed is undone."""
        connection, alone, begun = self._connection, self._alone, self._begun
        if self._wrote:
            self.number = -1
        self._connection = self._thread = None
        self._alone = self._begun = self._wrote = self._news = self._cleared = False
        try:
            if connection is None:
                return
            if alone:
                self._give_back(connection)
            elif begun and not connection.closed and not connection.invalidated:
                self.engine.command(connection, "COMMIT")
        finally:
            if self._of is not None:  # there may be more namespaces than connections
                self._rest()

    def _rest(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            self._give_back(reader)

    def clear(self) -> None:
        """Forget all there is, for everybody, with the next commit."""
        self.begin()
        assert self._connection is not None
        for statement in clearing():
            self.engine.command(self._connection, statement)
        self._wrote = self._news = self._cleared = True

    def renew_after_fork(self) -> None:
        """Leave the connections to the parent, which goes on with them."""
        self.engine.dispose(close=False)
        self._reader = self._connection = None
        self._thread = None
        self.number = -1
        self.owner = uuid.uuid4().hex if self._of is None else self._of.owner

    def close(self) -> None:
        """Give all connections back. Harmless when repeated."""
        reader, self._reader = self._reader, None
        if reader is not None and not reader.closed:
            reader.close()
        self.engine.dispose()


#: Two workers that start at once must not both make the tables.
_MAKING = "BEGIN; SELECT pg_advisory_xact_lock(5065427950)"


def _in_transaction(raw: Any) -> bool:
    """Say whether a connection of a driver is within a transaction."""
    if hasattr(raw, "in_transaction"):  # sqlite3
        return bool(raw.in_transaction)
    return int(raw.info.transaction_status) != 0
