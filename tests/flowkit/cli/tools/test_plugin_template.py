"""``flowkit plugins new``: a package that passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from installed import install
from terminal import run


class TestNew:
    def test_it_writes_a_package_that_passes_its_tests(self, tmp_path: Path) -> None:
        result = run("plugins", "new", "call-counter", "--directory", str(tmp_path))
        assert result.exit_code == 0, result.output
        folder = tmp_path / "flowkit-call-counter"
        modules = {"flowkit_call_counter": (folder / "flowkit_call_counter.py").read_text()}
        plugins = {"call-counter": "flowkit_call_counter:CallCounter"}
        site = install(tmp_path / "site", "flowkit-call-counter", plugins, modules)
        # As `pip install` would lay it out, without an index.
        paths = [str(site), *filter(None, sys.path)]
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert tests.returncode == 0, tests.stdout
        assert "3 passed" in tests.stdout

    def test_what_it_declares_is_the_entry_point(self, tmp_path: Path) -> None:
        run("plugins", "new", "mine", "--directory", str(tmp_path))
        text = (tmp_path / "flowkit-mine/pyproject.toml").read_text()
        assert '[project.entry-points.flowkit]\nmine = "flowkit_mine:Mine"' in text

    @pytest.mark.parametrize("name", ["Call", "a_b", "-x", "two words", "../up"])
    def test_a_name_that_cannot_be_one_is_refused(self, name: str, tmp_path: Path) -> None:
        result = run("plugins", "new", "--directory", str(tmp_path), "--", name)
        assert result.exit_code != 0
        assert list(tmp_path.iterdir()) == []

    def test_what_is_there_is_not_overwritten(self, tmp_path: Path) -> None:
        run("plugins", "new", "mine", "--directory", str(tmp_path))
        again = run("plugins", "new", "mine", "--directory", str(tmp_path))
        assert "is there already" in again.stderr
