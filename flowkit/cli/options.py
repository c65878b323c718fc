"""A method's parameter as an option of the command line."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import click

__all__ = ["option_for", "options_of"]

# The letters of FATE Flow's own command line.
LETTERS = {
    "conf_path": "-c",
    "dsl_path": "-d",
    "job_id": "-j",
    "role": "-r",
    "party_id": "-p",
    "component_name": "-cpn",
    "status": "-s",
    "output_path": "-o",
    "limit": "-l",
    "namespace": "-n",
    "table_name": "-t",
    "tag_name": "-t",
    "tag_desc": "-d",
    "date": "-d",
}

# Names that later SDKs have for an argument that has another one already.
ALIASES = frozenset({"config_data", "dsl_data", "train_dsl", "cpn"})

# Numbers that are switches: 0 or 1.
SWITCHES = frozenset({"drop", "verbose"})


class JsonType(click.ParamType[Any]):
    """JSON, written out or in a file named after ``@``."""

    name = "json|@file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value that the text stands for."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(Path(value[1:]).read_text("utf-8") if value[:1] == "@" else value)
        except OSError as error:
            self.fail(f"{value[1:]!r} cannot be read: {error.strerror}", param, ctx)
        except ValueError as error:
            self.fail(f"this is not JSON: {error}", param, ctx)


class NamesType(click.ParamType[list[str]]):
    """Several names, with commas between them."""

    name = "name,name…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Return the names as a list."""
        if isinstance(value, list):
            return value
        return [name.strip() for name in str(value).split(",") if name.strip()]


def options_of(method: Any, described: dict[str, str]) -> list[click.Option]:
    """Return the options for a method of a group, in the order of its parameters."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return [
        option_for(parameter, described.get(parameter.name, ""))
        for parameter in parameters
        if parameter.name not in ALIASES
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]


def option_for(parameter: inspect.Parameter, text: str = "") -> click.Option:
    """Return the option for one parameter; `text` is what the docstring says of it."""
    name = parameter.name
    spelled = "--" + name.replace("_", "-")
    names = [name, spelled]
    if name in LETTERS:
        names.append(LETTERS[name])
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
    attributes.update(_kind(name, str(parameter.annotation), default))
    return _Option(names, **attributes)


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


class _Option(click.Option):
    """An option whose help shows one spelling of its name."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the help line, without the spelling with underscores."""
        opts, self.opts = self.opts, [name for name in self.opts if "_" not in name]
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = opts
