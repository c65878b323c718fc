#!/usr/bin/env bash
# Installing simplejson makes requests refuse NaN and change the kind of its JSON errors.
#
# Versions: requests 2.34.2 without and with simplejson 4.3.0.
# Seen: requests decodes with simplejson where it is installed. An answer {"auc": NaN}, as
# FATE and everything else on Python's json module sends it, is decoded without
# simplejson and raises with it. The error for a body that is no JSON is a
# json.JSONDecodeError without simplejson, and none with it, so that "except
# json.JSONDecodeError", as in FATE's own SDK, no longer catches it.
# Surprise: neither program changed; some other package brought simplejson along.
# Contradicts: requests documents its own JSONDecodeError and leaves open which module
# decodes; that the same bytes are valid or not by what else is installed is nowhere said.
# Way out: json.loads(response.content), or catch requests.exceptions.JSONDecodeError.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests==2.34.2

cat > expected <<'EOF'
without | {"auc": NaN} | {'auc': nan}
without | <html> | a json.JSONDecodeError: True
with simplejson | {"auc": NaN} | a json.JSONDecodeError: False
with simplejson | <html> | a json.JSONDecodeError: False
EOF

cat > program.py <<'EOF'
import importlib.util, json

import requests

label = "with simplejson" if importlib.util.find_spec("simplejson") else "without"
for content in (b'{"auc": NaN}', b"<html>"):
    response = requests.Response()
    response.status_code, response._content = 200, content
    try:
        print(label, "|", content.decode(), "|", response.json())
    except requests.exceptions.JSONDecodeError as error:
        print(label, "|", content.decode(), "| a json.JSONDecodeError:", isinstance(error, json.JSONDecodeError))
EOF

{
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check simplejson==4.3.0
    venv/bin/python program.py
} > seen
diff -u expected seen
echo "seen as stated"
