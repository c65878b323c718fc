from __future__ import annotations

from collections.abc import Iterator
from threading import RLock
from types import SimpleNamespace
from typing import Any

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Store


@pytest.fixture
def state() -> Iterator[Any]:
    """As much of a server as services of models need when no job is involved."""
    store = Store(None)
    yield SimpleNamespace(
        store=store,
        lock=RLock(),
        clock=ManualClock(1_622_512_984.0),
        settings=Settings(root="/srv/fate"),
    )
    store.close()
