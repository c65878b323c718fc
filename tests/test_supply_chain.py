"""What the project needs is free of the advisories that are known here, and the lock names public places only."""

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
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))

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
    locked = [package for package in LOCK["package"] if package["name"] == name]
    found = [Version(package["version"]) for package in locked]
    with contextlib.suppress(PackageNotFoundError):
        found.append(Version(version(name)))

    assert all(Version(FIXED[name]) <= one for one in found)


def test_the_lock_holds_what_the_project_requires() -> None:
    locked = {package["name"]: package for package in LOCK["package"]}

    for requirement in REQUIREMENTS:
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        found = locked[name].get("version")
        assert found is None or requirement.specifier.contains(found), requirement


def test_the_lock_names_public_places_only() -> None:
    text = (ROOT / "uv.lock").read_text("utf-8")

    assert set(re.findall(r"https?://[^/\"]+", text)) == {
        "https://pypi.org",
        "https://files.pythonhosted.org",
    }
    for package in LOCK["package"]:
        for file in [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]:
            assert file["hash"].startswith("sha256:")
