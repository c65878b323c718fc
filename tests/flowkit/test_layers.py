"""The layers of the client: folders and modules in one order, imports only downward, no circle.

Every import counts: those for annotations only, and those inside functions.
"""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Whoever stands in a line may import from the lines above it, and from its own folder.
LAYERS = (
    ("forks", "reasons"),
    ("clock", "reply"),
    ("errors",),
    ("call",),
    ("foreign", "operations", "inputs"),
    ("decoding",),
    ("files", "jobs"),
    ("groups",),
    ("hooks",),
    ("config",),
    ("settings",),
    ("client",),
    ("compat", "demo", "doctor", "testing"),
    ("cli",),
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
MOST_MODULES = 15
#: Modules without a test file of the same name, and where they are tested.
TESTED_ELSEWHERE = {
    "flowkit/cli/options.py": "tests/flowkit/cli/test_operation.py: options are seen on commands",
    **{
        f"flowkit/cli/official/{module}.py": "test_acceptance.py and test_lines.py type them all"
        for module in ("amendment", "amendments", "functions", "spellings")
    },
    "flowkit/cli/jobs/following.py": "tests/flowkit/cli/jobs/test_wait.py sees what it tells",
    "flowkit/cli/jobs/minimum_jobs.py": "tests/flowkit/cli/jobs/test_minimum.py runs them",
    "flowkit/compat/groups.py": "tests/flow_sdk/test_signatures.py: orders and additions",
    **{
        f"flowkit/groups/{module}.py": "tests/flowkit/test_operations.py sends every operation"
        for module in (
            "checkpoint", "privilege", "queue", "tag", "task",
            "site/key", "site/provider", "site/resource", "site/service", "site/template",
            "table/query", "table/registration", "table/usage",
            "component/hetero_model", "component/output", "component/parameters",
            "job/download", "job/query", "model/query", "model/transfer",
        )
    },
}  # fmt: skip


def modules(*folders: str) -> dict[str, Path]:
    """Return the source files of some folders by the names under which they are imported."""
    found = {}
    for folder in folders:
        base = ROOT / folder if folder == "plugins" else ROOT
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules("flowkit", "flow_sdk", "plugins")


@cache
def imports(name: str) -> frozenset[str]:
    """Return the modules of ours that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{name} imports relatively"
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= within & MODULES.keys() or {node.module}
    return frozenset((found & MODULES.keys()) - {name})


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter({name: imports(name) for name in MODULES}).static_order()
    assert len(list(order)) == len(MODULES)


def test_every_part_of_flowkit_has_its_place_in_the_order() -> None:
    parts = {name.split(".")[1] for name in MODULES if name.startswith("flowkit.")}
    assert parts == LEVELS.keys()


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("flowkit.")])
def test_imports_point_downward(name: str) -> None:
    own = name.split(".")[1]
    for other in imports(name):
        # The package itself holds `__version__`, and imports the client: only the top may read it.
        part = other.split(".")[1] if "." in other else "client"
        assert part == own or LEVELS[part] < LEVELS[own], f"{name} imports {other}"


def test_no_folder_has_more_than_15_modules() -> None:
    for folder in {path.parent for path in MODULES.values()}:
        found = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(found) <= MOST_MODULES, folder


def test_every_module_has_a_test_file_of_its_name_or_a_reason() -> None:
    missing = set()
    for path in modules("flowkit").values():
        relative = path.relative_to(ROOT)
        mirror = ROOT / "tests" / relative.parent / f"test_{path.name}"
        if path.name != "__init__.py" and not mirror.is_file():
            missing.add(relative.as_posix())
    assert missing == TESTED_ELSEWHERE.keys()
