"""Sets of tables: each namespace has its world in one of them, and a set that nobody uses any more goes to the next.

To make tables takes a database a tenth of a second; to take a set that is there takes it a statement. A set has one
life after the other: the numbers of its commits begin with that of its life, so that a worker that still works for a
namespace that others have dropped is found out with the look that it takes anyway.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from flowkit_mockserver.store.errors import TooManyNamespaces
from flowkit_mockserver.store.schema import VERSION, clearing, tables
from flowkit_mockserver.store.shared.engine import COMMON, SharedEngine

__all__ = ["TableSet", "TableSets", "life_of"]

#: Numbers of commits in each life of a set.
LIFE = 2**40
#: The lock of those who give sets to namespaces and take them away, on PostgreSQL.
_LOCK = "BEGIN; SELECT pg_advisory_xact_lock(5065427951)"

_FIND = (
    "SELECT number, life, seeded, used <= {now} - :idle, used <= {now} - :recent"
    " FROM flowkit_namespaces WHERE name = :name"
)
_FREE = "SELECT number, life FROM flowkit_namespaces WHERE name IS NULL ORDER BY number LIMIT 1"
_GIVE = (
    "UPDATE flowkit_namespaces SET name = :name, seeded = 0, used = {now},"
    " made = (SELECT coalesce(max(made), 0) + 1 FROM flowkit_namespaces) WHERE number = :number"
)
_DROP = "UPDATE flowkit_namespaces SET name = NULL, life = life + 1 WHERE number = :number"
_NEW = (
    "INSERT INTO flowkit_namespaces (number, life, seeded, used, made) VALUES (:number, 1, 0, 0, 0)"
)


def life_of(number: int) -> int:
    """Return the life of a set in which a commit has a number."""
    return number // LIFE


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables of a namespace.

    Attributes:
        number: which set it is.
        life: how many namespaces have had it, with this one.
        seeded: whether what a namespace starts with is in it.
    """

    number: int
    life: int
    seeded: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """What no other namespace has."""
        return self.number, self.life

    @property
    def topics(self) -> str:
        """What the topics of all namespaces that have had it begin with; no namespace has such a name."""
        return f"{self.number}/"

    @property
    def topic(self) -> str:
        """What the journal of its namespace is about: late notes about one before are not in it."""
        return f"{self.topics}{self.life}"


class TableSets:
    """The sets of tables in one database, and the namespaces that have them. Any number of threads may use it.

    Args:
        engine: the connections.

    Raises (all methods):
        StoreUnreachable: the database cannot be used.
        NotStored: it refuses.
    """

    def __init__(self, engine: SharedEngine) -> None:
        self._engine = engine

    def _read(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        with self._engine.connect() as connection:
            return self._engine.read(connection, sql.format(now=self._engine.now), values)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Connection]:
        """Give and take sets while nobody else does."""
        begin = "BEGIN IMMEDIATE" if self._engine.kind == "sqlite" else _LOCK
        with self._engine.connect() as connection:
            self._engine.command(connection, begin)
            try:
                yield connection
                self._engine.command(connection, "COMMIT")
            except BaseException:
                if not connection.closed and not connection.invalidated:
                    self._engine.command(connection, "ROLLBACK")
                raise

    def find(self, name: str, idle: float | None = None) -> TableSet | None:
        """Return the set of a namespace, which is used thereby, or None while there is none of that name.

        Args:
            name: its name.
            idle: seconds after which one that nobody used is none any more; None for never.
        """
        values = {"idle": 0.0 if idle is None else idle, "recent": (idle or 0.0) / 10}
        found = self._read(_FIND, name=name, **values)
        if not found:
            return None
        number, life, seeded, gone, old = found[0]
        if idle is not None:
            if gone:
                return None
            if old:
                sql = (
                    "UPDATE flowkit_namespaces SET used = {now} WHERE name = :name AND life = :life"
                )
                self._read(sql, name=name, life=life)
        return TableSet(int(str(number)), int(str(life)), bool(seeded))

    def names(self) -> list[str]:
        """Return the names of the namespaces, in the order in which they were made."""
        sql = "SELECT name FROM flowkit_namespaces WHERE name IS NOT NULL ORDER BY made"
        return [str(name) for (name,) in self._read(sql)]

    def idle(self, seconds: float) -> list[str]:
        """Return the names of the namespaces that no worker has used for so many seconds."""
        sql = "SELECT name FROM flowkit_namespaces WHERE name IS NOT NULL AND used <= {now} - :idle"
        return [str(name) for (name,) in self._read(sql, idle=seconds)]

    def take(self, name: str, most: int) -> tuple[TableSet, bool]:
        """Give a set to a namespace, unless it has one.

        Args:
            name: its name.
            most: how many namespaces there may be.

        Returns:
            the set, and whether the namespace was made just now.

        Raises:
            TooManyNamespaces: there are as many as there may be.
        """
        engine = self._engine
        with self._alone() as connection:
            sql = "SELECT number, life, seeded FROM flowkit_namespaces WHERE name = :name"
            if found := engine.read(connection, sql, {"name": name}):
                used = "UPDATE flowkit_namespaces SET used = {now} WHERE name = :name"
                engine.read(connection, used.format(now=engine.now), {"name": name})
                return TableSet(found[0][0], found[0][1], bool(found[0][2])), False
            sql = "SELECT count(name), count(*) FROM flowkit_namespaces"
            named, count = engine.read(connection, sql)[0]
            if named >= most:
                raise TooManyNamespaces(named)
            if not (free := engine.read(connection, _FREE)):
                self._make(connection, count + 1)
                free = [(count + 1, 1)]
            number, life = free[0]
            engine.read(connection, _GIVE.format(now=engine.now), {"name": name, "number": number})
        return TableSet(number, life), True

    def _make(self, connection: Connection, number: int) -> None:
        """Make the tables of a set."""
        made = self._engine.of_set(number)
        statements = tables(made.kind, shared=True, without=COMMON)
        made.command(connection, ";".join(statements))
        made.store_plainly(connection)
        sql = "INSERT INTO flowkit_state (version, number, pruned) VALUES"
        made.command(connection, f"{sql} ({VERSION}, {LIFE}, {LIFE})")
        self._engine.read(connection, _NEW, {"number": number})

    def note_seeded(self, name: str, found: TableSet) -> None:
        """Note that what a namespace starts with is in its tables."""
        sql = "UPDATE flowkit_namespaces SET seeded = 1 WHERE name = :name AND life = :life"
        self._read(sql, name=name, life=found.life)

    def drop(self, name: str, idle: float | None = None) -> TableSet | None:
        """Take the set of a namespace away, with all that is in it.

        Args:
            name: its name.
            idle: only if no worker has used it for so many seconds.

        Returns:
            the set, in its next life; None when there is no such namespace.
        """
        engine = self._engine
        with self._alone() as connection:
            sql = _FIND.format(now=engine.now)
            values = {"name": name, "idle": idle or 0.0, "recent": 0.0}
            found = engine.read(connection, sql, values)
            if not found or (idle is not None and not found[0][3]):
                return None
            number, life = found[0][:2]
            own = engine.of_set(number)
            # Whoever is at work on it ends that first.
            own.lock_set(connection)
            # Pieces in a storage are told of until they are removed there.
            begin = (life + 1) * LIFE
            renew = f"UPDATE flowkit_state SET number = {begin}, pruned = {begin}"
            own.command(connection, ";".join((*clearing(), renew)))
            engine.read(connection, _DROP, {"number": number})
        return TableSet(number, life + 1)
