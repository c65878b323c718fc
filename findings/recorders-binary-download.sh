#!/usr/bin/env bash
# betamax and responses' recorder store a binary download as text and replay other bytes.
#
# Versions: betamax 0.9.0, responses 0.26.3, next to vcrpy 9.4.2; requests 2.34.2, urllib3 2.8.0.
# Seen: a download of the 256 byte values, without a Content-Length. vcrpy replays it
# byte for byte. betamax (default settings) and responses' recorder replay other bytes,
# with U+FFFD in the place of each byte that is not UTF-8. Under betamax even the
# recording run hands the changed bytes to the caller. No error, no warning.
# Surprise: archives of logs, models and tables (a gzip file starts 1F 8B) are destroyed
# silently, and with them the recording run that was to prove the code.
# Contradicts: both present a recording as the server's answer. betamax describes the option
# that would keep the bytes as a wish one may have; responses names no limit.
# Way out: betamax's preserve_exact_body_bytes; for responses, none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2 urllib3==2.8.0 betamax==0.9.0 responses==0.26.3

cat > expected <<'EOF'
vcrpy | record | same
vcrpy | replay | same
betamax | record | 512 bytes, 128 times U+FFFD
betamax | replay | 512 bytes, 128 times U+FFFD
responses | record | same
responses | replay | 512 bytes, 128 times U+FFFD
EOF

cat > program.py <<'EOF'
import http.server, threading

CONTENT = bytes(range(256))
REPLACEMENT = chr(0xFFFD)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"

import os

import betamax, requests, responses, vcr
from responses import _recorder

def judge(content):
    return "same" if content == CONTENT else f"{len(content)} bytes, {content.decode().count(REPLACEMENT)} times U+FFFD"

os.mkdir("tapes")
for run in ("record", "replay"):
    with vcr.use_cassette("tape.yaml", record_mode={"record": "once", "replay": "none"}[run]):
        print("vcrpy |", run, "|", judge(requests.get(url).content))
for run in ("record", "replay"):
    session = requests.Session()
    with betamax.Betamax(session, cassette_library_dir="tapes").use_cassette("tape", record={"record": "once", "replay": "none"}[run]):
        print("betamax |", run, "|", judge(session.get(url).content))

@_recorder.record(file_path="responses.yaml")
def record():
    print("responses | record |", judge(requests.get(url).content))

@responses.activate
def replay():
    responses._add_from_file(file_path="responses.yaml")
    print("responses | replay |", judge(requests.get(url).content))

record()
replay()
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
