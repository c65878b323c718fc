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

from flowkit_mockserver import MockServer

PROJECT = Path(__file__).parents[3] / "examples" / "pytest-project"
HEAD = "import pytest\nfrom flowkit import FlowClient\n\n"
TAGS = "def test_tags(flow_client):\n    flow_client.tag.list()\n"
REACH = "    FlowClient('http://192.0.2.1', timeout=0.2).tag.list()\n"
ON_THE_MOCK = f"""{HEAD}
def test_failing(flow_client):
    flow_client.tag.list(3)
    with pytest.raises(Exception, match='no'):
        flow_client.job.stop('2026')
    flow_client.job.stop('2027')

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
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", "flow_cassettes"))
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
        refused = "HTTP 200, retcode 102: can not found job from mock"
        assert f"job.stop(job_id='2026') -> {refused}" in report
    with subtests.test("a refusal shows the mock's explanation"):
        assert "hint: this server, or namespace, has no jobs yet" in report
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
    cassettes = project / "tests" / "flow_cassettes"
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


SHARING = f"""{HEAD}
import os
from flow_sdk.client import FlowClient as OfficialClient

SEEN = []
pytestmark = pytest.mark.flow(pace="manual")

@pytest.fixture(scope="session")
def flow_mock_settings():
    return {{"fate_version": "1.11.1", "seed": 5}}

@pytest.mark.parametrize("number", [1, 2])
def test_module(flow_mock_module, flow_client_module, number):
    SEEN.append(flow_mock_module)
    assert SEEN[0] is flow_mock_module
    settings = flow_mock_module.state.settings
    assert (settings.pace, settings.seed, settings.fate_version) == ("manual", 5, "1.11.1")
    flow_client_module.tag.create(f"tag-{{number}}")
    assert len(flow_client_module.tag.list().data["tags"]) == number

def test_session(flow_mock_session, flow_client_session, flow_mock_module):
    assert flow_mock_session is not flow_mock_module
    assert flow_mock_session.state.settings.pace == 0.0
    assert flow_client_session.tag.list().data["tags"] == []

def test_shared_failing(flow_client_module):
    flow_client_module.tag.list(9)
    assert False

def test_shared_blocked(flow_client_module):
{REACH}
def test_redirect(flow_mock, flow_redirect, flow_client):
    with FlowClient("198.51.100.7", 1) as own:
        own.tag.create("mine")
    official = OfficialClient("198.51.100.7", 1, "v1")
    assert official.tag.list(5)["data"]["tags"] == flow_client.tag.list(5).data["tags"]
    assert [tag["name"] for tag in official.tag.list(5)["data"]["tags"]] == ["mine"]

def test_not_redirected():
    assert "FLOWKIT_REDIRECT" not in os.environ
"""


def test_servers_for_a_module_and_a_run_and_clients_that_are_led_there(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    (tmp_path / "test_shared.py").write_text(SHARING)
    shown = run(tmp_path, "test_shared.py").stdout
    for test in ("module[1]", "module[2]", "session", "redirect", "not_redirected"):
        with subtests.test(test):
            assert f"PASSED test_shared.py::test_{test}" in shown, shown
    with subtests.test("a failing test shows the calls that it made, and no other's"):
        report = report_of(shown, "test_shared_failing")
        assert "tag.list(limit=9) -> HTTP 200 from mock" in report
        assert "tag.create" not in report
    with subtests.test("the network is blocked for tests that share a server"):
        assert "the network is blocked" in report_of(shown, "test_shared_blocked")

    replayed = run(tmp_path, "test_shared.py", "--flow=replay").stdout
    with subtests.test("a cassette belongs to one test"):
        assert "with --flow=replay use flow_client" in replayed
        assert "flow_redirect leads to the mock or a live server" in replayed


SHARED = f"""{HEAD}
import os

@pytest.mark.parametrize("number", range(8))
def test_a_world_of_its_own(flow_client, number, record_property):
    flow_client.tag.create("only")
    assert len(flow_client.tag.list().data["tags"]) == 1

@pytest.mark.parametrize("number", range(4))
def test_one_server(flow_mock_shared, tmp_path_factory, number):
    seen = tmp_path_factory.getbasetemp().parent / "urls"
    with seen.open("a") as file:
        file.write(flow_mock_shared.url + "\\n")
    assert len(set(seen.read_text().split())) == 1

