"""The example plugin: a package of its own, installed from its own folder, passes and takes part."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "flowkit-example-plugin"

USE = """
import json
from flowkit import FlowClient

with FlowClient(plugins=["resources", "audit"]) as flow:
    records = {one.name: one.distribution for one in flow.hooks.records}
    print(json.dumps([flow.operations["resource.query"].path, records["audit"]]))
"""
COMMAND = "from flowkit.cli import main; main()"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example into a folder, with nothing but what is here already."""
    folder = tmp_path_factory.mktemp("installed")
    build = tmp_path_factory.mktemp("wheel")
    hatch = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(build)]
    subprocess.run(hatch, cwd=EXAMPLE, check=True, capture_output=True)
    (wheel,) = build.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--target", str(folder), str(wheel)],
        check=True,
        capture_output=True,
    )
    return folder


def run(place: Path, folder: Path, *command: str, **variables: str) -> str:
    paths = [str(place), *filter(None, sys.path)]
    environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_works_by_name(place: Path, tmp_path: Path) -> None:
    assert json.loads(run(place, tmp_path, "-c", USE)) == [
        "resource/query",
        "flowkit-example-plugin 1.0.0",
    ]


def test_it_is_listed(place: Path, tmp_path: Path) -> None:
    shown = run(place, tmp_path, "-c", COMMAND, "plugins", "--json", FLOWKIT_PLUGINS="audit")
    rows = {row["name"]: row for row in json.loads(shown)}
    assert rows["audit"]["enabled"] == "FLOWKIT_PLUGINS"
    assert rows["audit"]["distribution"] == "flowkit-example-plugin 1.0.0"
    assert rows["resources"]["summary"] == "Adds client.resource."


def test_its_operations_are_commands(place: Path, tmp_path: Path) -> None:
    words = ("--plugin", "resources", "resource", "query", "--help")
    shown = run(place, tmp_path, "-c", COMMAND, *words)
    assert "Show the computing resources" in shown


def test_its_own_tests_pass(place: Path, tmp_path: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests"))
    assert "5 passed" in run(place, tmp_path, "-m", "pytest", *options)
