"""Tables over a private store."""

from __future__ import annotations

from collections.abc import Iterator
from threading import RLock

import pytest

from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    yield store
    store.close()


@pytest.fixture
def tables(store: Store) -> Tables:
    return Tables(store, RLock())
