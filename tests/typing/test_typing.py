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
def test_mypy_accepts_good_plugins_and_typed_answers_and_refuses_mistakes(tmp_path: Path) -> None:
    # An ignored error that does not occur is one itself: warn_unused_ignores is part of --strict.
    files = [str(HERE / f"{name}.py") for name in ("good", "bad", "answers")]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), *files],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
