"""The command line ``flowkit``, derived from the table of operations.

It needs click, which the extras ``cli``, ``mock`` and ``replay`` bring; rich, in ``cli``, makes it
colourful. Nothing in here is imported by the rest of flowkit.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib.metadata import version
from importlib.util import find_spec

__all__ = ["main"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run the command line; the entry point of the script ``flowkit``."""
    if find_spec("click") is None:
        sys.exit("flowkit: the command line needs click: pip install 'fate-flowkit[cli]'")
    found = version("click")
    if int(found.partition(".")[0]) < 8:
        sys.exit(
            f"flowkit: the command line needs click 8.1.3 or later, and {found} is installed, as"
            " fate-client 1.x wants it. The library works beside it; for the command line make an"
            " environment of its own: pip install 'fate-flowkit[cli]'"
        )
    from flowkit.cli.app import app

    try:
        app(prog_name="flowkit")
    except OSError as error:
        # Of errors that name no file these are the ones about the stream that is written to.
        if error.filename is not None or error.errno not in FULL:
            raise
        from flowkit.cli.exits import ExitCode

        with open(os.devnull, "w") as sink:  # what is still held back has no place to go, either
            os.dup2(sink.fileno(), 1)
        print(f"Error: standard output cannot be written: {error.strerror}", file=sys.stderr)
        sys.exit(ExitCode.LOCAL)
