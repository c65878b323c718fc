"""A state of an older version is brought up, a newer one is refused."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.store import StateDamaged, Store
from flowkit_mockserver.store.database import DATABASE
from flowkit_mockserver.store.schema import VERSION

#: The tables of the first version.
FIRST = """
CREATE TABLE documents (
    position INTEGER PRIMARY KEY,
    collection TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,
    UNIQUE (collection, key));
CREATE TABLE rowsets (
    rows_id INTEGER PRIMARY KEY AUTOINCREMENT, count INTEGER NOT NULL, uses INTEGER NOT NULL);
CREATE TABLE chunks (
    position INTEGER PRIMARY KEY, rows_id INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX chunks_by_rows ON chunks (rows_id, position);
"""


def first_version(folder: Path) -> Path:
    """Write a state as the first version left it: a tag, a live and an ended job, a table, and rows of no table."""
    store = Store(folder)
    store.rows.write([("a", "1")])
    store.rows.write([("b", "2")])
    store.commit()
    chunks = store._db.read("SELECT position, rows_id, data FROM flowkit_chunks")
    store.close()
    path = folder / DATABASE
    path.unlink()
    documents = [
        ("tags", "1", {"name": "gold", "description": None, "versions": {}}),
        ("jobs", "live", {"status": None}),
        ("jobs", "ended", {"text": "{}"}),
        ("tables", '["n","t"]', {"rows_id": 1, "count": 1}),
        ("model_rows", "guest#1#m/2", {"f_model_version": "2"}),
    ]
    database = sqlite3.connect(path)
    database.executescript(FIRST)
    database.executemany(
        "INSERT INTO documents (collection, key, document) VALUES (?, ?, ?)",
        [(name, key, json.dumps(document)) for name, key, document in documents],
    )
    # A crash left the second one with a user that no document names.
    database.executemany("INSERT INTO rowsets (count, uses) VALUES (1, ?)", [(7,), (1,)])
    database.executemany("INSERT INTO chunks VALUES (?, ?, ?)", chunks)
    database.commit()
    database.close()
    return path


def test_a_state_of_the_first_version_is_brought_up(tmp_path: Path) -> None:
    first_version(tmp_path)

    store = Store(tmp_path)

    assert store.collection("tags")["1"]["name"] == "gold"
    assert store.collection("jobs").labelled("live") == ["live"]
    assert store.collection("model_rows").labelled("2") == ["guest#1#m/2"]
    assert list(store.rows.read(1)) == [("a", "1")]
    assert store.rows.count(2) == 0
    store.rows.release(1)
    assert store.rows.count(1) == 0
    store.close()


def test_one_that_cannot_be_brought_up_stays_as_it_is(tmp_path: Path) -> None:
    path = first_version(tmp_path)
    database = sqlite3.connect(path)
    database.execute("UPDATE documents SET document = '[]' WHERE collection = 'tables'")
    database.commit()
    database.close()

    with pytest.raises(StateDamaged, match=r"flowkit-mock.sqlite3 is damaged: .*; move it away"):
        Store(tmp_path)

    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM documents").fetchone() == (5,)
    database.close()


def test_a_newer_state_is_refused_with_the_way_out(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("UPDATE flowkit_state SET version = ?", (VERSION + 1,))
    database.commit()
    database.close()

    with pytest.raises(StateDamaged, match=r"of version \d+, .* knows versions up to \d+: start"):
        MockServer(data=tmp_path)
