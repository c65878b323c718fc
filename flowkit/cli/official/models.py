"""Options of the official command line for what is known of models."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from flowkit.cli.official.amendment import Amendment
from flowkit.cli.options import SpelledOption
from flowkit.errors import ArgumentError
from flowkit.inputs.documents import read_text

__all__ = ["Detail", "WoeArray"]

# The columns that ``flow model get-model-info`` asks for without ``--detail``.
COLUMNS = (
    "create_date",
    "role",
    "party_id",
    "roles",
    "model_id",
    "model_version",
    "loaded_times",
    "size",
    "description",
    "parent",
    "parent_info",
)


class Detail(Amendment):
    """``--detail``: all columns; without it, those that people read."""

    def options(self) -> list[click.Option]:
        """Return ``--detail``."""
        return [SpelledOption(["--detail"], is_flag=True, help="Show all columns, DSL included.")]

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of `client.model.get_model_info`."""
        if not given.pop("detail", False):
            given.setdefault("query_filters", list(COLUMNS))
        return given


class WoeArray(Amendment):
    """``-i FILE``: the file that ``woe-array-extract`` has written."""

    replaces = ("woe_array",)

    def options(self) -> list[click.Option]:
        """Return ``--input-path``."""
        names = ["input_path", "--input-path", "-i", "--input_path"]
        help_text = "JSON file that woe-array-extract has written."
        return [
            SpelledOption(names, help=help_text, required=True, metavar="PATH", type=click.Path())
        ]

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of `client.component.woe_array_merge`."""
        path = given.pop("input_path")
        try:
            given["woe_array"] = json.loads(read_text("input_path", path)[1])
        except json.JSONDecodeError as error:
            text = f"input_path {path!r} is not JSON: {error}"
            raise ArgumentError(text, argument="input_path", value=path) from error
        return given
