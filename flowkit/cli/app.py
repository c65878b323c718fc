"""``flowkit``: the root of the command line."""

from __future__ import annotations

import warnings
from importlib.metadata import EntryPoint
from typing import Any, TextIO

import click

from flowkit import __version__
from flowkit.cli.exits import EXIT_CODES, ExitCode, Failure
from flowkit.cli.loading import LazyGroup, extensions, load, load_extension, summary
from flowkit.cli.official.spellings import GROUPS
from flowkit.cli.plugin_groups import plugin_groups
from flowkit.cli.settings import Settings, shared_options
from flowkit.config import read_config
from flowkit.display.visible import visible
from flowkit.errors import FlowError
from flowkit.groups.loading import BUILTIN, load_group
from flowkit.hooks.extras import extra_for
from flowkit.inputs.known_keys import UnknownKey

__all__ = ["app"]

# Commands of our own, each in its module, with the line that the help shows.
TOOLS = {
    "config": "flowkit.cli.tools.config:config",
    "demo": "flowkit.cli.tools.demo:demo",
    "doctor": "flowkit.cli.tools.doctor:doctor",
    "init": "flowkit.cli.tools.init:init",
    "legacy": "flowkit.cli.tools.legacy:legacy",
    "operations": "flowkit.cli.tools.operations:operations",
    "plugins": "flowkit.cli.tools.plugins:plugins",
}


class App(LazyGroup):
    """The root: operation groups, the tools of flowkit, and what other distributions add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command: groups in the order of the table, those of plugins, the tools."""
        groups = {**BUILTIN, **self._added(ctx)}
        return [*(name.replace("_", "-") for name in groups), *self._tools()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, importing nothing but that command."""
        name = cmd_name.replace("-", "_")
        name = GROUPS.get(name, name)
        if cmd_name in TOOLS:
            return load(TOOLS[cmd_name])
        point = extensions().get(cmd_name)
        try:
            if found := _plugin_groups(ctx).get(name):
                return found
        except FlowError:
            # A command that plugins have no part in may be what tells what is wrong with them.
            if name not in BUILTIN and point is None:
                raise
        if name in BUILTIN:
            from flowkit.cli.operation import OperationGroup
            from flowkit.operations import OPERATIONS

            return OperationGroup(name, load_group(name), OPERATIONS.group(name))
        return load_extension(point) if point else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List operation groups and tools apart; a tool from elsewhere is not imported for it."""
        rows = [
            (name.replace("_", "-"), _first_line(self.get_command(ctx, name))) for name in BUILTIN
        ]
        with formatter.section("Operations of the server"):
            formatter.write_dl(rows)
        if added := sorted(self._added(ctx).items()):
            with formatter.section("Operations that plugins add"):
                formatter.write_dl(
                    [(name.replace("_", "-"), _first_line(group)) for name, group in added]
                )
        with formatter.section("Tools"):
            formatter.write_dl(list(self._tools().items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what flowkit raises becomes one sentence and an exit code."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _tell_warning
                return super().invoke(ctx)
        except FlowError as error:
            raise Failure(error) from error
        except KeyboardInterrupt:
            click.echo("Interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except ModuleNotFoundError as error:
            if not (extra := extra_for(error)):
                raise
            text = f"this command needs {error.name}: pip install 'fate-flowkit[{extra}]'"
            raise click.ClickException(text) from error

    def _added(self, ctx: click.Context) -> dict[str, click.Command]:
        """Return the groups of plugins for a list; it is shown even when they cannot be asked."""
        try:
            return _plugin_groups(ctx)
        except FlowError as error:
            if not ctx.resilient_parsing:
                click.echo(f"Note: what plugins add is not shown: {error}", err=True)
            return {}

    def _tools(self) -> dict[str, str]:
        """Return the commands that are no operation groups, with a line on each."""
        own = {name: EntryPoint(name, target, "") for name, target in TOOLS.items()}
        points = sorted({**extensions(), **own}.items())
        return {name: summary(point) for name, point in points}


def _plugin_groups(ctx: click.Context) -> dict[str, click.Command]:
    """Return the groups that enabled plugins add to the built-in ones, or replace.

    Raises:
        FlowError: a plugin or the configuration cannot be used.
    """
    settings = ctx.ensure_object(Settings)
    chosen = read_config(settings.profile).choices(settings.plugins)
    groups = plugin_groups(chosen)
    if not groups:
        return {}
    from flowkit.cli.operation import OperationGroup
    from flowkit.operations import OPERATIONS

    known = OPERATIONS.extended(line for kind in groups.values() for line in kind.operations)
    return {name: OperationGroup(name, kind, known.group(name)) for name, kind in groups.items()}


def _tell_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Say a warning of ours in a sentence; where in the code it arose is nothing to who runs a command."""
    text = warnings.formatwarning(message, category, filename, lineno, line)
    click.echo(visible(f"Note: {message}" if category is UnknownKey else text), err=True)


def _first_line(command: click.Command | None) -> str:
    return command.get_short_help_str(limit=100) if command else ""


def _exit_codes() -> str:
    lines = "\n".join(f"  {code:<3}  {text}" for code, text in EXIT_CODES.items())
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
