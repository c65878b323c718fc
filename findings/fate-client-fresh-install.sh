#!/usr/bin/env bash
# pip installs fate-client 1.8.0 without complaint; neither its command nor its SDK starts.
#
# Versions: fate-client 1.8.0 with MarkupSafe 3.0.3, requests 2.34.2 and urllib3 2.8.0, all
# within the ranges it declares, on Python 3.11. 1.7.2 is alike; 1.9.0 to 1.11.3 share the
# second fault.
# Seen: pip check finds nothing broken. "flow" ends in an ImportError, as Jinja2 2.11.3
# (the newest for its flask<2) imports a name that MarkupSafe dropped in 2.1.
# "import flow_sdk.client" ends in another, as requests_toolbelt 0.9.1 (the newest for its
# <0.10) looks for a module that urllib3 dropped in 2.0.
# Surprise: for whoever follows FATE's manual with today's package index, nothing of the
# official client works.
# Contradicts: the declared requirements, all of which are met.
# Way out: markupsafe<2.1 and urllib3<2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fate-client==1.8.0 markupsafe==3.0.3 requests==2.34.2 urllib3==2.8.0

cat > expected <<'EOF'
0 | No broken requirements found.
1 | ImportError: cannot import name 'soft_unicode' from 'markupsafe'
1 | ImportError: cannot import name 'appengine' from 'urllib3.contrib'
EOF

cat > program.py <<'EOF'
import subprocess

for command in (
    ["venv/bin/pip", "--disable-pip-version-check", "check"],
    ["venv/bin/flow", "--help"],
    ["venv/bin/python", "-c", "import flow_sdk.client"],
):
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.returncode, "|", (done.stdout + done.stderr).splitlines()[-1].split(" (")[0])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
