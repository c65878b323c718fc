"""Packages of the examples: built and installed into a folder, and used from there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["install_package", "run_python"]


def install_package(package: Path, folder: Path) -> Path:
    """Install a package into a new folder, with nothing but what is here already; return it."""
    build, place = folder / "wheel", folder / "installed"
    hatch = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(build)]
    subprocess.run(hatch, cwd=package, check=True, capture_output=True)
    (wheel,) = build.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--target", str(place), str(wheel)],
        check=True,
        capture_output=True,
    )
    return place


def run_python(place: Path, folder: Path, *arguments: str) -> str:
    """Run Python in a folder, with what is installed in `place`; return its output."""
    paths = [str(place), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
