"""Tables over a private store."""

from __future__ import annotations

from collections.abc import Iterator
from threading import RLock
from types import SimpleNamespace
from typing import Any, cast

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
    return Tables(cast(Any, SimpleNamespace(store=store, lock=RLock())))
