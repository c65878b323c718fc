"""The imports of the project as a graph: module → modules, annotations and late imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "folder_of", "graph", "mirror_of", "modules"]

ROOT = Path(__file__).parents[2]
#: Folder → the folder below which the names of its modules begin.
SOURCES = {"flowkit": ".", "flow_sdk": ".", "plugins": "plugins", "mockserver": "mockserver"}
#: Package → the folder of its tests.
TESTS = {
    "flowkit_replay": "tests/plugins/replay",
    "flowkit_mockserver": "tests/mockserver",
    "flowkit": "tests/flowkit",
    "flow_sdk": "tests/flow_sdk",
}


@cache
def modules() -> Mapping[str, Path]:
    """Return every module of the project by its dotted name; a package goes by its own name."""
    found = {}
    for folder, base in SOURCES.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def folder_of(module: str) -> str:
    """Return the dotted name of the folder that a module lies in."""
    return module if modules()[module].name == "__init__.py" else module.rpartition(".")[0]


def mirror_of(module: str) -> Path:
    """Return where the tests of a module lie if they mirror it."""
    package, *below = module.split(".")
    if not below:
        return ROOT / "tests" / "plugins" / f"test_{package}.py"
    return ROOT.joinpath(TESTS[package], *below[:-1], f"test_{below[-1]}.py")


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a module imports: ``from a import b`` is a.b where that is a module, else a."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "the project imports absolutely"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else str(node.module)


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """Return, for every module, the modules of the project that it imports anywhere."""
    known = modules().keys()
    return {
        name: frozenset(_imported(ast.parse(path.read_bytes()))) & (known - {name})
        for name, path in modules().items()
    }
