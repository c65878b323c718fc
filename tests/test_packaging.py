"""The distribution: what the wheel holds, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flowkit import __version__

ROOT = Path(__file__).parent.parent

USE = """
from importlib.metadata import entry_points
from flowkit import FlowClient
from flowkit.testing import cassette

with FlowClient() as flow, flow.cassette(cassette("table.info"), "none"):
    print(flow.table.info("flowkit", "loan_guest").data["count"])

from flow_sdk.client import FlowClient as OldClient
print(OldClient("127.0.0.1", 1, "v1").tag.list()["retcode"])

from flowkit_mockserver import MockServer
with MockServer() as mock, mock.client(plugins=["logging", "cache"]) as flow:
    print(flow.remote_version.fate())

for group in ("flowkit", "flowkit.commands", "flowkit.mock", "pytest11"):
    for point in entry_points(group=group):
        if point.dist.name == "fate-flowkit":
            point.load()
"""


def build(folder: Path) -> Path:
    """Build the wheel into a folder and return it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1600000000"}
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_installs_only_names_that_are_ours(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0].removesuffix(".py") for name in names}
    tops.remove(f"fate_flowkit-{__version__}.dist-info")
    assert {"flowkit", "flow_sdk", "flowkit_mockserver", "flowkit_replay"} <= tops
    assert all(name in ("flowkit", "flow_sdk") or name.startswith("flowkit_") for name in tops)


def test_the_wheel_holds_every_file_of_its_packages(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as wheel:
        names = set(wheel.namelist())
    for room in ("flowkit", "flow_sdk", "plugins", "mockserver"):
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                below = path.relative_to(ROOT).as_posix()
                inside = below.removeprefix("plugins/").removeprefix("mockserver/")
                assert inside in names
    for path in (ROOT / "cassettes").rglob("*.*"):
        assert f"flowkit/{path.relative_to(ROOT).as_posix()}" in names


def test_the_wheel_says_what_it_needs(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as wheel:
        (name,) = [name for name in wheel.namelist() if "/sboms/" in name]
        bill = json.loads(wheel.read(name))

    assert name == f"fate_flowkit-{__version__}.dist-info/sboms/fate-flowkit.cdx.json"
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["version"] == __version__
    scopes = {component["name"]: component["scope"] for component in bill["components"]}
    assert scopes["urllib3"] == scopes["pluggy"] == "required"
    assert scopes["flask"] == scopes["vcrpy"] == "optional"
    assert "ruff" not in scopes


def test_equal_sources_make_equal_wheels(tmp_path: Path) -> None:
    first, second = (build(tmp_path / name) for name in ("first", "second"))

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_works_in_an_environment_of_its_own(tmp_path: Path) -> None:
    wheel = build(tmp_path)
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, f"{wheel}[all]"], check=True, capture_output=True)
    example = tmp_path / "example"
    shutil.copytree(ROOT / "examples" / "flowkit-example-plugin", example)
    subprocess.run([*install, str(example)], check=True, capture_output=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    flowkit = str(place / "bin" / "flowkit")

    def output(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert output(str(python), "-c", USE).split() == ["220", "100", "1.6.1"]
    assert re.search(r"auc +0\.\d+", output(flowkit, "demo"))
    assert {"auth", "cache", "replay", "audit", "resources"} <= {
        plugin["name"] for plugin in json.loads(output(flowkit, "plugins", "--json"))
    }
    by_name = "from flowkit import FlowClient; print(FlowClient(plugins=['resources']).resource)"
    assert "flowkit_example_plugin" in output(str(python), "-c", by_name)
    mock = [flowkit, "mock", "--port", "0"]
    with subprocess.Popen(
        mock, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            address = re.search(r"http://\S+", line)
            assert address, f"no address in {line!r}"
            answer = json.loads(output(flowkit, "--url", address[0], "queue", "clean"))
            assert answer["retcode"] == 0
        finally:
            server.terminate()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("extra", "command", "first"),
    [
        ("mock", ["mock", "--help"], "Usage: flowkit mock"),
        ("mock", ["board", "--help"], "Usage: flowkit board"),
        ("replay", ["cassette", "ls"], "cassette "),
        ("cli", ["init", "--help"], "Usage: flowkit init"),
    ],
)
def test_an_extra_alone_has_its_command(
    tmp_path: Path, extra: str, command: list[str], first: str
) -> None:
    wheel, place = build(tmp_path), tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    install = [str(place / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, f"{wheel}[{extra}]"], check=True, capture_output=True)
    done = subprocess.run(
        [str(place / "bin" / "flowkit"), *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(first)
