"""Rows that hold up whoever reads them in another process, until that process is killed."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowkit_mockserver.columns.encoding import EncodedRows, encode
from flowkit_mockserver.columns.text import TextRows
from gates import PATIENCE

__all__ = ["HeldRows"]


class HeldRows(EncodedRows):
    """Rows that the first readers never get: they tell who they are, and wait until they are killed.

    Args:
        folder: an empty directory that all processes see.
        rows: what later readers get.
        held: how many readers wait.
        made: whether another object has prepared the directory.
    """

    def __init__(self, folder: Path, rows: TextRows, held: int = 1, *, made: bool = False) -> None:
        super().__init__([encode(rows)], len(rows))
        self._folder = folder
        self._held = held
        if not made:
            os.mkfifo(folder / "arrivals")
            os.mkfifo(folder / "gate")

    def blocks(self) -> Iterator[Any]:
        for number in range(self._held):
            try:
                (self._folder / str(number)).touch(exist_ok=False)
            except FileExistsError:
                continue
            with (self._folder / "arrivals").open("w") as arrivals:
                arrivals.write(str(os.getpid()))
            (self._folder / "gate").read_text()  # nobody ever writes there
        return super().blocks()

    def reader(self) -> int:
        """Return the process id of the next reader that waits, once there is one."""
        while True:
            arrivals = os.open(self._folder / "arrivals", os.O_RDONLY | os.O_NONBLOCK)
            try:
                if not select.select([arrivals], [], [], PATIENCE)[0]:
                    raise TimeoutError("nobody reads the rows")
                # Nothing but an end comes from one that was killed before it closed its side.
                if text := os.read(arrivals, 20):
                    return int(text)
            finally:
                os.close(arrivals)
