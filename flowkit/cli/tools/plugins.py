"""``flowkit plugins``: what can be enabled, who runs when, what is broken, and how to begin one."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from flowkit.cli.loading import summary
from flowkit.cli.output import write_json, write_table
from flowkit.cli.settings import connect
from flowkit.cli.tools.plugin_template import write_package
from flowkit.client import FlowClient
from flowkit.config import read_config
from flowkit.errors import ArgumentError, PluginError
from flowkit.hooks.checks import check_plugin
from flowkit.hooks.loading import (
    ENVIRONMENT,
    available_plugins,
    choose,
    distribution,
    load_plugin,
    plugin_factory,
)
from flowkit.hooks.order import order_constraints
from flowkit.hooks.table import HOOKS
from flowkit.inputs.spelling import nearest

__all__ = ["plugins"]

PASSED = ("flowkit_call", "flowkit_send", "flowkit_sign", "flowkit_transferred")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_context
def plugins(ctx: click.Context, as_json: bool) -> None:
    """List the installed plugins, explain, check or begin one.

    Being installed enables none of them.
    """
    if ctx.invoked_subcommand is None:
        rows = _list_installed()
        if as_json:
            write_json(rows)
        else:
            columns = ("name", "enabled", "object", "distribution", "what it does")
            write_table(columns, [tuple(row.values()) for row in rows])


def _list_installed() -> list[dict[str, str]]:
    chosen, disabled = choose(read_config().choices())
    states = {str(choice.plugin): choice.origin for choice in chosen}
    states |= {record.name: f"disabled by {record.origin}" for record in disabled}
    return [
        {
            "name": name,
            "enabled": states.get(name, "").replace(
                f"the environment variable {ENVIRONMENT}", ENVIRONMENT
            ),
            "object": point.value,
            "distribution": distribution(point),
            "summary": summary(point),
        }
        for name, point in sorted(available_plugins().items())
    ]


@plugins.command()
@click.argument("operation")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
@click.pass_context
def explain(ctx: click.Context, operation: str, as_json: bool) -> None:
    """Show who takes part in OPERATION, in which order, and who may answer it."""
    client = connect(ctx)
    if operation not in client.operations:
        known = [one.name for one in client.operations]
        raise ArgumentError(
            f"there is no operation {operation!r}; did you mean {nearest(operation, known)}?"
        )
    steps = _steps(client)
    if as_json:
        write_json(steps)
        return
    table = client.operations[operation]
    click.echo(f"{table.name}: {table.method} {table.path}. {table.summary}\n")
    columns = ("hook", "plugin", "takes part as", "distribution", "enabled by")
    write_table(columns, [tuple(step.values()) for step in steps])


def _steps(client: FlowClient) -> list[dict[str, str]]:
    records = {record.name: record for record in client.hooks.records}
    steps = []
    for hook in PASSED:
        found = client.hooks.implementations(hook)
        for number, one in enumerate(found, 1):
            part = "observes" if one.wrapper else "takes part"
            if HOOKS[hook].answers and not one.wrapper:
                part = "answers" if number == len(found) else "may answer"
            record = records.get(one.plugin_name)
            steps.append(
                {
                    "hook": hook,
                    "plugin": one.plugin_name,
                    "part": part,
                    "distribution": record.distribution if record else "",
                    "origin": record.origin if record else "",
                }
            )
    return steps


@dataclass(frozen=True, slots=True)
class Finding:
    """What the doctor has to say of one plugin."""

    name: str
    distribution: str
    state: str
    says: str = ""
    traceback: str = ""


@plugins.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Load every installed plugin, one by one, and say what is wrong with it.

    This imports what is installed, except what is disabled; it ends with code 1 if one is broken.
    """
    config = read_config()
    _, disabled = choose(config.choices())
    unseen = {record.name: record.origin for record in disabled}
    found = [
        Finding(name, distribution(point), "disabled", f"by {unseen[name]}")
        if name in unseen
        else _examine(name, config.arguments(name))
        for name, point in sorted(available_plugins().items())
    ]
    if as_json:
        write_json([asdict(one) for one in found])
    else:
        columns = ("name", "distribution", "state", "what is wrong")
        write_table(columns, [(one.name, one.distribution, one.state, one.says) for one in found])
        for one in found:
            if one.traceback:
                click.echo(f"\n{one.name}:\n{one.traceback}")
    if any(one.state == "broken" for one in found):
        ctx.exit(1)


def _examine(name: str, options: dict[str, object]) -> Finding:
    """Load one plugin and look at it."""
    source = distribution(available_plugins()[name])
    try:
        plugin_factory(name)
    except PluginError as error:
        trace = "".join(traceback.format_exception(error))
        return Finding(name, source, "broken", str(error), trace)
    try:
        plugin = load_plugin(name, options)
    except PluginError as error:
        return Finding(name, source, "needs settings", str(error))
    try:
        check_plugin(plugin, name)
        named = {*order_constraints(plugin, "before"), *order_constraints(plugin, "after")}
    except PluginError as error:
        return Finding(name, source, "broken", str(error))
    unknown = ", ".join(sorted(named - available_plugins().keys()))
    return Finding(name, source, "fine", f"knows {unknown}, not installed" if unknown else "")


@plugins.command()
@click.argument("name")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to put the package's folder; here by default.",
)
def new(name: str, directory: Path) -> None:
    """Write a package with a plugin NAME, an operation group and its tests.

    It passes its tests as it is: pip install -e it, and change it from there.
    """
    folder = write_package(name, directory)
    click.echo(f"wrote {folder}: pip install -e {folder} && pytest {folder}")
