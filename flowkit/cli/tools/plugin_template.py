"""The package that ``flowkit plugins new`` writes: a plugin, a group of operations, tests."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from flowkit.errors import ArgumentError

__all__ = ["write_package"]

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

PYPROJECT = Template("""\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "flowkit-$name"
version = "0.1.0"
description = "A plugin for flowkit"
requires-python = ">=3.11"
dependencies = ["fate-flowkit"]

[project.optional-dependencies]
test = ["pytest>=9"]

# The name under which the plugin is enabled: FlowClient(plugins=["$name"])
[project.entry-points.flowkit]
$name = "$module:$class_name"

[tool.hatch.build.targets.wheel]
packages = ["$module"]
""")

MODULE = Template('''\
"""A plugin for flowkit: it counts calls, and adds ``client.$group`` with an operation of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any

from flowkit import (
    Call,
    Effect,
    FlowClient,
    Group,
    Operation,
    Reply,
    Response,
    hookimpl,
    renew_in_children,
)

__all__ = ["$class_name", "${class_name}Client", "$group_class"]


class $group_class(Group):
    """The operations under ``client.$group``; they join the table, the command line and caches."""

    operations = (
        Operation(
            "$group.version",
            "POST",
            "version/get",
            Effect.READ,
            "Show the version of a module.",
        ),
    )

    def version(self, module: str | None = None) -> Reply[Any]:
        """Show the version of a module.

        Args:
            module: the module; without it, all of them.
        """
        return self._call("$group.version", module=module)


class ${class_name}Client(FlowClient):
    """A client that has ``$group``: every one with the plugin has it, this one tells type checkers."""

    $group: $group_class


class $class_name:
    """Counts calls by operation.

    Attributes:
        counts: how often each operation was called.
    """

    name = "$name"

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock, for the threads that use a client, anew in each process."""
        self._lock = threading.Lock()

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Add the group."""
        return {"$group": $group_class}

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Count the call; a wrapper yields once and hands the response on."""
        with self._lock:
            self.counts[call.operation.name] += 1
        return (yield)
''')

TESTS = Template('''\
"""The plugin in use."""

from __future__ import annotations

from $module import $class_name, ${class_name}Client

from flowkit import Call, FlowClient, Request, Response, hookimpl
from flowkit.testing import assert_plugin_conforms


class Server:
    """Answers in place of a server."""

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        return Response(200, {}, b'{"retcode": 0, "retmsg": "success", "data": {"FATE": "1.6.1"}}')


def test_it_conforms() -> None:
    assert_plugin_conforms($class_name)


def test_it_counts_calls() -> None:
    plugin = $class_name()
    flow = FlowClient(plugins=[plugin, Server()])
    flow.tag.list()
    assert plugin.counts == {"tag.list": 1}


def test_its_operation_is_one_like_any_other() -> None:
    flow = ${class_name}Client(plugins=["$name", Server()])
    assert flow.$group.version().data == {"FATE": "1.6.1"}
    assert "$group.version" in flow.operations
''')

README = Template("""\
# flowkit-$name

A plugin for [flowkit](https://pypi.org/project/fate-flowkit/).

    pip install -e '.[test]'
    pytest
    FLOWKIT_PLUGINS=$name flowkit plugins
""")


def write_package(name: str, directory: Path) -> Path:
    """Write a package for a plugin, and return its folder.

    Args:
        name: the plugin's name: lower-case words with hyphens between them.
        directory: where the folder is made.

    Raises:
        ArgumentError: the name cannot be one, or the folder is there already.
    """
    if not NAME.fullmatch(name):
        raise ArgumentError(
            f"a plugin's name must be lower-case words with hyphens between them, got {name!r}",
            argument="name",
            value=name,
        )
    folder = directory / f"flowkit-{name}"
    if folder.exists():
        raise ArgumentError(f"{folder} is there already", argument="name", value=name)
    words = name.split("-")
    values = {
        "name": name,
        "module": "flowkit_" + "_".join(words),
        "class_name": "".join(word.title() for word in words),
        "group": "_".join(words),
        "group_class": "".join(word.title() for word in words) + "Operations",
    }
    files = {
        "pyproject.toml": PYPROJECT,
        f"{values['module']}/__init__.py": MODULE,
        f"{values['module']}/py.typed": Template(""),
        f"tests/test_{values['module']}.py": TESTS,
        "README.md": README,
    }
    for path, template in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(template.substitute(values), encoding="utf-8")
    return folder
