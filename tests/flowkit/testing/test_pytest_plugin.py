"""The pytest plugin: the sample project and small suites, each run of pytest shared by several tests.

A run takes a second and more, so one suite holds all that can be seen in one mode.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3] / "examples" / "pytest-project"
HEAD = "import pytest\nfrom flowkit import FlowClient\n\n"
TAGS = "def test_tags(flow_client):\n    flow_client.tag.list()\n"
REACH = "    FlowClient('http://192.0.2.1', timeout=0.2).tag.list()\n"
ON_THE_MOCK = f"""{HEAD}
def test_failing(flow_client):
    flow_client.tag.list(3)
    assert False

def test_blocked(flow_client):
{REACH}
@pytest.mark.flow(network=True)
def test_open(flow_client):
{REACH}
@pytest.mark.flow(pace='manual', seed=7)
def test_settings(flow_mock):
    assert flow_mock.state.settings.seed == 7
"""
FORGOTTEN = "\ndef test_forgotten(flow_client):\n    pass\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, as a user would."""
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *arguments]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FLOWKIT"))}
    return subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=100
    )


def report_of(output: str, test: str) -> str:
    """Return the section of a report that is about one test."""
    section = output.partition(f"_ {test} _")[2].partition("\n____")[0]
    return section.partition("short test summary info")[0]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project, with a suite that needs the mock and one that is recorded."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", "cassettes"))
    (folder / "mock").mkdir()
    (folder / "mock" / "test_mock.py").write_text(ON_THE_MOCK)
    (folder / "tests" / "test_tags.py").write_text(f"{HEAD}{TAGS}    flow_client.queue.clean()\n")
    return folder


def test_on_the_mock(project: Path, subtests: pytest.Subtests) -> None:
    shown = run(project, "tests", "mock").stdout
    with subtests.test("the sample project passes"):
        assert shown.count("PASSED tests/test_loans.py") == 2, shown
    with subtests.test("a failing test shows the calls it made"):
        report = report_of(shown, "test_failing")
        assert "calls made through flowkit" in report
        assert "tag.list(limit=3) -> HTTP 200 from mock" in report
    with subtests.test("the network is blocked"):
        assert "the network is blocked" in report_of(shown, "test_blocked")
    with subtests.test("the network is open to a test that is marked"):
        report = report_of(shown, "test_open")
        assert "ConnectionFailed" in report or "TimedOut" in report
        assert "the network is blocked" not in report
    with subtests.test("the marker sets pace and seed of the mock"):
        assert "PASSED mock/test_mock.py::test_settings" in shown


def test_recording_and_replaying(project: Path, subtests: pytest.Subtests) -> None:
    recorded = run(project, "tests", "--flow=record").stdout
    cassettes = project / "tests" / "cassettes"
    with subtests.test("a cassette is recorded for every test"):
        assert "3 passed" in recorded, recorded
        assert {path.name for path in cassettes.rglob("*.yaml")} == {
            "no-table.yaml",
            "test_a_training_separates_the_loans.yaml",
            "test_tags.yaml",
        }
    replayed = run(project, "tests", "--flow=replay").stdout
    with subtests.test("what was recorded is replayed, and nothing is left over"):
        assert "3 passed" in replayed, replayed
        assert "flowkit cassettes" not in replayed

    folder = cassettes / "test_tags"
    shutil.copy(folder / "test_tags.yaml", folder / "test_gone.yaml")
    (project / "tests" / "test_tags.py").write_text(f"{HEAD}{TAGS}{FORGOTTEN}")
    changed = run(project, "tests", "-n", "2", "--flow=replay").stdout
    with subtests.test("it works under pytest-xdist"):
        assert "2 workers" in changed
        assert changed.count("PASSED tests/test_loans.py") == 2
    with subtests.test("interactions that no test asks for are reported"):
        assert "test_tags.yaml: 1 interactions were never asked for" in changed
    with subtests.test("cassettes that no test uses are reported"):
        assert "test_gone.yaml: no test uses this cassette" in changed
    with subtests.test("a missing cassette says how to get it"):
        assert "there is no cassette" in changed
        assert "record it first" in changed


def test_live_needs_a_url(tmp_path: Path) -> None:
    assert "--flow=live needs --flow-url" in run(tmp_path, "--flow=live").stderr


def test_an_argument_that_the_marker_does_not_know_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"{HEAD}@pytest.mark.flow(pase='manual')\n{TAGS}")
    shown = run(tmp_path, "test_it.py").stderr
    assert "test_it.py::test_tags: @pytest.mark.flow takes cassette=…, pace=…" in shown
    assert "got 'pase'" in shown
