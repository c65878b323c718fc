"""Exit codes, and how an error of flowkit ends a command."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import IO, Any

import click

from flowkit.call.secrets import mask
from flowkit.cli.output import write_json
from flowkit.display.visible import visible
from flowkit.errors import (
    ArgumentError,
    FlowError,
    JobFailed,
    OperationError,
    ServerError,
    TransportError,
    UnsupportedOperation,
)

__all__ = ["EXIT_CODES", "ExitCode", "Failure", "exit_code"]


class ExitCode(IntEnum):
    """What the process ends with."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    NO_ANSWER = 3
    NOT_FLOW = 4
    LOCAL = 5
    INTERRUPTED = 130


EXIT_CODES = {
    ExitCode.OK: "the server has carried it out",
    ExitCode.REFUSED: "the server refused (retcode is not 0), or a job that was waited for failed",
    ExitCode.USAGE: "an option or a file given to the command cannot be used; nothing was sent",
    ExitCode.NO_ANSWER: "no answer: the server cannot be reached, or time was up",
    ExitCode.NOT_FLOW: "the answer is not FATE Flow's, or a file it sent is damaged",
    ExitCode.LOCAL: "something on this side: a plugin, a cassette, a file that cannot be written",
    ExitCode.INTERRUPTED: "interrupted with Ctrl+C",
}

BY_ERROR: tuple[tuple[type[FlowError], ExitCode], ...] = (
    (OperationError, ExitCode.REFUSED),
    (JobFailed, ExitCode.REFUSED),
    (ArgumentError, ExitCode.USAGE),
    (UnsupportedOperation, ExitCode.USAGE),
    (TransportError, ExitCode.NO_ANSWER),
    (ServerError, ExitCode.NOT_FLOW),
)


def exit_code(error: FlowError) -> ExitCode:
    """Return the code with which an error ends the process."""
    for kind, code in BY_ERROR:
        if isinstance(error, kind):
            return code
    return ExitCode.LOCAL


class Failure(click.ClickException):
    """An error of flowkit on its way to the terminal: one sentence, and the exit code.

    A refusal has an answer too: it goes to standard output, as the answer of a success does.
    """

    def __init__(self, error: FlowError) -> None:
        super().__init__(visible(_sentence(error)))
        # click calls it a variable of the class, but reads it from the instance.
        self.exit_code = exit_code(error)  # type: ignore[misc]
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the answer, if there is one, and the sentence."""
        if isinstance(self._error, OperationError):
            write_json(mask(self._error.reply))
            sys.stdout.flush()
        super().show(file)
        for line in (*_reasons(self._error), *getattr(self._error, "__notes__", ())):
            click.echo(visible(line), file=file, err=file is None)


def _reasons(error: FlowError) -> list[str]:
    """Return what each party said, as far as the sentence does not say it, a line a party."""
    reasons = getattr(error, "reasons", None) or {}
    told = " ".join(str(error).split())
    lines = {party: " ".join(str(text).split()) for party, text in reasons.items()}
    return [f"  {party}: {text}" for party, text in lines.items() if text not in told]


def _sentence(error: FlowError) -> str:
    """Return the error's text; an argument that is an option of the command is called by its name."""
    text = " ".join(str(error).split())
    if isinstance(error, ArgumentError) and error.argument and text.startswith(error.argument):
        name = _options(click.get_current_context(silent=True)).get(error.argument, error.argument)
        return f"{name}{text.removeprefix(error.argument)}"
    return text


def _options(ctx: click.Context | None) -> dict[str, str]:
    """Return the long options that count for a command, by the names of the arguments they are."""
    found: dict[str, str] = {}
    while ctx is not None:
        for param in ctx.command.params:
            for name in param.opts:
                if name.startswith("--"):
                    found.setdefault(name.removeprefix("--").replace("-", "_"), name)
        ctx = ctx.parent
    return found
