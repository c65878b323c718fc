"""One connection, whose writes gather until they are committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.store.connection import Connection
from flowkit_mockserver.store.errors import StoreInUse

INSERT = "INSERT INTO flowkit_documents (collection, key, document) VALUES ('jobs', :key, '{}')"


def test_what_is_not_committed_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "db"
    connection = Connection(path)
    connection.write(INSERT, {"key": "1"})
    connection.commit()
    connection.write(INSERT, {"key": "2"})
    connection.close()

    again = Connection(path)
    assert again.read("SELECT key FROM flowkit_documents") == [("1",)]
    again.close()


def test_a_file_has_one_user_at_a_time(tmp_path: Path) -> None:
    connection = Connection(tmp_path / "db")
    with pytest.raises(StoreInUse, match="is in use by another server"):
        Connection(tmp_path / "db")
    connection.close()
