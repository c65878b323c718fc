"""The example plugin: a package of its own, installed from its own folder, passes and takes part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemons import find_program
from packages import install_package, run_python

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "flowkit-example-plugin"
REDIS = ROOT / "examples" / "flowkit-redis-cache"

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


def test_it_is_installed_used_and_tested(tmp_path: Path, subtests: pytest.Subtests) -> None:
    place = install_package(EXAMPLE, tmp_path)
    used, listed, helped = json.loads(run_python(place, tmp_path, "-c", USE))
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
        assert "5 passed" in run_python(place, tmp_path, "-m", "pytest", *options)


def test_the_cache_in_redis_is_installed_and_passes_its_tests(tmp_path: Path) -> None:
    find_program("redis-server")
    place = install_package(REDIS, tmp_path)
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(REDIS), str(REDIS / "tests"))
    assert "6 passed" in run_python(place, tmp_path, "-m", "pytest", *options)
