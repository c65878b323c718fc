"""The command line ``flowkit``, derived from the table of operations.

It needs click and rich, the extra ``cli``. Nothing in here is imported by the rest of flowkit.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]

NEEDED = ("click", "rich")


def main() -> None:
    """Run the command line; the entry point of the script ``flowkit``."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        needs = " and ".join(missing)
        sys.exit(f"flowkit: the command line needs {needs}: pip install 'fate-flowkit[cli]'")
    from flowkit.cli.app import app

    app(prog_name="flowkit")
