"""Telling how a job proceeds while it is waited for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from flowkit.call.model import JobState
from flowkit.display.visible import visible

__all__ = ["following", "tell"]


def tell(job: JobState) -> None:
    """Say on standard error how the job stands: on a terminal over what was said before."""
    line = visible(f"job {job['job_id']}: {job['status']} ({job['progress']} %)", line=True)
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{line}", nl=False, err=True)
    else:
        click.echo(line, err=True)


@contextmanager
def following(quiet: bool = False) -> Iterator[None]:
    """Leave the line on which `tell` has written when the block ends."""
    try:
        yield
    finally:
        if not quiet and sys.stderr.isatty():
            click.echo(err=True)
