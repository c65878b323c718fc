"""An operation is added in two places: a line of the table, and a method of its group.

Client, command line, list of operations, documentation and cache derive the rest.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import OPERATIONS, Effect, FlowClient, Operation, Reply
from flowkit.groups import Tag
from flowkit.groups.base import apply_on_error
from flowkit.inputs.arguments import text
from flowkit_cache import Cache
from terminal import answer, run

ROOT = Path(__file__).parents[2]


def count(self: Any, tag_name: str) -> Reply[int]:
    """Count the models that bear a tag.

    Args:
        tag_name: the tag.

    Endpoint: ``POST model/tag/count``.
    """
    reply: Reply[int] = self._call("tag.count", tag_name=text("tag_name", tag_name))
    return reply


@pytest.fixture(autouse=True)
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the line that `flowkit.operations` would hold, and the method of `flowkit.groups.tag`."""
    line = Operation(
        "tag.count", "POST", "model/tag/count", Effect.READ, "Count a tag's models.", ("tag",)
    )
    monkeypatch.setitem(OPERATIONS._by_name, line.name, line)
    monkeypatch.setattr(Tag, "count", apply_on_error(count), raising=False)


def test_the_client_sends_it() -> None:
    server = Server(envelope(3))
    flow: Any = FlowClient(plugins=[server])
    assert flow.tag.count("gold").data == 3
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/model/tag/count")
    assert json.loads(request.read()) == {"tag_name": "gold"}


def test_bad_arguments_are_refused_as_everywhere() -> None:
    flow: Any = FlowClient(plugins=[Server()], on_error="reply")
    assert "tag_name must be a text" in flow.tag.count("").retmsg


def test_the_cache_keeps_its_answers_until_a_tag_is_written() -> None:
    server = Server(envelope(3))
    flow: Any = FlowClient(plugins=[Cache(), server])
    sources = [flow.tag.count("gold").source, flow.tag.count("gold").source]
    flow.tag.create("silver")
    assert [*sources, flow.tag.count("gold").source] == ["network", "cache", "network"]


def test_it_is_a_command_with_the_methods_own_words() -> None:
    shown = run("tag", "count", "--help").stdout
    assert "Count the models that bear a tag." in shown
    assert "--tag-name" in shown
    assert "POST model/tag/count" in shown


def test_it_is_listed() -> None:
    rows = {row["name"]: row for row in answer(run("operations", "--json"))}
    assert rows["tag.count"]["path"] == "model/tag/count"


def test_the_documentation_links_its_method() -> None:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "_ext" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    shown = tables.OperationsTable.text(None)
    assert "{py:meth}`tag.count <flowkit.groups.tag.Tag.count>`" in shown


def literals(path: Path) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings."""
    tree = ast.parse(path.read_bytes())
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.value


def test_no_other_module_states_the_path_of_an_operation() -> None:
    paths = {operation.path for operation in OPERATIONS}
    for path in (ROOT / "flowkit").rglob("*.py"):
        if path.name != "operations.py":
            assert paths.isdisjoint(literals(path)), path
