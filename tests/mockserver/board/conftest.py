"""One mock with the demo's jobs for all tests of the board that only look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from boarding import Board, board_of_demo


@pytest.fixture(scope="session")
def board() -> Iterator[Board]:
    """A mock with a job that succeeded and one that failed."""
    with board_of_demo() as found:
        yield found
