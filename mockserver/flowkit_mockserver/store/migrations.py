"""How a state of an older version becomes one of the newest; see `schema.VERSION`."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

from flowkit_mockserver.store.collection import label_of

__all__ = ["migrate", "version_of"]


def version_of(database: sqlite3.Connection) -> int:
    """Return the version of the state in a database; 0 when there is none."""
    names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    if "flowkit_state" in names:
        found = database.execute("SELECT version FROM flowkit_state").fetchone()
        return 0 if found is None else int(found[0])
    # The first version had no table for its number.
    return 1 if "documents" in names else 0


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring a state up, within the transaction under way.

    Args:
        database: where it is.
        version: its version; 0 has nothing to bring up.
    """
    if version == 1:
        _prefix_tables(database)
    # From 2 to 3 and 4: there are tables for what is in an object storage, and for namespaces, which are made
    # where they are missing.


def _label_documents(database: sqlite3.Connection) -> None:
    """Give the documents their labels, and each set of rows the number of its users.

    Raises:
        ValueError: they are damaged.
        LookupError: they are damaged.
        TypeError: they are damaged.
    """
    rows = database.execute("SELECT collection, key, document FROM flowkit_documents")
    labels = [
        {"collection": collection, "key": key, "label": label}
        for collection, key, text in rows
        if (label := label_of(collection, json.loads(text))) is not None
    ]
    database.executemany(
        "UPDATE flowkit_documents SET label = :label WHERE collection = :collection AND key = :key",
        labels,
    )
    tables = database.execute("SELECT document FROM flowkit_documents WHERE collection = 'tables'")
    uses = Counter(json.loads(text)["rows_id"] for (text,) in tables)
    database.execute("UPDATE flowkit_rowsets SET uses = 0")
    database.executemany(
        "UPDATE flowkit_rowsets SET uses = ? WHERE rows_id = ?",
        [(count, rows_id) for rows_id, count in uses.items() if rows_id is not None],
    )
    unused = "SELECT rows_id FROM flowkit_rowsets WHERE uses = 0"
    database.execute(f"DELETE FROM flowkit_chunks WHERE rows_id IN ({unused})")
    database.execute("DELETE FROM flowkit_rowsets WHERE uses = 0")


def _prefix_tables(database: sqlite3.Connection) -> None:
    """From 1 to 2: tables have a prefix; documents have labels and are read one by one."""
    database.execute("DROP INDEX IF EXISTS chunks_by_rows")
    for name in ("documents", "rowsets", "chunks"):
        database.execute(f"ALTER TABLE {name} RENAME TO flowkit_{name}")
    database.execute("ALTER TABLE flowkit_documents ADD COLUMN label TEXT")
    database.execute("ALTER TABLE flowkit_documents ADD COLUMN number INTEGER NOT NULL DEFAULT 0")
    database.execute("ALTER TABLE flowkit_rowsets ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
    _label_documents(database)
