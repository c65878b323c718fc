"""A database that SQLAlchemy reaches: connections, and what is said when there are none.

Connections leave transactions to the statements that begin and end them, so that both kinds of database do the same.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from flowkit_mockserver.store.errors import NotStored, StoreUnreachable
from flowkit_mockserver.store.interface import Parameters

__all__ = ["COMMON", "SharedEngine", "parse_url"]

#: Kinds of database, and the driver of each.
DRIVERS = {"postgresql": "psycopg", "sqlite": "pysqlite"}
#: Seconds to wait for a connection, and for a section of another worker.
CONNECT_TIME = 5
SECTION_TIME = 30
#: The lock that workers on one PostgreSQL database take in turns: any number, as long as it is the same for all.
_ADVISORY_KEY = 0x464C4F574B4954
#: Errors of PostgreSQL that say that it cannot be used now: connections, shutdowns, locks and too many clients.
_UNREACHABLE = ("08", "57P", "53300", "55P03", "25P03")

_SETTINGS = {
    "postgresql": (
        f"SET lock_timeout = '{SECTION_TIME}s'; SET idle_in_transaction_session_timeout = '60s'"
    ),
    "sqlite": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
}
#: Begin a section in which nobody else changes anything, and one that looks at a state that stays the same.
_LOCK_SET = "SELECT pg_advisory_xact_lock({key})"
_ALONE = {"postgresql": f"BEGIN; {_LOCK_SET}", "sqlite": "BEGIN IMMEDIATE"}
_SNAPSHOT = {
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "sqlite": "BEGIN",
}
_COMPRESSED = (
    "SELECT 1 FROM pg_attribute WHERE attrelid = 'flowkit_chunks'::regclass AND attname = 'data'"
    " AND attstorage <> 'e'"
)
_NOW = {
    "postgresql": "extract(epoch FROM clock_timestamp())",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}


#: Tables of which there is one for all namespaces; each has a set of the others, told apart by their names.
COMMON = frozenset({"flowkit_workers", "flowkit_namespaces"})
_OF_A_SET = re.compile(
    rf"flowkit_(?!{'|'.join(name.removeprefix('flowkit_') for name in sorted(COMMON))})"
)


def parse_url(address: str) -> URL:
    """Return the URL of a database that workers can share.

    Raises:
        ValueError: it is none; the text says what is, and shows no password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError(
            "database must be a URL such as postgresql+psycopg://user@host/name or sqlite:///file"
        ) from None
    kind = url.get_backend_name()
    driver = DRIVERS.get(kind)
    if driver is None or url.drivername not in (kind, f"{kind}+{driver}"):
        raise ValueError(
            f"database cannot be {url.drivername}: a state is shared on postgresql+psycopg:// or sqlite:///file"
        )
    if kind == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("a database in memory cannot be shared; name a file: sqlite:///file")
    return url.set(drivername=f"{kind}+{driver}")


