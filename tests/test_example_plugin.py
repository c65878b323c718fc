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
from click.testing import CliRunner
from flowkit import FlowClient
from flowkit.cli.app import app

with FlowClient(plugins=["resources", "audit"]) as flow:
    records = {one.name: one.distribution for one in flow.hooks.records}
    used = [flow.operations["resource.query"].path, records["audit"]]
words = (["plugins", "--json"], ["--plugin", "resources", "resource", "query", "--help"])
listed, helped = (CliRunner().invoke(app, word, env={"FLOWKIT_PLUGINS": "audit"}).output for word in words)
print(json.dumps([used, json.loads(listed), helped]))
"""


@pytest.fixture
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


def run(place: Path, folder: Path, *command: str) -> str:
    paths = [str(place), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
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


def test_it_is_installed_used_and_tested(
    place: Path, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    used, listed, helped = json.loads(run(place, tmp_path, "-c", USE))
    with subtests.test("it works by name"):
        assert used == ["resource/query", "flowkit-example-plugin 1.0.0"]
    with subtests.test("it is listed"):
        rows = {row["name"]: row for row in listed}
        assert rows["audit"]["enabled"] == "FLOWKIT_PLUGINS"
        assert rows["audit"]["distribution"] == "flowkit-example-plugin 1.0.0"
        assert rows["resources"]["summary"] == "Adds client.resource."
    with subtests.test("its operations are commands"):
        assert "Show the computing resources" in helped
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests"))
    with subtests.test("its own tests pass"):
        assert "5 passed" in run(place, tmp_path, "-m", "pytest", *options)
