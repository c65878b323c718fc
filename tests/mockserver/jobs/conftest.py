from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobbing import Bench, bench


@pytest.fixture
def mock() -> Iterator[Bench]:
    with bench() as made:
        yield made
