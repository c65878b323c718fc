"""A method's parameter as an option of the command line."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.official.spellings import LETTERS, MORE_SPELLINGS
from flowkit.inputs.documents import read_whole_file

__all__ = ["SpelledOption", "option_for", "options_of"]

# Names that later SDKs have for an argument that has another one already.
ALIASES = frozenset({"config_data", "dsl_data", "train_dsl", "cpn"})

# Numbers that are switches: 0 or 1.
SWITCHES = frozenset({"drop", "min_data", "verbose"})

if TYPE_CHECKING:
    Json = click.ParamType[Any]
    Names = click.ParamType[list[str]]
else:
    Json = Names = click.ParamType  # generic from click 8.4 on only


class JsonType(Json):
    """JSON, written out or in a file named after ``@``."""

    name = "json|@file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value that the text stands for."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(read_whole_file(value[1:]).decode() if value[:1] == "@" else value)
        except OSError as error:
            self.fail(f"{value[1:]!r} cannot be read: {error.strerror}", param, ctx)
        except ValueError as error:
            self.fail(f"this is not JSON: {error}", param, ctx)


class NamesType(Names):
    """Several names, with commas between them, and brackets around them if one likes."""

    name = "name,name…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Return the names as a list."""
        if isinstance(value, list):
            return value
        text = str(value).strip().strip("[]")
        return [name.strip() for name in text.split(",") if name.strip()]


def options_of(
    operation: str, method: Any, described: dict[str, str], left_out: Collection[str] = ()
) -> list[click.Option]:
    """Return the options for a method of a group, in the order of its parameters."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    more = MORE_SPELLINGS.get(operation, {})
    return [
        option_for(parameter, described.get(parameter.name, ""), more.get(parameter.name, ()))
        for parameter in parameters
        if parameter.name not in ALIASES
        and parameter.name not in left_out
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]


def option_for(
    parameter: inspect.Parameter, text: str = "", more: Collection[str] = ()
) -> click.Option:
    """Return the option for one parameter.

    Args:
        parameter: the parameter.
        text: what the docstring says of it.
        more: further spellings.
    """
    name = parameter.name
    spelled = "--" + name.replace("_", "-")
    names = [name, spelled]
    if name in LETTERS:
        names.append(LETTERS[name])
    names.extend(more)
    if "_" in name:
        # The official command line, and fingers, know the underscore as well.
        names.append(f"--{name}")
    # What Python may be handed in place of a file, the command line cannot.
    help_text = (text[:1].upper() + text[1:]).replace(", or a mapping", "")
    attributes: dict[str, Any] = {"help": help_text, "required": True}
    default = None
    if parameter.default is not parameter.empty:
        default = parameter.default
        shown = default not in (None, False, "")
        attributes.update(required=False, default=default, show_default=shown)
    kind = _kind(name, str(parameter.annotation), default)
    if kind.get("is_flag") and default is None:
        # Neither yes nor no leaves it to the server.
        names = [f"{one}/--no-{one[2:]}" if one[:2] == "--" else one for one in names]
        kind["default"] = None
    attributes.update(kind)
    return SpelledOption(names, **attributes)


def _kind(name: str, annotation: str, default: object) -> dict[str, Any]:
    """Return what an annotation means for an option."""
    words = set(re.findall(r"\w+", annotation))
    if name in SWITCHES:
        return {"is_flag": False, "flag_value": 1, "type": click.IntRange(0, 1), "metavar": "[0|1]"}
    if "bool" in words:
        return {"is_flag": True, "default": bool(default)}
    if "int" in words and "str" not in words:
        return {"type": click.INT}
    if "float" in words:
        return {"type": click.FLOAT}
    if words & {"list", "Sequence"}:
        return {"type": NamesType()}
    if words & {"Source", "FilePath"}:
        return {"type": click.Path(), "metavar": "PATH"}
    if words & {"Mapping", "dict"}:
        return {"type": JsonType()}
    return {"type": click.STRING}


class SpelledOption(click.Option):
    """An option whose help shows one spelling of its name."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the help line, without the spelling with underscores."""
        both = self.opts, self.secondary_opts
        self.opts, self.secondary_opts = (
            [name for name in names if "_" not in name] for names in both
        )
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts, self.secondary_opts = both
