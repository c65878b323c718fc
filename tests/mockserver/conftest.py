"""Databases that workers share: a file, and a real PostgreSQL, which runs as long as the tests of one process do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import PostgreSQL, postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL; a test that ends it starts it again."""
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database that workers can share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shared.sqlite3"
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    return server.create()
