#!/usr/bin/env bash
# vcrpy runs before_record_response once more each time a cassette is loaded.
#
# Versions: vcrpy 9.4.2, requests 2.34.2, urllib3 2.8.0.
# Seen: a hook that appends "!" to the body. The recording run hands the caller
# "recorded", the file holds "recorded!", and a replay in mode none, where nothing is
# recorded, hands the caller "recorded!!". before_record_request runs on loading too.
# Surprise: by its name the hook belongs to recording. One that is not idempotent (an
# appended note, a shifted date, base64, a counter) changes every replay, and a later save
# writes the doubly changed response back.
# Contradicts: the documentation describes the hook as a filter on what is recorded.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2 urllib3==2.8.0

cat > expected <<'EOF'
once | recorded
none | recorded!!
none | recorded!!
file | recorded!
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

def mark(response):
    response["body"]["string"] += b"!"
    return response

for mode in ("once", "none", "none"):
    with vcr.use_cassette("tape.yaml", record_mode=mode, before_record_response=mark):
        print(mode, "|", requests.get(url).text)
print("file |", yaml.safe_load(open("tape.yaml"))["interactions"][0]["response"]["body"]["string"])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
