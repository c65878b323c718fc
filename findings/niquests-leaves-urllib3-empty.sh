#!/usr/bin/env bash
# niquests: installing it replaces urllib3's files; uninstalling it leaves urllib3 without any.
#
# Versions: niquests 3.21.2, urllib3-future 2.25.904, urllib3 2.8.0, requests 2.34.2.
# Seen: with urllib3 and requests installed, installing niquests makes every later `import urllib3` load
# urllib3-future's code, in the folder of urllib3, while pip goes on to list urllib3 2.8.0. After niquests and
# urllib3-future are uninstalled, pip still lists urllib3 2.8.0 and `pip check` finds nothing broken, but the
# package has no code left, and requests cannot be imported.
# Surprise: trying another HTTP library changes, and giving it up breaks, all that stands on urllib3. A class derived
# from urllib3's pools or connections runs on another library than the one it was tested with.
# Contradicts: what the metadata of both say; urllib3-future's startup hook speaks of a compatible replacement.
# Way out: pip uninstall urllib3 urllib3-future, and install both anew with URLLIB3_NO_OVERRIDE=1 and
# --no-binary urllib3-future; or pip install --force-reinstall urllib3 after niquests is gone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
unset URLLIB3_NO_OVERRIDE
pip() { venv/bin/pip --disable-pip-version-check --quiet "$@"; }

cat > expected <<'EOF'
before | pip lists urllib3 2.8.0 | imported urllib3 2.8.0 | requests works | pip check passes
niquests installed | pip lists urllib3 2.8.0 | imported urllib3 2.25.904 | requests works | pip check passes
niquests uninstalled | pip lists urllib3 2.8.0 | imported urllib3 without a version | requests fails | pip check passes
urllib3 reinstalled | pip lists urllib3 2.8.0 | imported urllib3 2.8.0 | requests works | pip check passes
EOF

cat > look.py <<'EOF'
import importlib
import importlib.metadata
import subprocess
import sys

import urllib3

try:
    importlib.import_module("requests")
    works = "works"
except ImportError:
    works = "fails"
check = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "check"], capture_output=True)
print(
    sys.argv[1],
    f"pip lists urllib3 {importlib.metadata.version('urllib3')}",
    f"imported urllib3 {getattr(urllib3, '__version__', 'without a version')}",
    f"requests {works}",
    "pip check passes" if check.returncode == 0 else "pip check fails",
    sep=" | ",
)
EOF

pip install urllib3==2.8.0 requests==2.34.2
venv/bin/python look.py "before" > seen
pip install niquests==3.21.2 urllib3-future==2.25.904
venv/bin/python look.py "niquests installed" >> seen
pip uninstall --yes niquests urllib3-future
venv/bin/python look.py "niquests uninstalled" >> seen
pip install --force-reinstall --no-deps urllib3==2.8.0
venv/bin/python look.py "urllib3 reinstalled" >> seen
diff -u expected seen
echo "seen as stated"
