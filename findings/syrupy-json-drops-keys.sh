#!/usr/bin/env bash
# syrupy's JSON snapshots leave out every key that is not a string.
#
# Versions: syrupy 7.0.2 with pytest 9.2.0.
# Seen: {9999: "guest", 10000: "host"} is stored as {} with JSONSnapshotExtension, so the
# assertion passes for any other dictionary with integer keys, whatever it holds. Python's
# json.dumps writes such keys as strings. The default (amber) extension keeps them.
# Surprise: data keyed by party id, by index or by the integer keys of a protobuf map are
# "snapshot-tested" without one value being compared, and nothing warns.
# Contradicts: the README: the extension produces JSON files from dictionaries and lists.
# Way out: turn keys into strings before comparing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check syrupy==7.0.2 pytest==9.2.0

cat > expected <<'EOF'
record | PASSED test_demo.py::test_amber
record | PASSED test_demo.py::test_json
check | FAILED test_demo.py::test_amber
check | PASSED test_demo.py::test_json
{}
EOF

cat > program.py <<'EOF'
import os, pathlib, subprocess

pathlib.Path("test_demo.py").write_text("""
import os
from syrupy.extensions.json import JSONSnapshotExtension

PARTIES = {"record": {9999: "guest", 10000: "host"}, "check": {1: "somebody else"}}[os.environ["STEP"]]

def test_json(snapshot):
    assert PARTIES == snapshot(extension_class=JSONSnapshotExtension)

def test_amber(snapshot):
    assert PARTIES == snapshot
""")
for step, options in (("record", ["--snapshot-update"]), ("check", [])):
    environment = {**os.environ, "STEP": step, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(["venv/bin/pytest", "-q", "-rA", "-p", "no:cacheprovider", *options], capture_output=True, text=True, env=environment)
    for line in sorted(done.stdout.splitlines()):
        if line.startswith(("PASSED", "FAILED")):
            print(step, "|", line.split(" - ")[0])
print(pathlib.Path("__snapshots__/test_demo/test_json.json").read_text(), end="")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
