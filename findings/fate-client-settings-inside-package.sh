#!/usr/bin/env bash
# "flow init" writes the server's address into the installed package; reinstalling loses it.
#
# Versions: fate-client 1.8.0 with MarkupSafe 2.0.1, requests 2.31.0, urllib3 1.26.20.
# Seen: "flow init" changes settings.yaml inside site-packages/flow_client, a file of the
# package by its own RECORD. After pip install --force-reinstall of the same version the
# address is gone, and "flow job list" ends in a traceback (ValueError).
# Surprise: an upgrade, a rebuilt image or a reinstalled environment forgets the server;
# all users of one environment share one address and one key; where the environment is
# read-only, "flow init" cannot work. No option or variable names another file.
# Contradicts: the habit of command lines to keep settings with the user; the manual says
# to initialise once.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fate-client==1.8.0 markupsafe==2.0.1 requests==2.31.0 urllib3==1.26.20

cat > expected <<'EOF'
of the package | True
after init | True
after reinstalling | False | ValueError: Invalid configuration file. Did you run 'flow init'?
EOF

cat > program.py <<'EOF'
import csv, glob, pathlib, subprocess

def flow(*arguments):
    return subprocess.run(["venv/bin/flow", *arguments], capture_output=True, text=True)

(settings,) = map(pathlib.Path, glob.glob("venv/lib/python*/site-packages/flow_client/settings.yaml"))
(record,) = glob.glob("venv/lib/python*/site-packages/fate_client-1.8.0.dist-info/RECORD")
print("of the package |", "flow_client/settings.yaml" in [row[0] for row in csv.reader(open(record))])
flow("init", "--ip", "192.0.2.1", "--port", "9380")
print("after init |", "192.0.2.1" in settings.read_text())
subprocess.run(["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", "fate-client==1.8.0"], check=True)
print("after reinstalling |", "192.0.2.1" in settings.read_text(), "|", flow("job", "list").stderr.splitlines()[-1])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
