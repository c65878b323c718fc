"""``-o``: the data of an answer into a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from flowkit.cli.official.amendment import Amendment
from flowkit.cli.options import SpelledOption
from flowkit.errors import ArgumentError, FlowError
from flowkit.files.downloads import check_destination, replace_whole
from flowkit.inputs.arguments import path
from flowkit.reply import Reply

__all__ = ["DataToFile", "DataToFolder"]


class DataToFile(Amendment):
    """``-o FILE``: the data goes there instead of to standard output."""

    help = "File for the answer's data, in place of standard output."

    def options(self) -> list[click.Option]:
        """Return ``--output-path``."""
        names = ["output_path", "--output-path", "-o", "--output_path"]
        return [SpelledOption(names, help=self.help, metavar="PATH", type=click.Path())]

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Refuse a place that cannot be written before anything is sent."""
        if (chosen := given.pop("output_path", None)) is not None:
            check_destination(self._destination(chosen, given), directory=False)
        return given

    def finish(self, reply: Reply[Any], given: dict[str, Any]) -> Reply[Any]:
        """Write the data, and say where."""
        chosen = given.get("output_path")
        if chosen is None:
            return reply
        file = self._destination(chosen, given)
        data = reply.get("data")
        text = data if isinstance(data, str) else json.dumps(data, indent=4, ensure_ascii=False)
        try:
            with replace_whole(file) as staging:
                staging.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise FlowError(f"{str(file)!r} cannot be written: {error.strerror}") from error
        return Reply({"retcode": 0, "retmsg": f"the data is in {file}", "file": str(file)})

    def _destination(self, chosen: str, given: dict[str, Any]) -> Path:
        """Return the file that the data goes to."""
        return Path(path("output_path", chosen))


class DataToFolder(DataToFile):
    """``-o FOLDER``: the data goes into a new file in there.

    Args:
        title: the file's name up to the date, with the names of options in braces.
        made: whether a folder that is not there is made.
    """

    help = "Folder for a file with the answer's data, in place of standard output."

    def __init__(self, title: str, *, made: bool = True) -> None:
        self._title = title
        self._made = made

    def _destination(self, chosen: str, given: dict[str, Any]) -> Path:
        folder = Path(path("output_path", chosen))
        if not self._made and not folder.is_dir():
            raise ArgumentError(
                f"output_path {chosen!r} must be a directory that exists", argument="output_path"
            )
        title = self._title.format_map(given)
        if Path(title).name != title:
            raise ArgumentError(f"{title!r} is no name for a file", argument="output_path")
        return folder / f"{title}_{datetime.now():%Y%m%d%H%M%S}.json"
