"""``python -m benchmarks [NAME …]``: run the measurements and print what came of them."""

from __future__ import annotations

import argparse
from importlib import import_module

from benchmarks.measuring import Unmeasured

MEASUREMENTS = (
    "binning",
    "start",
    "board",
    "call_cost",
    "cluster",
    "contention",
    "boosting",
    "mock_rate",
    "linear",
    "listening",
    "many_jobs",
    "namespaces",
    "plugins",
    "tables",
    "test_suite",
    "training",
    "upload",
    "workers",
)


def main() -> int:
    """Run the chosen measurements; return 1 when one misses its target, or cannot be had although it was named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    named = parser.parse_args().names
    names = named or MEASUREMENTS
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(
            f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}"
        )
    missed = 0
    for name in names:
        try:
            for figure in import_module(f"benchmarks.{name}").measure():
                print(figure, flush=True)
                missed += not figure.met
        except Unmeasured as lacking:
            print(f"{name}: not measured: {lacking}", flush=True)
            missed += bool(named)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
