"""Environments with one version of the official client each: they need Python 3.8, and old companions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["VERSIONS", "find_python", "prepare"]

#: Versions of fate-client, the last of each line, and the version of the server that each is for.
VERSIONS = {
    "1.5.3": "1.5.3",
    "1.6.1": "1.6.1",
    "1.7.2": "1.7.2",
    "1.8.0": "1.8.0",
    "1.9.0": "1.9.0",
    "1.10.0": "1.10.0",
    "1.11.3": "1.11.4",
}

#: What the clients were written for; they do not say so.
_COMPANIONS = (
    "urllib3<2",
    "markupsafe<2.1",
    "jinja2<3.1",
    "itsdangerous<2.1",
    "werkzeug<2",
    "flask<2",
    "click>=7.1.2,<8",
)
_OLD = (
    "loguru>=0.5.1,<0.6",
    "requests<3",
    "requests_toolbelt<0.10",
    "ruamel.yaml<0.17",
    "setuptools<51",
)


def find_python() -> Path | None:
    """Return a Python 3.8: on the path, or one of pyenv's."""
    found = shutil.which("python3.8")
    kept = sorted(Path.home().glob(".pyenv/versions/3.8.*/bin/python"))
    return Path(found) if found is not None else next(iter(kept), None)


def prepare(python: Path, folder: Path, version: str) -> Path:
    """Install a version of fate-client below `folder` unless it is there; return the folder of its programs."""
    place = folder / version
    programs = place / "bin"
    if (place / "complete").exists():
        return programs
    shutil.rmtree(place, ignore_errors=True)
    _run(str(python), "-m", "venv", str(place))
    wanted = f"fate-client=={version}"
    if version in ("1.5.3", "1.6.1"):
        # They ask for versions of tensorflow and torch that are gone; SDK and command line use neither.
        _install(programs, "--no-deps", wanted)
        _install(programs, *_OLD, *_COMPANIONS)
    else:
        _install(programs, wanted, *_COMPANIONS)
    if version == "1.10.0":
        # Its command line imports it.
        _install(programs, "--no-deps", "torch==1.12.1", "typing_extensions")
    (place / "complete").touch()
    return programs


def _install(programs: Path, *packages: str) -> None:
    _run(str(programs / "pip"), "install", "-q", "--disable-pip-version-check", *packages)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{' '.join(command)} failed")
