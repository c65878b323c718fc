"""``-c``: the arguments of an operation from a JSON file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import click

from flowkit.cli.official.amendment import Amendment
from flowkit.cli.options import SpelledOption
from flowkit.errors import ArgumentError
from flowkit.inputs.documents import configuration

__all__ = ["FieldsFromFile"]


class FieldsFromFile(Amendment):
    """``-c FILE``: what the file holds counts as if it had been given as options.

    An option counts before the file. A field that the operation has no argument for is not sent;
    standard error says so.

    Args:
        renamed: arguments by the name that the file has for them.
    """

    optional = True

    def __init__(self, **renamed: str) -> None:
        self._renamed = renamed

    def options(self) -> list[click.Option]:
        """Return ``--conf-path``."""
        help_text = "JSON file whose fields count as if they were given as options."
        names = ["conf_path", "--conf-path", "-c", "--conf_path"]
        return [SpelledOption(names, help=help_text, metavar="PATH", type=click.Path())]

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the file's fields and the options; what is still missing is named."""
        path = given.pop("conf_path", None)
        found = configuration("conf_path", path).data if path is not None else {}
        parameters = inspect.signature(method).parameters
        merged = {**self._fitting(found, parameters), **given}
        missing = [
            name
            for name, parameter in list(parameters.items())[1:]
            if parameter.default is parameter.empty
            and parameter.kind is not parameter.VAR_KEYWORD
            and name not in merged
        ]
        if missing:
            where = f"neither given nor in {path!r}" if path else "missing; -c takes a file of them"
            raise ArgumentError(f"{missing[0]} is {where}", argument=missing[0])
        return merged

    def _fitting(
        self, found: Mapping[str, Any], parameters: Mapping[str, inspect.Parameter]
    ) -> dict[str, Any]:
        """Return the fields that the method takes, by the names of its arguments."""
        anything = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
        fitting = {}
        for field, value in found.items():
            name = self._renamed.get(field, field)
            if anything or name in parameters:
                fitting[name] = value
            else:
                click.echo(f"Note: {field} is no field of this operation; not sent.", err=True)
        return fitting
