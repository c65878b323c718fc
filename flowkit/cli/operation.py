"""``flowkit <group> <operation>``: a command for each line of the table of operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.docstrings import describe
from flowkit.cli.loading import LazyGroup, load
from flowkit.cli.official.amendment import Amendment
from flowkit.cli.official.amendments import AMENDMENTS
from flowkit.cli.official.spellings import COMMANDS
from flowkit.cli.options import options_of
from flowkit.cli.output import write_reply
from flowkit.cli.settings import ClientCommand, Settings, connect

if TYPE_CHECKING:
    from flowkit.call.model import Operation
    from flowkit.groups.base import Group

__all__ = ["OperationGroup", "operation_command"]

# Commands of a group that are no operation of the server, or do more than one, by group.
FURTHER = {
    "job": {
        "wait": "flowkit.cli.jobs.wait:wait",
        "watch": "flowkit.cli.jobs.watch:watch",
        "dag": "flowkit.cli.jobs.dag:dag",
        "report": "flowkit.cli.jobs.report:report",
    },
    "test": {"toy": "flowkit.cli.jobs.toy:toy", "min": "flowkit.cli.jobs.minimum:minimum"},
}


class OperationGroup(LazyGroup):
    """The operations of one group, each turned into a command when it is asked for.

    Args:
        name: the group's name, an attribute of the client.
        kind: the group's class, whose methods tell the options.
        operations: the lines of the table.
    """

    def __init__(self, name: str, kind: type[Group], operations: Sequence[Operation]) -> None:
        text = describe(kind).text
        super().__init__(name, help=text, short_help=text.partition("\n")[0])
        self._kind = kind
        self._operations = {_command_name(operation.name): operation for operation in operations}
        self._further = FURTHER.get(name, {})
        self._aliases = COMMANDS.get(name, {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the operations in the order of the table, then the further commands."""
        return list(dict.fromkeys([*self._operations, *self._further]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; underscores and the official names count as well."""
        name = cmd_name.replace("_", "-")
        name = self._aliases.get(name, name)
        if name in self._further:
            return load(self._further[name])
        operation = self._operations.get(name)
        return operation_command(operation, self._kind) if operation else None


def operation_command(operation: Operation, kind: type[Group]) -> click.Command:
    """Return the command for an operation, whose options are the parameters of its method."""
    group, _, attribute = operation.name.partition(".")
    method = getattr(kind, attribute)
    description = describe(method)

    amendment = AMENDMENTS.get(operation.name, Amendment())

    def run(**options: Any) -> None:
        ctx = click.get_current_context()
        client = connect(ctx)
        given = {name: value for name, value in options.items() if value not in (None, ())}
        arguments = amendment.prepare(method, dict(given))
        reply = getattr(getattr(client, group), attribute)(**arguments)
        write_reply(amendment.finish(reply, given), ctx.ensure_object(Settings).output)

    options = options_of(operation.name, method, description.arguments, amendment.replaces)
    if amendment.optional:
        for option in options:
            option.required = False
    return ClientCommand(
        _command_name(operation.name),
        params=[*options, *amendment.options()],
        callback=run,
        help=description.text,
        short_help=operation.summary,
        epilog=f"Endpoint: {description.endpoint}." if description.endpoint else None,
    )


def _command_name(name: str) -> str:
    """Return an operation's name as that of a command."""
    return name.partition(".")[2].replace("_", "-")
