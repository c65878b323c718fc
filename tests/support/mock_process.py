"""``flowkit mock`` in a process of its own, for a test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["MockProcess", "mock_process"]

COMMAND = (sys.executable, "-m", "flowkit_mockserver")


@dataclass(frozen=True, slots=True)
class MockProcess:
    """A server that answers.

    Attributes:
        process: its process; its standard output is read up to the announcement.
        url: its address.
        port: its port.
    """

    process: subprocess.Popen[str]
    url: str
    port: int


@contextmanager
def mock_process(
    *options: str,
    command: Sequence[str] = COMMAND,
    environment: Mapping[str, str] | None = None,
    stderr: int | None = None,
) -> Iterator[MockProcess]:
    """Run the server on a free port until the block ends.

    Args:
        options: options of ``flowkit mock``.
        command: what runs them.
        environment: variables beside those of this process.
        stderr: as for `subprocess.Popen`.
    """
    with subprocess.Popen(
        [*command, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = re.search(r"at (https?://127\.0\.0\.1:(\d+))", line)
            assert found, f"no address in {line!r}"
            yield MockProcess(process, found[1], int(found[2]))
        finally:
            if process.poll() is None:
                process.terminate()
