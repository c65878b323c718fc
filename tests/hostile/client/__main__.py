"""Attack the client and print what was found: ``python -m tests.hostile.client --help``."""

from __future__ import annotations

import argparse
import logging
import sys
from importlib import import_module

from tests.hostile.finding import table

#: The whole of each attack: envelopes, runs of servers, archives, planted secrets.
AMOUNTS = {
    "envelopes": 25_000,
    "servers": 750,
    "archives": 20_000,
    "arguments": 20_000,
    "answers": 6000,
    "secrets": 23,
}


def main() -> int:
    """Run the attacks that are asked for; return 1 when one found a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.client", description=__doc__)
    parser.add_argument("attacks", nargs="*", help=f"{', '.join(AMOUNTS)}; all by default")
    parser.add_argument("--seed", type=int, default=1, help="decides everything (default: 1)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of it (default: 1)")
    options = parser.parse_args()
    logging.getLogger("flowkit").addHandler(logging.NullHandler())
    logging.getLogger("flowkit").propagate = False
    findings = []
    for name in options.attacks or AMOUNTS:
        attack = import_module(f"tests.hostile.client.attack_{name}").attack
        findings.append(attack(options.seed, max(1, int(AMOUNTS[name] * options.scale))))
        print(table(findings[-1:]), flush=True)
    print()
    print(table(findings))
    return int(any(found.faults for found in findings))


if __name__ == "__main__":
    sys.exit(main())
