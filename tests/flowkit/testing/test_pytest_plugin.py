"""The pytest plugin, by running the sample project and small suites with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3] / "examples" / "pytest-project"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, as a user would."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FLOWKIT"))}
    return subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", "cassettes"))
    return folder


def suite(folder: Path, text: str) -> Path:
    """Write a suite of one file."""
    head = "import pytest\nfrom flowkit import FlowClient\n\n"
    (folder / "test_one.py").write_text(head + text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    return folder


def test_the_sample_project_passes_on_the_mock(project: Path) -> None:
    done = run(project)
    assert "2 passed" in done.stdout, done.stdout


def test_the_sample_project_records_and_replays(project: Path) -> None:
    assert "2 passed" in run(project, "--flow=record").stdout
    held = sorted(path.name for path in (project / "tests" / "cassettes").rglob("*.yaml"))
    assert held == ["no-table.yaml", "test_a_training_separates_the_loans.yaml"]
    done = run(project, "--flow=replay")
    assert "2 passed" in done.stdout, done.stdout
    assert "flowkit cassettes" not in done.stdout


def test_it_works_under_xdist_each_worker_with_a_mock_of_its_own(project: Path) -> None:
    run(project, "--flow=record")
    done = run(project, "-n", "2", "--flow=replay")
    assert "2 passed" in done.stdout, done.stdout


def test_unused_interactions_and_orphaned_cassettes_are_reported(tmp_path: Path) -> None:
    body = "def test_tags(flow_client):\n    flow_client.tag.list()\n"
    suite(tmp_path, body + "    flow_client.queue.clean()\n")
    run(tmp_path, "--flow=record")
    folder = tmp_path / "cassettes" / "test_one"
    shutil.copy(folder / "test_tags.yaml", folder / "test_gone.yaml")
    suite(tmp_path, body)
    done = run(tmp_path, "--flow=replay")
    assert "test_tags.yaml: 1 interactions were never asked for" in done.stdout
    assert "test_gone.yaml: no test uses this cassette" in done.stdout


def test_a_failing_test_shows_the_calls_it_made(tmp_path: Path) -> None:
    suite(tmp_path, "def test_it(flow_client):\n    flow_client.tag.list(3)\n    assert False\n")
    done = run(tmp_path)
    assert "calls made through flowkit" in done.stdout
    assert "tag.list(limit=3) -> HTTP 200 from mock" in done.stdout


def test_the_network_is_blocked_unless_asked_for(tmp_path: Path) -> None:
    reach = "    FlowClient('http://192.0.2.1', timeout=0.2).tag.list()\n"
    suite(tmp_path, f"def test_it(flow_client):\n{reach}")
    assert "the network is blocked" in run(tmp_path).stdout
    suite(tmp_path, f"@pytest.mark.flow(network=True)\ndef test_it(flow_client):\n{reach}")
    assert "the network is blocked" not in run(tmp_path).stdout


def test_the_marker_sets_the_pace_of_the_mock(tmp_path: Path) -> None:
    suite(
        tmp_path,
        "@pytest.mark.flow(pace='manual', seed=7)\n"
        "def test_it(flow_mock):\n    assert flow_mock.state.settings.seed == 7\n",
    )
    done = run(tmp_path)
    assert "1 passed" in done.stdout, done.stdout


def test_a_missing_cassette_says_how_to_get_it(tmp_path: Path) -> None:
    suite(tmp_path, "def test_it(flow_client):\n    pass\n")
    done = run(tmp_path, "--flow=replay")
    assert "there is no cassette" in done.stdout
    assert "record it first" in done.stdout


def test_live_needs_a_url(tmp_path: Path) -> None:
    done = run(suite(tmp_path, ""), "--flow=live")
    assert "--flow=live needs --flow-url" in done.stderr
