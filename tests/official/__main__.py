"""Run the official SDKs and command lines on mocks of their versions: ``python -m tests.official --help``.

Each version of fate-client lives in an environment of its own with Python 3.8, made from a package index at the first
run. A line of the table says how many methods or commands were called, how often, and how many of the calls were
answered as a real server answers them.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.official.environments import VERSIONS, find_python, prepare
from tests.official.run import drive, table


def main() -> int:
    """Run what is asked for; return 1 when an answer was wrong, 2 when there is no Python 3.8."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.official",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("versions", nargs="*", help=f"{', '.join(VERSIONS)}; all by default")
    parser.add_argument("--python", type=Path, default=find_python(), help="a Python 3.8")
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path(tempfile.gettempdir()) / "flowkit-official",
        help="where the environments are kept (default: %(default)s)",
    )
    options = parser.parse_args()
    unknown = [version for version in options.versions if version not in VERSIONS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(VERSIONS)}")
    if options.python is None:
        print("There is no Python 3.8 here; say where with --python.", file=sys.stderr)
        return 2
    # What the mock fails at on purpose is a part of its answers.
    logging.disable(logging.ERROR)
    outcomes = []
    for version in options.versions or VERSIONS:
        programs = prepare(options.python, options.environments, version)
        for surface in ("sdk", "cli"):
            with tempfile.TemporaryDirectory() as folder:
                outcome = drive(programs, version, VERSIONS[version], surface, Path(folder))
            print(table([outcome]).partition("\n")[2], flush=True)
            outcomes.append(outcome)
    print()
    print(table(outcomes))
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
