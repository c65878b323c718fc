"""What the project needs is free of the advisories that are known here, and the lock says all of it, by its hash."""

from __future__ import annotations

import contextlib
import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements-dev.lock").read_text("utf-8")
#: By package, the locked versions: one, or one for each environment that a marker names.
LOCKED: dict[str, set[Version]] = {}
for name, locked in re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", LOCK, re.MULTILINE):
    LOCKED.setdefault(name, set()).add(Version(locked))

#: By package, the first version without known advisories. ``pip-audit`` knows more, where an index serves them.
FIXED = {
    "flask": "3.1.3",  # CVE-2026-27205
    "h11": "0.16.0",  # CVE-2025-43859
    "jinja2": "3.1.6",  # CVE-2025-27516
    "protobuf": "6.33.5",  # CVE-2026-0994
    "pytest": "9.0.3",  # CVE-2025-71176
    "pyyaml": "5.4",  # CVE-2020-14343
    "requests": "2.32.4",  # CVE-2024-47081
    "urllib3": "2.6.3",  # CVE-2026-21441
    "werkzeug": "3.1.6",  # CVE-2026-27199
}
#: Our own name, and what is for one extra only that development does without.
NOT_LOCKED = {"fate-flowkit", "torch"}
REQUIREMENTS = [
    Requirement(text)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in group
]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_a_lower_bound_admits_no_known_advisory(requirement: Requirement) -> None:
    fixed = FIXED.get(requirement.name.lower())
    bounds = [Version(part.version) for part in requirement.specifier if part.operator == ">="]

    assert bounds or requirement.name == "fate-flowkit", "every requirement has a lower bound"
    assert fixed is None or max(bounds) >= Version(fixed)


@pytest.mark.parametrize("name", FIXED)
def test_what_is_installed_and_locked_has_no_known_advisory(name: str) -> None:
    found = [*LOCKED.get(name, ())]
    with contextlib.suppress(PackageNotFoundError):
        found.append(Version(version(name)))

    assert all(Version(FIXED[name]) <= one for one in found)


def test_the_lock_holds_what_the_project_requires() -> None:
    for requirement in REQUIREMENTS:
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name not in NOT_LOCKED:
            assert all(requirement.specifier.contains(one) for one in LOCKED[name]), requirement


def test_every_locked_package_has_its_hash() -> None:
    packages = re.findall(r"^(\S+==.*)\n( *--hash=sha256:[0-9a-f]{64})?", LOCK, re.MULTILINE)

    assert len(packages) > len(REQUIREMENTS)
    assert all(hashed for _, hashed in packages)
