"""Checks of what `flowkit_replay.Replay` is given, before anything is read."""

from __future__ import annotations

import os
from collections.abc import Iterable

from flowkit import ArgumentError

__all__ = ["check_names", "check_path"]


def check_path(path: object) -> None:
    """Refuse what is no path.

    Raises:
        ArgumentError: it is neither a text nor a path, or empty.
    """
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ArgumentError(
            f"path must be the path of a cassette, got {path!r}", argument="path", value=path
        )


def check_names(**arguments: object) -> None:
    """Refuse one text where a list of them belongs: its letters would count one by one.

    Raises:
        ArgumentError: an argument is a text, or no list; the values of `secrets` are not shown.
    """
    for argument, names in arguments.items():
        if isinstance(names, str | bytes) or not isinstance(names, Iterable | None):
            shown = "a text" if argument == "secrets" else repr(names)
            raise ArgumentError(
                f"{argument} must be a list of texts, got {shown}; write {argument}=[…]",
                argument=argument,
                value=None if argument == "secrets" else names,
            )
