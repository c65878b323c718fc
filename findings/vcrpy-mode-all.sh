#!/usr/bin/env bash
# vcrpy's mode all appends to a cassette up to 8.3 and replaces in it from 8.4.
#
# Versions: vcrpy 8.3.0, 8.4.0, 9.4.2, with requests 2.34.2; urllib3 2.6.3 for the two older.
# Seen: the same request recorded three times over in mode all. 8.3.0 leaves three
# interactions in the file, 8.4.0 and 9.4.2 one: what is recorded replaces what it matches.
# Surprise: a project that kept a history of answers by recording over and over loses all
# but the last on an upgrade, and one that counted on fresh cassettes has on 8.3 replays
# from the oldest answer, as the first match wins.
# Contradicts: the documentation of the mode says only that it records anew and never replays.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==8.3.0 requests==2.34.2 urllib3==2.6.3

cat > expected <<'EOF'
8.3.0 | 3
8.4.0 | 1
9.4.2 | 1
EOF

cat > program.py <<'EOF'
import http.server, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ANSWER(self)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass

def ANSWER(handler):
    handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    return b"recorded"

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

import importlib.metadata

import requests, vcr, yaml

tape = importlib.metadata.version("vcrpy") + ".yaml"
for _ in range(3):
    with vcr.use_cassette(tape, record_mode="all"):
        requests.get(url)
print(importlib.metadata.version("vcrpy"), "|", len(yaml.safe_load(open(tape))["interactions"]))
EOF

{
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check vcrpy==8.4.0
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 urllib3==2.8.0
    venv/bin/python program.py
} > seen
diff -u expected seen
echo "seen as stated"
