"""Prints the lowest version of every requirement in pyproject.toml, as constraints for pip."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)")


def lowest(pyproject: Path) -> list[str]:
    """Return a line ``name==version`` for each distribution that has a lower bound."""
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    listed = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bounds = {}
    for requirement in listed:
        if match := REQUIREMENT.match(requirement):
            bounds[match[1]] = match[2]
    return [f"{name}=={version}" for name, version in sorted(bounds.items())]


if __name__ == "__main__":
    print("\n".join(lowest(Path(__file__).parent.parent / "pyproject.toml")))
