"""The table of hooks: complete, documented, exercised, with examples that are valid."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from flowkit.hooks import specs as hookspecs
from flowkit.hooks.table import HOOKS

ROOT = Path(__file__).parents[3]


EXAMPLE = ROOT / "examples" / "flowkit-example-plugin" / "flowkit_example_plugin"


@cache
def functions(*folders: Path) -> set[str]:
    """Return the names of the functions defined below some folders, and hooks named by specname."""
    found: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.keyword) and node.arg == "specname":
                found.add(str(getattr(node.value, "value", "")))
    return found


def test_the_table_holds_every_hook_that_is_declared() -> None:
    declared = {name for name in vars(hookspecs) if name.startswith("flowkit_")}
    assert declared == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented(name: str) -> None:
    guide = "".join(page.read_text("utf-8") for page in (ROOT / "docs" / "plugins").glob("*.md"))
    reference = (ROOT / "docs" / "plugins" / "hooks.md").read_text("utf-8")
    assert f"`{name}`" in guide
    assert f"## {name}\n" in reference
    assert HOOKS[name].example


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_implemented_in_a_test(name: str) -> None:
    assert name in functions(ROOT / "tests")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_used_by_the_example_plugin(name: str) -> None:
    assert name in functions(EXAMPLE)


@pytest.mark.parametrize("name", HOOKS)
def test_the_examples_in_the_documentation_are_valid(name: str) -> None:
    tree = ast.parse(HOOKS[name].example)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == name
    arguments = [argument.arg for argument in function.args.args if argument.arg != "self"]
    assert set(arguments) <= set(HOOKS[name].arguments)
