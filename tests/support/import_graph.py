"""The imports of the project as a graph: module → modules, annotations and late imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "SOURCES", "circles", "folder_of", "graph", "modules"]

ROOT = Path(__file__).parents[2]
#: The folders that packages lie in.
SOURCES = (ROOT, ROOT / "plugins", ROOT / "mockserver")
_PACKAGES = ("flowkit", "flow_sdk", "plugins", "mockserver")


@cache
def modules() -> Mapping[str, Path]:
    """Return every module of the project by its dotted name; a package goes by its own name."""
    found = {}
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            base = next(source for source in reversed(SOURCES) if path.is_relative_to(source))
            parts = path.relative_to(base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def folder_of(module: str) -> str:
    """Return the dotted name of the folder that a module lies in."""
    return module if modules()[module].name == "__init__.py" else module.rpartition(".")[0]


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module may be importing: ``from a import b`` is ``a.b``, else ``a``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "the project imports absolutely"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else node.module


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """Return, for every module, the modules of the project that it imports anywhere."""
    known = modules()
    return {
        name: frozenset(
            target
            for target in _imported(ast.parse(path.read_bytes()))
            if target in known and target != name
        )
        for name, path in known.items()
    }


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the strongly connected components of more than one node, each sorted (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in arrows.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            at = stack.index(node)
            component = sorted(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for node in arrows:
        if node not in index:
            visit(node)
    return found