def test_control(flow_mock, flow_client, flow_redirect):
    flow_mock.refuse("model/tag/*", status=500, times=1)
    with pytest.raises(Exception, match="injected failure"):
        flow_client.with_options(retry=__import__("flowkit").Retry(attempts=1)).tag.list()
    with FlowClient("198.51.100.7") as own:
        own.tag.create("mine")
    flow_mock.assert_called("tag.create", times=1)
    assert [entry.status for entry in flow_mock.requests("tag.*")] == [500, 200]
    assert flow_mock.requests()[0].test.endswith("::test_control")

def test_module(flow_client_module, flow_mock_module, flow_mock):
    flow_client_module.tag.create("a")
    flow_mock_module.assert_called("tag.create")
    assert flow_mock.requests() == []

@pytest.mark.flow(pace="manual")
def test_settings_of_its_own(flow_mock):
    assert flow_mock.state.settings.pace == "manual"
"""


IN_A_DATABASE = """
import pytest

@pytest.fixture(scope="session")
def flow_mock_settings(request):
    return {"database": f"sqlite:///{request.config.rootpath}/shared.sqlite3"}
"""


@pytest.mark.parametrize(
    ("processes", "conftest"), [("-n0", ""), ("-n2", ""), ("-n0", IN_A_DATABASE)]
)
def test_one_server_for_the_run_with_a_namespace_for_each_test(
    tmp_path: Path, processes: str, conftest: str
) -> None:
    if conftest:
        pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_shared.py").write_text(SHARED)
    place = tmp_path / "base"
    shown = run(tmp_path, "--flow=shared", processes, f"--basetemp={place}").stdout
    assert "15 passed" in shown, shown


def test_live_needs_a_url_and_the_configuration_file_counts(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nflow = live\n")
    assert "--flow=live needs --flow-url" in run(tmp_path).stderr


@pytest.mark.parametrize("processes", ["-n0", "-n1"])
def test_an_argument_that_the_marker_does_not_know_is_an_error(
    tmp_path: Path, processes: str
) -> None:
    (tmp_path / "test_it.py").write_text(
        f"{HEAD}@pytest.mark.flow(pase='manual')\ndef test_a(): pass\n"
        "@pytest.mark.flow('manual')\ndef test_b(): pass\n"
    )
    shown = run(tmp_path, processes, "test_it.py")
    assert shown.returncode != 0
    assert "test_it.py::test_a: @pytest.mark.flow takes cassette=…, pace=…" in shown.stdout
    assert "got 'pase', did you mean 'pace'?" in shown.stdout
    assert "test_it.py::test_b:" in shown.stdout
    assert "got 'manual' without a name" in shown.stdout


RECORDING = f"""{HEAD}
import http.client

def address():
    return __import__("os").environ["OTHER_SERVER"].rsplit(":", 1)

@pytest.mark.vcr
def test_both(flow_client):
    host, port = address()
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", "/other")
    answer = connection.getresponse().read()
    assert b"retcode" in answer or b"404" in answer
    assert flow_client.tag.list(7).retcode == 0
"""


def test_cassettes_of_pytest_recording_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_both.py").write_text(RECORDING)
    with MockServer(port=0) as other:
        monkeypatch.setenv("OTHER_SERVER", f"127.0.0.1:{other.port}")
        recorded = run(tmp_path, "--flow=record", "--record-mode=once").stdout
    assert "1 passed" in recorded, recorded
    theirs = tmp_path / "cassettes" / "test_both" / "test_both.yaml"
    ours = tmp_path / "flow_cassettes" / "test_both" / "test_both.yaml"
    assert "/other" in theirs.read_text()
    assert "tag/list" not in theirs.read_text()
    assert "tag/list" in ours.read_text()
    assert "/other" not in ours.read_text()

    replayed = run(tmp_path, "--flow=replay", "--record-mode=none").stdout
    assert "1 passed" in replayed, replayed
    assert "flowkit cassettes" not in replayed, replayed


def test_a_start_of_pytest_imports_neither_the_client_nor_what_it_sends_with() -> None:
    program = (
        "import sys, flowkit.testing.pytest_plugin;"
        " print(*sorted({'flowkit.client', 'flowkit_mockserver', 'urllib3'} & {*sys.modules}))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")
