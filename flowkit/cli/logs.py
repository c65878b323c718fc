"""What is logged below ``flowkit``, shown on standard error while a command runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from flowkit.display.visible import visible

__all__ = ["LEVELS", "showing_logs"]

LEVELS = ("debug", "info", "warning", "error")


class EchoHandler(logging.Handler):
    """Writes records to standard error as click sees it at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            click.echo(visible(self.format(record)), err=True)
        except Exception:  # as every handler of the standard library: a log must not stop a program
            self.handleError(record)


@contextmanager
def showing_logs(level: str = "info") -> Iterator[None]:
    """Show the records of the logger ``flowkit`` from `level` on, for the length of the block.

    What flowkit finds out of the server by itself shows from ``debug`` on: `flowkit doctor` tells it.
    """
    logger, handler = logging.getLogger("flowkit"), EchoHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    if level != "debug":
        handler.addFilter(
            lambda record: record.name != "flowkit.servers" or record.levelno > logging.INFO
        )
    former = logger.level, logger.propagate
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = former
