"""``flowkit``: the root of the command line."""

from __future__ import annotations

from typing import Any

import click

from flowkit import __version__
from flowkit.cli.exits import EXIT_CODES, Failure
from flowkit.cli.loading import extensions, load, load_extension, summary
from flowkit.cli.operation import OperationGroup
from flowkit.cli.settings import connect, shared_options
from flowkit.errors import FlowError
from flowkit.groups.builtin import BuiltinGroups
from flowkit.operations import OPERATIONS

__all__ = ["app"]

# Commands of our own, each in its module, with the line that the help shows.
TOOLS = {
    "config": "flowkit.cli.config:config",
    "demo": "flowkit.cli.demo:demo",
    "operations": "flowkit.cli.operations:operations",
    "plugins": "flowkit.cli.plugins:plugins",
}


class App(click.Group):
    """The root: operation groups, the tools of flowkit, and what other distributions add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command: groups in the order of the table, then the tools."""
        groups = BuiltinGroups().flowkit_operation_groups()
        return [*(name.replace("_", "-") for name in groups), *self._tools()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, importing nothing but that command."""
        name = cmd_name.replace("-", "_")
        groups = BuiltinGroups().flowkit_operation_groups()
        if name in groups:
            return OperationGroup(name, groups[name], OPERATIONS.group(name))
        if cmd_name in TOOLS:
            return load(TOOLS[cmd_name])
        point = extensions().get(cmd_name)
        return load_extension(point) if point else self._plugin_group(ctx, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List operation groups and tools apart; a tool from elsewhere is not imported for it."""
        groups = BuiltinGroups().flowkit_operation_groups()
        rows = [
            (name.replace("_", "-"), _first_line(self.get_command(ctx, name))) for name in groups
        ]
        with formatter.section("Operations of the server"):
            formatter.write_dl(rows)
        with formatter.section("Tools"):
            formatter.write_dl(list(self._tools().items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what flowkit raises becomes one sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except FlowError as error:
            raise Failure(error) from error

    def _tools(self) -> dict[str, str]:
        """Return the commands that are no operation groups, with a line on each."""
        own = {name: _first_line(load(target)) for name, target in TOOLS.items()}
        foreign = {name: summary(point) for name, point in extensions().items()}
        return dict(sorted({**foreign, **own}.items()))

    def _plugin_group(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the group of operations that an enabled plugin adds under that name."""
        client = connect(ctx)
        operations = client.operations.group(name)
        return OperationGroup(name, type(getattr(client, name)), operations) if operations else None


def _first_line(command: click.Command | None) -> str:
    return command.get_short_help_str(limit=100) if command else ""


def _exit_codes() -> str:
    lines = "\n".join(f"  {int(code)}  {text}" for code, text in EXIT_CODES.items())
    return f"\b\nExit codes:\n{lines}"


@click.command(
    cls=App,
    params=shared_options(),
    epilog=_exit_codes(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="flowkit")
def app() -> None:
    """A client for FATE Flow.

    What is not said here comes from the environment (FLOWKIT_URL, FLOWKIT_PLUGINS with commas
    between the names, FLOWKIT_PROFILE, FLOWKIT_CONFIG), then from the configuration file,
    flowkit.toml. Credentials come from FLOWKIT_APP_KEY and FLOWKIT_SECRET_KEY.
    """
