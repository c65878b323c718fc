"""Directives that write what the code knows already: operations, commands, exit codes, plugins, kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from flowkit import OPERATIONS, Operation, ServerLine
from flowkit.changes import CHANGES
from flowkit.cli.app import app
from flowkit.cli.exits import EXIT_CODES
from flowkit.cli.loading import summary
from flowkit.groups.builtin import BuiltinGroups
from flowkit.hooks.runner import available_plugins
from flowkit.servers import LINES
from flowkit_mockserver import MockServer
from flowkit_mockserver.command import mock as mock_command
from flowkit_mockserver.control.verbs import VERBS
from flowkit_mockserver.dialects.behaviour import SINCE
from flowkit_mockserver.dialects.lines import how_known
from flowkit_mockserver.dialects.routes import ROUTES
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import all_kinds
from flowkit_mockserver.options import settable, variable


class Markdown(SphinxDirective):
    """A directive that stands for Markdown made from the code."""

    def run(self) -> list[nodes.Node]:
        """Parse the text where the directive stands."""
        return self.parse_text_to_nodes(self.text())

    def text(self) -> str:
        """Return the Markdown."""
        raise AssertionError("a subclass says")


class OperationsTable(Markdown):
    """The table of operations."""

    def text(self) -> str:
        """Return one row an operation, linked to its method."""
        kinds = BuiltinGroups().flowkit_operation_groups()
        rows = []
        for line in OPERATIONS:
            kind = kinds[line.group]
            target = f"{kind.__module__}.{kind.__name__}.{line.name.partition('.')[2]}"
            name = f"{{py:meth}}`{line.name} <{target}>`"
            mark = "" if line.guide else f"since {line.since}" if line.since != "1.5" else "beyond"
            rows.append(
                (name, f"`{line.method} {line.path}`", line.effect.value, mark, line.summary)
            )
        return _table(("operation", "endpoint", "effect", "", "what it does"), rows)


#: The operations of which answers of a real server are kept, by its line.
RECORDED: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("recorded.json").read_text(encoding="utf-8")
)
#: The operations that were carried out on a real server beside the mock, by its line.
SEEN: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("seen.json").read_text(encoding="utf-8")
)


class SupportTable(Markdown):
    """Which operation is on which line of servers, who plays it, and how that is known."""

    def text(self) -> str:
        """Return one row an operation, one column a line."""
        served = {line: _served(line) for line in LINES}
        rows = []
        for operation in OPERATIONS:
            cells = [_support(operation, line, served[line]) for line in LINES]
            rows.append((f"`{operation.name}`", *cells))
        return _table(("operation", *(line.name for line in LINES)), rows)


#: How far the answers of the mock are those of recorded sessions, and when that was measured.
MEASURED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("measured.json").read_text(encoding="utf-8")
)


class MeasuredTable(Markdown):
    """How far the answers of the mock are those of recorded sessions."""

    def text(self) -> str:
        """Return one row a recording."""
        rows = []
        for one in MEASURED:
            shares = (f"{share:.1f} %" for share in one["figures"].values())
            rows.append((one["what"], f"`{one['server']}`", one["date"], *shares))
        names = MEASURED[0]["figures"]
        return _table(("recording", "played to", "measured", *names), rows)


class ChangesTable(Markdown):
    """What else lines do differently."""

    def text(self) -> str:
        """Return one row a change."""
        rows = []
        for change in CHANGES:
            lines = [line.name for line in LINES if change.holds_on(line)]
            names = ", ".join(f"`{name}`" for name in change.operations)
            rows.append((names, f"{lines[0]} to {lines[-1]}", change.text))
        return _table(("operations", "lines", "what is so"), rows)


def _served(line: ServerLine) -> frozenset[str]:
    """Return the names of the operations that the mock answers as a server of a line."""
    with MockServer(fate_version=line.name) as mock:
        routes = mock.app.url_map.bind("mock")
        found = (one for one in OPERATIONS if one.is_on(line))
        places = {one.name: one.route_on(line) for one in found}
        return frozenset(
            name for name, place in places.items() if routes.test(f"/v1/{place.path}", place.method)
        )


def _support(operation: Operation, line: ServerLine, served: frozenset[str]) -> str:
    """Return one cell."""
    if not operation.is_on(line):
        return ""
    known = "read"
    if operation.name in RECORDED.get(line.name, ()):
        known = "recorded"
    elif operation.name in SEEN.get(line.name, ()):
        known = "seen"
    return f"{known}, mock" if operation.name in served else known


class CommandsTable(Markdown):
    """The commands that are no operations."""

    def text(self) -> str:
        """Return one row a tool."""
        context = click.Context(app, info_name="flowkit")
        groups = {name.replace("_", "-") for name in BuiltinGroups().flowkit_operation_groups()}
        rows = []
        for name in app.list_commands(context):
            command = app.get_command(context, name)
            if name not in groups and command is not None:
                rows.append((f"`flowkit {name}`", command.get_short_help_str(limit=200)))
        return _table(("command", "what it does"), rows)


class MockOptionsTable(Markdown):
    """The options of ``flowkit mock``, and where else each can be set."""

    def text(self) -> str:
        """Return one row an option."""
        context = click.Context(mock_command, info_name="flowkit mock")
        rows = []
        for name, option in settable(mock_command):
            default = option.get_default(context, call=False)
            shown = "" if default in (None, False, ()) or option.multiple else f"`{default}`"
            longest = max(option.opts, key=len)
            text = (option.help or "").replace("*", "\\*").replace("|", "\\|")
            rows.append((f"`{longest}`", f"`{variable(name)}`", f"`{name}`", shown, text))
        return _table(("option", "variable", "in the table `mock`", "default", "meaning"), rows)


class ExitCodesTable(Markdown):
    """The exit codes of the command line."""

    def text(self) -> str:
        """Return one row a code."""
        return _table(
            ("code", "meaning"), [(str(int(code)), text) for code, text in EXIT_CODES.items()]
        )


class PluginsTable(Markdown):
    """The bundled plugins."""

    def text(self) -> str:
        """Return one row a plugin."""
        bundled = {
            name: point
            for name, point in sorted(available_plugins().items())
            if point.dist and point.dist.name == "fate-flowkit"
        }
        rows = [
            (f"`{name}`", f"`{point.value}`", summary(point)) for name, point in bundled.items()
        ]
        return _table(("name", "object", "what it does"), rows)


def _later(kind: Kind) -> str | None:
    """Return what is otherwise from a later line on."""
    later = kind.later_accuracy
    if later is None:
        return None
    text = " ".join(filter(None, (later.accuracy, later.without)))
    return f"From {SINCE[later.since]} on {later.exactness.value}: {text}"


class KindsTable(Markdown):
    """The component kinds of the mock server."""

    def text(self) -> str:
        """Return one row a kind."""
        rows = [
            (
                f"`{kind.name}`",
                kind.exactness.value,
                " ".join(filter(None, (kind.accuracy, kind.stand_in, _later(kind)))),
            )
            for kind in all_kinds()
        ]
        return _table(("module", "results", "compared to FATE"), rows)


class ControlVerbsTable(Markdown):
    """The verbs of the mock server's control API."""

    def text(self) -> str:
        """Return one row a verb."""
        rows = []
        for verb in VERBS:
            fields = ", ".join(
                f"**{field.name}**" if field.required else field.name for field in verb.fields
            )
            target = f"flowkit_mockserver.control.controls.controls.Controls.{verb.name}"
            name = f"{{py:meth}}`{verb.name} <{target}>`"
            rows.append((name, f"`{verb.method} /_flowkit{verb.path}`", fields, verb.summary))
        return _table(("method", "request", "fields (**required**)", "what it does"), rows)