class SharedEngine:
    """Connections to one database.

    Args:
        address: its URL.
        lasting: whether what is committed must be there when the machine of the database has lost its power.

    Attributes:
        kind: ``postgresql`` or ``sqlite``.
        name: how messages call it, without a password.
        now: an expression for the seconds since the epoch, by the clock that all workers share.

    Raises:
        ValueError: the URL is none.
    """

    def __init__(self, address: str, *, lasting: bool = True) -> None:
        url = parse_url(address)
        self._lasting = lasting
        self.kind = url.get_backend_name()
        self.name = _public_name(url)
        self.now = _NOW[self.kind]
        arguments: dict[str, Any] = {"timeout": SECTION_TIME}
        if self.kind == "postgresql":
            arguments = {
                "connect_timeout": int(str(url.query.get("connect_timeout", CONNECT_TIME)))
            }
        try:
            self._engine = create_engine(
                url,
                isolation_level="AUTOCOMMIT",
                connect_args=arguments,
                pool_size=8,
                max_overflow=24,
                pool_timeout=SECTION_TIME,
                hide_parameters=True,
            )
        except (ImportError, NoSuchModuleError) as error:
            raise ValueError(
                f"{self.name} needs a driver: pip install 'fate-flowkit[database]' ({error})"
            ) from None
        event.listen(self._engine, "connect", self._set_up)
        # Which set of tables statements are about; 0 for the server's own.
        self._set = 0
        self._texts: dict[str, Any] = {}
        self._natives: dict[str, str] = {}

    def of_set(self, number: int) -> SharedEngine:
        """Return the same connections for statements that are about the tables of a set; see `table_sets`."""
        other = copy.copy(self)
        other._set, other._texts, other._natives = number, {}, {}
        return other

    def _named(self, sql: str) -> str:
        """Return a statement with the names of the tables of this set."""
        return _OF_A_SET.sub(f"flowkit_{self._set}_", sql) if self._set else sql

    def _set_up(self, connection: Any, record: object) -> None:
        cursor = connection.cursor()
        if self.kind == "sqlite":
            for statement in _SETTINGS["sqlite"].split(";"):
                cursor.execute(statement)
            if not self._lasting:
                cursor.execute("PRAGMA synchronous = OFF")
        else:
            cursor.execute(_SETTINGS["postgresql"])
            if not self._lasting:
                cursor.execute("SET synchronous_commit = off")
            connection.commit()
        cursor.close()

    def __repr__(self) -> str:
        return f"<SharedEngine {self.name}>"

    @contextlib.contextmanager
    def errors(self, connection: Connection | None = None) -> Iterator[None]:
        """Turn what SQLAlchemy and the driver raise into errors of the store; drop a connection that is broken.

        Raises:
            StoreUnreachable: the database cannot be used now.
            NotStored: it refuses.
        """
        driver = self._engine.dialect.dbapi
        assert driver is not None
        try:
            yield
        except (SQLAlchemyError, driver.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            reason = " ".join(str(cause).split())
            if not self._is_absence(cause):
                raise NotStored(f"the state could not be written: {reason}") from None
            if connection is not None:
                with contextlib.suppress(SQLAlchemyError, driver.Error):
                    connection.invalidate()
                    connection.close()
            # All other connections that wait are broken, too.
            self._engine.dispose()
            raise StoreUnreachable(f"the database {self.name} cannot be used: {reason}") from None

    def _is_absence(self, cause: BaseException | None) -> bool:
        driver = self._engine.dialect.dbapi
        assert driver is not None
        if not isinstance(cause, driver.Error):
            return True
        if self.kind == "sqlite":
            return "locked" in str(cause) or "unable to open" in str(cause)
        state = getattr(cause, "sqlstate", None)
        if state is None:
            return isinstance(cause, driver.OperationalError | driver.InterfaceError)
        return str(state).startswith(_UNREACHABLE)

    def connect(self) -> Connection:
        """Return a connection; the caller closes it.

        Raises:
            StoreUnreachable: there is none.
        """
        with self.errors():
            return self._engine.connect()

    def read(
        self, connection: Connection, sql: str, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Run a statement; return the rows that it gives back."""
        with self.errors(connection):
            found = connection.execute(self._text(sql), dict(parameters or {}))
            return [tuple(row) for row in found] if found.returns_rows else []

    def write_many(
        self, connection: Connection, sql: str, parameters: Sequence[Parameters]
    ) -> None:
        """Run a statement once for each set of parameters."""
        with self.errors(connection):
            connection.execute(self._text(sql), [dict(one) for one in parameters])

    def _text(self, sql: str) -> Any:
        found = self._texts.get(sql)
        if found is None:
            found = self._texts[sql] = text(self._named(sql))
        return found

    def command(self, connection: Connection, sql: str) -> tuple[Any, ...] | None:
        """Run statements without parameters as they are, in one go; return the first row of the last one.

        The way past SQLAlchemy for what every request asks.
        """
        if self._set:
            sql = self._named(sql)
        with self.errors(connection):
            raw = connection.connection.dbapi_connection
            assert raw is not None
            cursor = raw.cursor()
            try:
                if self.kind == "sqlite":
                    for statement in sql.split(";"):
                        cursor.execute(statement)
                else:
                    cursor.execute(sql)
                    while cursor.nextset():
                        pass
                return cursor.fetchone() if cursor.description else None
            finally:
                cursor.close()

    def run(
        self, connection: Connection, sql: str, parameters: Parameters
    ) -> list[tuple[Any, ...]]:
        """Run a statement past SQLAlchemy, which costs more than the driver; return the rows that it gives back.

        Args:
            connection: the connection.
            sql: the statement, with parameters as ``:name`` and no other colon.
            parameters: their values.
        """
        native = self._natives.get(sql)
        if native is None:
            native = self._named(sql)
            if self.kind == "postgresql":
                native = re.sub(r":(\w+)", r"%(\1)s", native)
            self._natives[sql] = native
        with self.errors(connection):
            raw = connection.connection.dbapi_connection
            assert raw is not None
            cursor = raw.cursor()
            try:
                cursor.execute(native, parameters)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            finally:
                cursor.close()

    def store_plainly(self, connection: Connection) -> None:
        """Keep PostgreSQL from compressing rows, which costs it more than all else and gains little with numbers."""
        if self.kind == "postgresql" and self.command(connection, _COMPRESSED) is not None:
            self.command(connection, "ALTER TABLE flowkit_chunks ALTER data SET STORAGE EXTERNAL")

    def begin_alone(self, connection: Connection) -> int:
        """Begin a section in which nobody else changes anything; return the number of the newest commit."""
        return self._number(connection, _ALONE[self.kind].format(key=_ADVISORY_KEY + self._set))

    def lock_set(self, connection: Connection) -> None:
        """Wait, within a transaction, until nobody is at work on the tables of this set."""
        if self.kind == "postgresql":
            self.command(connection, _LOCK_SET.format(key=_ADVISORY_KEY + self._set))

    def begin_snapshot(self, connection: Connection) -> int:
        """Begin a section that sees one state; return the number of its newest commit."""
        return self._number(connection, _SNAPSHOT[self.kind])

    def _number(self, connection: Connection, begin: str) -> int:
        found = self.command(connection, f"{begin}; SELECT number FROM flowkit_state")
        assert found is not None
        return int(found[0])

    def dispose(self, *, close: bool = True) -> None:
        """Give all connections back; with `close` false they belong to another process, which goes on with them."""
        if not self._set:  # otherwise they are not its own
            self._engine.dispose(close=close)


def _public_name(url: URL) -> str:
    """Return a URL without its password, and without a query, which may hold one."""
    return url.set(query={}).render_as_string(hide_password=True)
