#!/usr/bin/env bash
# hatchling leaves out files that git tracks, and packs files that git ignores.
#
# Versions: hatchling 1.33.0.
# Seen: a repository with "*.log" in its .gitignore and one recording, tape.log, added with
# git add --force: git tracks it, neither wheel nor sdist holds it. A second .gitignore in a
# folder, which git obeys, is not read: the file it names is packed, along with the
# .gitignore itself. Neither is told.
# Surprise: package data (recordings, samples) vanish between the checkout, where all
# tests pass, and the installed package; scratch files are published.
# Contradicts: to git a tracked file is not ignored. The documentation says that the first
# .gitignore found is respected, and speaks elsewhere of files ignored by version control.
# Way out: name such files under artifacts or force-include, and look into the wheel.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hatchling==1.33.0

cat > expected <<'EOF'
tracked: ['demo/__init__.py', 'demo/scratch/.gitignore', 'demo/tape.log']
wheel: ['demo/__init__.py', 'demo/scratch/.gitignore', 'demo/scratch/notes.txt']
sdist: ['demo/__init__.py', 'demo/scratch/.gitignore', 'demo/scratch/notes.txt']
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

def git(*arguments):
    subprocess.run(["git", *arguments], check=True, capture_output=True)

def wheel():
    with zipfile.ZipFile("dist/" + build_wheel("dist")) as archive:
        return sorted(name for name in archive.namelist() if "dist-info" not in name)

import os

os.makedirs("one/demo/scratch")
os.chdir("one")
for name, text in {
    "pyproject.toml": PROJECT,
    ".gitignore": "*.log\ndist\n",
    "demo/__init__.py": "",
    "demo/tape.log": "recorded",
    "demo/scratch/.gitignore": "notes.txt\n",
    "demo/scratch/notes.txt": "private",
}.items():
    pathlib.Path(name).write_text(text)
git("init", "--quiet")
git("add", "--all")
git("add", "--force", "demo/tape.log")
tracked = subprocess.run(["git", "ls-files", "demo"], capture_output=True, text=True).stdout.split()
print("tracked:", tracked)
print("wheel:", wheel())
with tarfile.open("dist/" + build_sdist("dist")) as archive:
    print("sdist:", sorted(name.removeprefix("demo-1/") for name in archive.getnames() if "/demo/" in name))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
