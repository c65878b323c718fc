"""The house rules: who may import whom, what is exported, how long a module may be."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import flowkit
from flowkit import OPERATIONS, FlowClient
from flowkit.cli.app import app
from flowkit_mockserver import MockServer

ROOT = Path(__file__).parent.parent
ROOMS = {
    "flowkit": ROOT / "flowkit",
    "flow_sdk": ROOT / "flow_sdk",
    "plugins": ROOT / "plugins",
    "mockserver": ROOT / "mockserver",
}
LONGEST = 400


def modules(room: str) -> list[Path]:
    return sorted(ROOMS[room].rglob("*.py"))


@cache
def imports(module: Path) -> frozenset[str]:
    """Return the top-level names that a module imports anywhere, types and late imports included."""
    found = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{module} imports relatively"
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def ours(names: frozenset[str]) -> set[str]:
    return {name for name in names if name == "flow_sdk" or name.startswith("flowkit_")}


def test_the_client_knows_neither_plugins_nor_the_mock_server() -> None:
    offenders = {str(path): found for path in modules("flowkit") if (found := ours(imports(path)))}
    assert not offenders


def test_the_drop_in_stands_on_the_client_alone() -> None:
    for path in modules("flow_sdk"):
        assert not {name for name in ours(imports(path)) if name != "flow_sdk"}, path


def test_no_plugin_knows_the_mock_server() -> None:
    for path in modules("plugins"):
        assert "flowkit_mockserver" not in imports(path), path


def test_the_mock_server_needs_no_plugin_but_what_connects_it_and_the_rules_of_faults() -> None:
    for path in modules("mockserver"):
        known = {"flowkit_mockserver", "flowkit_inprocess", "flowkit_faults"}
        assert ours(imports(path)) <= known, path


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("columns", {"columns"}),
        ("proto", {"proto"}),
        ("kinds", {"proto", "kinds"}),
        ("dsl", {"proto", "kinds", "dsl"}),
        ("components", {"columns", "proto", "kinds", "components"}),
        ("store", {"store", "columns"}),
    ],
)
def test_the_inner_rooms_of_the_mock_server_know_no_outer_ones(
    folder: str, allowed: set[str]
) -> None:
    common = {"errors", "settings", "clock", "state", "party"}
    package = "flowkit_mockserver."
    for path in sorted((ROOMS["mockserver"] / "flowkit_mockserver" / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
                part = str(node.module).removeprefix(package).partition(".")[0]
                assert part in allowed | common, f"{path} imports {node.module}"


def test_the_client_needs_only_what_it_declares() -> None:
    """Everything else is an extra: imported late, and in the rooms that are for it only."""
    for path in modules("flowkit"):
        room = path.relative_to(ROOMS["flowkit"]).parts[0]
        extras = {"cli": {"click", "rich"}, "testing": {"pytest"}}.get(room, set())
        allowed = {"flowkit", "pluggy", "urllib3"} | extras | sys.stdlib_module_names
        assert imports(path) <= allowed, path


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_is_longer_than_anybody_wants_to_read(room: str) -> None:
    long = {
        str(path): lines
        for path in modules(room)
        if (lines := path.read_text("utf-8").count("\n")) > LONGEST
    }
    assert not long


def public_packages() -> Iterator[str]:
    yield from ("flowkit", "flowkit.groups", "flowkit.demo", "flow_sdk", "flow_sdk.client")
    for path in sorted(ROOMS["plugins"].glob("flowkit_*")):
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
        if operation.since == "1.6":
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
    )
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
