"""What a type checker says of plugins: nothing of good ones, and the mistakes of bad ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.timeout(300)
def test_good_plugins_are_accepted_and_bad_ones_refused(tmp_path: Path) -> None:
    # An ignored error that does not occur is one itself: warn_unused_ignores is part of --strict.
    files = [str(HERE / "good.py"), str(HERE / "bad.py")]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), *files],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