class ServerLinesTable(Markdown):
    """The lines of servers."""

    def text(self) -> str:
        """Return one row a line."""
        rows = [
            (line.name, _versions(line.fate), _versions(line.fate_flow), how_known(line))
            for line in LINES
        ]
        return _table(("line", "FATE", "FATE Flow", "known"), rows)


class ServerRoutesTable(Markdown):
    """The routes that not every line has, or that check their arguments first."""

    def text(self) -> str:
        """Return one row a route: how it is known in each line that has it."""
        rows = []
        for route in ROUTES:
            marks = [how_known(line) if route.there(line) else "" for line in LINES]
            needs = ", ".join(f"`{name}`" for name in route.needs)
            rows.append((f"`{route.path}`", *marks, needs))
        return _table(("endpoint", *(line.name for line in LINES), "needs"), rows)


def _versions(versions: tuple[str, ...]) -> str:
    return versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("operations", OperationsTable)
    app.add_directive("support", SupportTable)
    app.add_directive("measured", MeasuredTable)
    app.add_directive("changes", ChangesTable)
    app.add_directive("commands", CommandsTable)
    app.add_directive("exit-codes", ExitCodesTable)
    app.add_directive("mock-options", MockOptionsTable)
    app.add_directive("plugins", PluginsTable)
    app.add_directive("kinds", KindsTable)
    app.add_directive("control-verbs", ControlVerbsTable)
    app.add_directive("server-lines", ServerLinesTable)
    app.add_directive("server-routes", ServerRoutesTable)
    return {"version": "1", "parallel_read_safe": True}
