#!/usr/bin/env bash
# The flow command of fate-client 2.2.0 stops at its first line with any ruamel.yaml since 0.18.
#
# Versions: fate-client 2.2.0 with ruamel.yaml 0.17.40 and 0.18.10, on Python 3.11.
# Seen: "flow --help" works; "flow init", the first command of the manual, and all others
# end in an AttributeError: ruamel.yaml 0.18 removed safe_load, which the client calls
# to read its settings. With 0.17.40 it initialises. The package asks for "ruamel.yaml"
# without a bound, so a fresh install takes the one that does not work.
# Surprise: the installation and the help page are fine, so the fault is sought elsewhere.
# Contradicts: the declared requirements, which are met.
# Way out: ruamel.yaml<0.18.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==2.2.0 click==8.1.8 ruamel.yaml==0.17.40 ruamel.yaml.clib==0.2.15 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20

cat > expected <<'EOF'
0.17.40 | --help | works | 0
0.17.40 | init | works | 0
0.18.10 | --help | works | 0
0.18.10 | init | safe_load has been removed | 1
EOF

cat > program.py <<'EOF'
import importlib.metadata, subprocess

for arguments in (["--help"], ["init", "--ip", "127.0.0.1", "--port", "9380"]):
    done = subprocess.run(["venv/bin/flow", *arguments], capture_output=True, text=True)
    fault = "safe_load()" in done.stdout + done.stderr
    print(importlib.metadata.version("ruamel.yaml"), "|", arguments[0], "|", "safe_load has been removed" if fault else "works", "|", done.returncode)
EOF

{
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check --no-deps ruamel.yaml==0.18.10
    venv/bin/python program.py
} > seen
diff -u expected seen
echo "seen as stated"
