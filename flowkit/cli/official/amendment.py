"""What the official command line adds to an operation: options of its own, turned into arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from flowkit.reply import Reply

__all__ = ["Amendment"]


class Amendment:
    """Options that a method has no parameter for, and what becomes of them.

    An operation's command shows the options of its method and these.

    Attributes:
        optional: whether the method's own arguments may be left out on the command line, because
            these options can bring them.
        replaces: arguments of the method that get no option, because these options stand for them.
    """

    optional = False
    replaces: Sequence[str] = ()

    def options(self) -> list[click.Option]:
        """Return the options, made anew."""
        return []

    def prepare(self, method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Return the method's arguments, from the options that were given, its own and these.

        Raises:
            ArgumentError: a file cannot be read, or an argument is missing.
        """
        return given

    def finish(self, reply: Reply[Any], given: dict[str, Any]) -> Reply[Any]:
        """Return what is printed for the reply; `given` is all that was given, as for `prepare`.

        Raises:
            FlowError: a file cannot be written.
        """
        return reply
