#!/usr/bin/env bash
# vcrpy with drop_unused_requests rewrites a cassette in mode none, even when the test fails.
#
# Versions: vcrpy 9.4.2, requests 2.34.2, urllib3 2.8.0.
# Seen: a cassette of three interactions, opened in mode none with drop_unused_requests.
# The block replays one and raises. On leaving it the file is written with one interaction;
# the two others are gone.
# Surprise: a failing test, or one run alone that stops early, deletes recordings it did
# not come to; the next run fails for want of them, with nothing left to replay.
# Contradicts: mode none is documented as replay only, and the usual reason to choose it
# is a cassette nobody is to touch.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2 urllib3==2.8.0

cat > expected <<'EOF'
['a', 'b', 'c']
the test fails here
['a']
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

import requests, vcr, yaml

def recorded():
    return [interaction["request"]["uri"].rpartition("/")[2] for interaction in yaml.safe_load(open("tape.yaml"))["interactions"]]

with vcr.use_cassette("tape.yaml"):
    for step in "abc":
        requests.get(f"{url}/{step}")
print(recorded())
try:
    with vcr.use_cassette("tape.yaml", record_mode="none", drop_unused_requests=True):
        requests.get(f"{url}/a")
        raise AssertionError("the test fails here")
except AssertionError as error:
    print(error)
print(recorded())
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
