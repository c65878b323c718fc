"""``flowkit legacy``: the lines of ``fate_flow_client.py``, FATE's command line before ``flow``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from flowkit.cli.official.functions import CONFIGURED, FUNCTIONS, OPTIONS
from flowkit.cli.output import write_reply
from flowkit.cli.settings import ClientCommand, Settings, connect
from flowkit.errors import ArgumentError
from flowkit.inputs.documents import configuration

__all__ = ["legacy"]

# Fields by the name that the method's argument has.
RENAMED = {"component.metric_delete": {"model": "date"}}


def _options() -> list[click.Option]:
    """Return the options as ``fate_flow_client.py`` spells them."""
    path: dict[str, Any] = {"type": click.Path(), "metavar": "PATH"}
    own = [
        click.Option(
            ["function", "-f", "--function"],
            type=click.Choice(list(FUNCTIONS)),
            metavar="FUNCTION",
            required=True,
            help=f"What to do: {', '.join(FUNCTIONS)}.",
        ),
        click.Option(["config", "-c", "--config"], help="Configuration file (JSON).", **path),
        click.Option(["dsl", "-d", "--dsl"], help="DSL file (JSON).", **path),
    ]
    return own + [
        click.Option(
            [field, *letters], help=f"Field {field}.", type=click.INT if number else click.STRING
        )
        for field, letters, number in OPTIONS
    ]


@click.command(cls=ClientCommand, params=[*_options()])
def legacy(function: str, config: str | None, dsl: str | None, **fields: Any) -> None:
    """Run a line of FATE's older command line, fate_flow_client.py.

    Put flowkit legacy in place of python fate_flow_client.py. Fields come from the configuration
    file; options count before it.
    """
    ctx = click.get_current_context()
    client = connect(ctx)
    name = FUNCTIONS[function]
    group, _, attribute = name.partition(".")
    method = getattr(getattr(client, group), attribute)
    conf = _conf(config) if config is not None else {}
    given = {field: value for field, value in fields.items() if value is not None}
    if name in CONFIGURED:
        arguments = _configured(name, conf, given, dsl)
    else:
        conf |= given
        renamed = RENAMED.get(name, {})
        arguments = _fitting(method, {renamed.get(field, field): conf[field] for field in conf})
    write_reply(method(**arguments), ctx.ensure_object(Settings).output)


def _conf(path: str) -> dict[str, Any]:
    """Return the configuration; a file that it names beside itself gets its absolute path."""
    document = configuration("config", path)
    named = document.data.get("file")
    if isinstance(named, str) and document.file is not None:
        beside = document.file.parent / named
        if beside.is_file():
            document.data["file"] = str(beside)
    return document.data


def _configured(
    name: str, conf: dict[str, Any], given: dict[str, Any], dsl: str | None
) -> dict[str, Any]:
    """Return the arguments of a method that takes a configuration; options count before it."""
    if name == "job.submit" and not conf:
        raise ArgumentError("config is missing: -c names the runtime configuration")
    # Who submits is a field of its own; a runtime configuration has all roles under that name.
    local = {field: given[field] for field in ("role", "party_id") if field in given}
    if local:
        conf["local"] = {**conf.get("local", {}), **local}
    for field, value in given.items():
        if not isinstance(conf.get(field), dict):
            conf[field] = value
    arguments: dict[str, Any] = {"config_data": conf}
    if name == "job.submit" and dsl is not None:
        arguments["dsl_path"] = Path(dsl)
    if name == "data.upload":
        arguments["verbose"] = conf.get("verbose", 0)
        arguments["drop"] = int(conf.get("drop", 0) == 1)  # 2 means no, as 0 does
    return arguments


def _fitting(method: Callable[..., Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that the method takes; what is missing is named, what is left over told."""
    parameters = inspect.signature(method).parameters
    anything = False
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            anything = True
        elif parameter.default is parameter.empty and name not in fields:
            text = f"{name} is missing: it is neither an option nor in the configuration"
            raise ArgumentError(text, argument=name)
    if anything:
        return fields
    for name in fields.keys() - parameters.keys():
        click.echo(f"Note: {name} is no field of this operation; not sent.", err=True)
    return {name: value for name, value in fields.items() if name in parameters}
