"""The example of a component kind: two files, found by its entry point or handed to a mock server."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowClient, OperationError
from flowkit.demo import upload
from flowkit_mockserver import Kind, MockServer
from flowkit_mockserver.kinds import lookup

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "flowkit-example-kind"


def documents(**parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    table = {"name": "guest", "namespace": "flowkit_demo"}
    conf = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999]},
        "job_parameters": {"common": {"work_mode": 0, "backend": 0}},
        "component_parameters": {
            "common": {"row_count_0": parameters},
            "role": {"guest": {"0": {"reader_0": {"table": table}}}},
        },
    }
    dsl = {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "row_count_0": {
                "module": "RowCount",
                "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["data"]},
            },
        }
    }
    return conf, dsl


def counted(flow: FlowClient) -> Any:
    """Run the kind on the demo's table and return its summary."""
    upload(flow, "guest")
    job = flow.job.submit(*documents())
    flow.job.wait(job.job_id)
    return flow.component.get_summary(job.job_id, "guest", 9999, "row_count_0").data


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterwards which kinds there were."""
    monkeypatch.setattr(lookup, "_added", {})
    monkeypatch.setattr(lookup, "_known", {})
    lookup._offers.cache_clear()
    yield
    lookup._offers.cache_clear()
    for name in [name for name in sys.modules if name.startswith("flowkit_example_kind")]:
        del sys.modules[name]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Kind:
    monkeypatch.syspath_prepend(EXAMPLE)
    found: Kind = import_module("flowkit_example_kind.row_count").KIND
    return found


def test_it_is_two_files() -> None:
    written = sorted(path.name for path in EXAMPLE.rglob("*.py") if path.name != "__init__.py")
    assert written == ["algorithm.py", "row_count.py"]


def test_it_is_handed_to_a_server(kind: Kind) -> None:
    with MockServer(kinds=[kind]) as mock, mock.client() as flow:
        assert counted(flow) == {"count": 218}


def test_its_parameters_are_checked(kind: Kind) -> None:
    with (
        MockServer(kinds=[kind]) as mock,
        mock.client() as flow,
        pytest.raises(OperationError, match="row count param's at_least -1 should not be negative"),
    ):
        flow.job.submit(*documents(at_least=-1))


def test_it_fails_as_it_says(kind: Kind) -> None:
    with MockServer(kinds=[kind]) as mock, mock.client() as flow:
        upload(flow, "guest")
        job = flow.job.submit(*documents(at_least=1000))
        (row,) = flow.job.query(job_id=job.job_id).data

    assert row["f_status"] == "failed"


def test_a_name_that_is_taken_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="kinds: there is a kind Union already"):
        MockServer(kinds=[replace(kind, name="Union")])


def test_installed_it_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=EXAMPLE, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    monkeypatch.syspath_prepend(tmp_path / "installed")
    invalidate_caches()

    with MockServer() as mock, mock.client() as flow:
        assert counted(flow) == {"count": 218}
