"""Python, flowkit and the libraries it uses: what is installed, and whether it is new enough."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator
from importlib import metadata

from flowkit.doctor.finding import Finding, State

__all__ = ["examine_versions"]

DISTRIBUTION = "fate-flowkit"
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9][0-9.]*)(.*)")


def examine_versions(installed: Callable[[str], str] = metadata.version) -> Iterator[Finding]:
    """Yield a finding for Python and flowkit, and one for each library that is too old.

    Args:
        installed: returns the version of a distribution.
    """
    try:
        own = installed(DISTRIBUTION)
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        text = f"Python {platform.python_version()}; {DISTRIBUTION} runs without being installed"
        mend = (
            f"pip install {DISTRIBUTION}, or pip install -e . in a checkout: plugins are found then"
        )
        yield Finding("versions", State.WARNING, text, mend)
        return
    found, old = [], []
    for name, least in _least(requirements).items():
        try:
            version = installed(name)
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed
        found.append(f"{name} {version}")
        if _numbers(version) < _numbers(least):
            old.append((name, version, least))
    listed = ", ".join([f"Python {platform.python_version()}", f"{DISTRIBUTION} {own}", *found])
    yield Finding("versions", State.OK, listed)
    for name, version, least in old:
        mend = f"pip install '{name}>={least}'"
        text = f"{name} {version} is older than {least}, the oldest that works"
        yield Finding("versions", State.PROBLEM, text, mend)


def _least(requirements: list[str]) -> dict[str, str]:
    """Return the lowest version by distribution, of what users install; not of tools to develop."""
    least = {}
    for requirement in requirements:
        match = REQUIREMENT.match(requirement)
        if match and "dev" not in match[3]:
            least[match[1]] = match[2]
    return dict(sorted(least.items()))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; what follows them, such as ``rc1``, does not count here."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
