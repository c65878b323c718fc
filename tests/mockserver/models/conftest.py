from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.store import Store
from trained import Api, mock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_622_512_984.0)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    yield store
    store.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with mock() as api:
        yield api


@pytest.fixture
def version(api: Api) -> str:
    return api.train()
