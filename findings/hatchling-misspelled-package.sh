#!/usr/bin/env bash
# hatchling builds an empty wheel when a package it is to pack does not exist.
#
# Versions: hatchling 1.33.0.
# Seen: packages, include or only-include naming a folder that is not there ("src/dmo" for
# "src/demo"): build_wheel succeeds, prints nothing, and the wheel holds metadata only. A
# misspelled source in force-include raises FileNotFoundError, and with nothing configured
# and nothing found hatchling stops with an explanation.
# Surprise: after a folder is renamed, the release is built, uploaded and installed; only
# "import demo" fails, at the user's.
# Contradicts: what hatchling does in the two neighbouring cases: it takes care to refuse
# when it cannot tell what to ship.
# Way out: install the wheel in a fresh environment before publishing, and import it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hatchling==1.33.0

cat > expected <<'EOF'
packages | []
include | []
only-include | []
EOF

cat > program.py <<'EOF'
import pathlib, subprocess, tarfile, zipfile

from hatchling.build import build_sdist, build_wheel

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "1"
"""

import os

for option in ("packages", "include", "only-include"):
    os.makedirs(f"{option}/src/demo")
    os.chdir(option)
    pathlib.Path("src/demo/__init__.py").write_text("")
    pathlib.Path("pyproject.toml").write_text(PROJECT + f'[tool.hatch.build.targets.wheel]\n{option} = ["src/dmo"]\n')
    with zipfile.ZipFile("dist/" + build_wheel("dist")) as archive:
        print(option, "|", [name for name in archive.namelist() if "dist-info" not in name])
    os.chdir("..")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
