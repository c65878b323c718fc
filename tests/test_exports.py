"""What the packages export, and what operations must have besides their line in the table."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "package", ["flowkit", "flowkit.testing", "flowkit_mockserver", "flowkit_mockserver.dsl"]
)
def test_what_is_loaded_late_is_what_type_checkers_see_and_what_is_exported(package: str) -> None:
    module = importlib.import_module(package)
    source = Path(str(module.__file__)).read_text("utf-8")
    branches = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    (typed,) = (node for node in branches if ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {
        alias.name: str(line.module).removeprefix(f"{package}.")
        for line in typed.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    assert seen == module._HOMES
    assert {*seen} == {*module.__all__} - {"__version__"}


def test_names_and_modules_of_flowkit_are_loaded_when_they_are_asked_for() -> None:
    program = """
import sys, flowkit
assert not [name for name in sys.modules if name.startswith("flowkit.")]
assert {"FlowClient", "__version__"} <= {*dir(flowkit)}
assert flowkit.errors.FlowError is flowkit.FlowError
assert flowkit.ManualClock is flowkit.ManualClock
assert "urllib3" not in sys.modules
from flowkit import FlowClient
assert "urllib3" in sys.modules
assert not hasattr(flowkit, "nothing") and not hasattr(flowkit, "_nothing")
"""
    subprocess.run([sys.executable, "-c", program], check=True)


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


@pytest.mark.parametrize("module", ["flowkit.client", "flow_sdk.client"])
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
