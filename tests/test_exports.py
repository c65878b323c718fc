"""What the packages export, and what operations must have besides their line in the table."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import flowkit
from flowkit import OPERATIONS, FlowClient
from flowkit.cli.app import app
from flowkit_mockserver import MockServer
from import_graph import ROOT


def public_packages() -> Iterator[str]:
    yield from ("flowkit", "flowkit.groups", "flowkit.demo", "flow_sdk", "flow_sdk.client")
    yield from ("flowkit.frames", "flowkit.plot", "flowkit.report", "flowkit.results")
    for path in sorted((ROOT / "plugins").glob("flowkit_*")):
        yield path.stem
    yield "flowkit_mockserver"


@pytest.mark.parametrize("name", list(public_packages()))
def test_what_is_exported_exists_and_is_sorted_out(name: str) -> None:
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    for exported in module.__all__:
        assert hasattr(module, exported), exported


def test_what_flowkit_exports_is_exactly_its_public_names() -> None:
    public = {
        name
        for name, value in vars(flowkit).items()
        if not name.startswith("_")
        and not isinstance(value, type(flowkit))
        and name != "annotations"
    }
    assert public | {"__version__"} == set(flowkit.__all__)


@pytest.mark.parametrize("package", ["flowkit", "flow_sdk", "flowkit_mockserver"])
def test_every_package_says_that_it_is_typed(package: str) -> None:
    module = importlib.import_module(package)
    assert Path(str(module.__file__)).with_name("py.typed").is_file()


def test_every_operation_has_a_method_and_a_command() -> None:
    flow = FlowClient()
    context = app.make_context("flowkit", [], resilient_parsing=True)
    for operation in OPERATIONS:
        group, _, name = operation.name.partition(".")
        assert callable(getattr(getattr(flow, group), name)), operation.name
        command = app.get_command(context, group)
        assert command.get_command(context, name) is not None, operation.name  # type: ignore[union-attr]


def test_every_operation_of_the_emulated_line_has_a_route() -> None:
    with MockServer() as mock:
        adapter = mock.app.url_map.bind("mock")
    for operation in OPERATIONS:
        if operation.since == "1.5":
            assert adapter.test(f"/v1/{operation.path}", operation.method), operation.name


@pytest.mark.parametrize("module", ["flowkit", "flow_sdk.client"])
def test_importing_the_client_loads_no_library_that_it_does_not_need(module: str) -> None:
    heavy = (
        "flask",
        "google",
        "vcr",
        "yaml",
        "click",
        "requests",
        "rich",
        "httptools",
        "uvicorn",
        "pytest",
        "opentelemetry",
        "pandas",
        "polars",
        "numpy",
        "matplotlib",
        "IPython",
        "tarfile",
        "flowkit.results",
        "flowkit.display",
        "flowkit.shapes",
    )
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
