"""Output that has no place to go: one line, and the exit code of what is wrong on this side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["operations"], ["--help"], ["--version"]])
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    program = "from flowkit.cli import main; main()"
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 5
    assert done.stderr == "Error: standard output cannot be written: No space left on device\n"
