"""``flowkit plugins new``: a package that passes its own tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from installed import install
from terminal import run

ROOT = Path(__file__).parents[3]


def has_pyright() -> bool:
    command = [sys.executable, "-m", "pyright", "--version"]
    found = subprocess.run(command, capture_output=True, check=False)
    return shutil.which("node") is not None and found.returncode == 0


class TestNew:
    def test_it_writes_a_package_that_passes_its_tests(self, tmp_path: Path) -> None:
        result = run("plugins", "new", "call-counter", "--directory", str(tmp_path))
        assert result.exit_code == 0, result.output
        folder = tmp_path / "flowkit-call-counter"
        plugins = {"call-counter": "flowkit_call_counter:CallCounter"}
        site = install(tmp_path / "site", "flowkit-call-counter", plugins, {})
        # As `pip install -e` would lay it out, without an index.
        paths = [str(folder), str(site), *filter(None, sys.path)]
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

    @pytest.mark.parametrize(
        "checker", [("mypy", "--strict", "--no-incremental"), ("pyright",)], ids=["mypy", "pyright"]
    )
    def test_type_checkers_find_no_fault(self, checker: tuple[str, ...], tmp_path: Path) -> None:
        if checker[0] == "pyright" and not has_pyright():
            pytest.skip("pyright needs node, and is fetched when it is first run")
        run("plugins", "new", "call-counter", "--directory", str(tmp_path))
        folder = tmp_path / "flowkit-call-counter"
        assert (folder / "flowkit_call_counter" / "py.typed").is_file()
        paths = [folder, ROOT, ROOT / "plugins", ROOT / "mockserver"]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "MYPYPATH": os.pathsep.join(map(str, paths)),
            "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
        }
        if checker[0] == "pyright":
            settings = {
                "typeCheckingMode": "strict",
                "extraPaths": [str(path) for path in paths[1:]],
                "venvPath": str(Path(sys.prefix).parent),
                "venv": Path(sys.prefix).name,
            }
            (folder / "pyrightconfig.json").write_text(json.dumps(settings))
        checked = subprocess.run(
            [sys.executable, "-m", *checker, "flowkit_call_counter", "tests"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

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
