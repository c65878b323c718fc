"""Attack the mock server and print what was found: ``python -m tests.hostile --help``."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from tests.hostile.finding import table

#: How much of each attack is one unit; ``--scale 20`` is the whole of it.
AMOUNTS = {
    "requests": 5000,
    "lines": 5000,
    "control": 1500,
    "parameters": 500,
    "files": 1400,
    "connections": 60,
    "kill": 10,
    "jobs": 50,
    "disk": 10,
    "state": 40,
    "memory": 1500,
    "load": 30,
}


def main() -> int:
    """Run the attacks that are asked for; return 1 when one found a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("attacks", nargs="*", help=f"{', '.join(AMOUNTS)}; all by default")
    parser.add_argument("--seed", type=int, default=1, help="decides everything (default: 1)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of it (default: 1)")
    options = parser.parse_args()
    sys.path.append(str(Path(__file__).parents[1] / "support"))  # as in pytest
    findings = []
    for name in options.attacks or AMOUNTS:
        attack = import_module(f"tests.hostile.attack_{name}").attack
        findings.append(attack(options.seed, max(1, int(AMOUNTS[name] * options.scale))))
        print(table(findings[-1:]), flush=True)
    print()
    print(table(findings))
    return int(any(found.faults for found in findings))


if __name__ == "__main__":
    sys.exit(main())
