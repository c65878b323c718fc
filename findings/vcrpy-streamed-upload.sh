#!/usr/bin/env bash
# Under vcrpy a streamed upload goes out differently, and its cassette holds a Python object.
#
# Versions: vcrpy 9.4.2, urllib3 2.8.0, PyYAML 6.0.4.
# Seen: a generator as body is sent by urllib3 in chunks; while vcrpy records, the same
# call sends Content-Length and no chunks. The cassette then holds the tag
# !!python/object/apply:builtins.iter, which yaml.safe_load refuses, so that other readers
# of cassettes cannot open the file at all. vcrpy 9.4.2 has a rule of its own to load it.
# Surprise: a server that treats chunked uploads differently passes while recorded and
# fails in production; one streamed upload makes the whole cassette unreadable elsewhere.
# Contradicts: the documentation calls a cassette a flat file, YAML by default.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 urllib3==2.8.0 PyYAML==6.0.4

cat > expected <<'EOF'
alone: ['Transfer-Encoding']
recorded: ['Content-Length']
['body: !!python/object/apply:builtins.iter']
ConstructorError
EOF

cat > program.py <<'EOF'
import http.server, threading

seen = []

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
    seen.append([name for name in ("Content-Length", "Transfer-Encoding") if name in handler.headers])
    if "Content-Length" in handler.headers:
        handler.rfile.read(int(handler.headers["Content-Length"]))
    else:
        while handler.rfile.readline() != b"0\r\n":
            pass
        handler.rfile.readline()
    return b"recorded"

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

import urllib3, vcr, yaml

def rows():
    yield b"id,x\n"
    yield b"1,2\n"

urllib3.request("POST", url, body=rows())
with vcr.use_cassette("tape.yaml"):
    urllib3.request("POST", url, body=rows())
print("alone:", seen[0])
print("recorded:", seen[1])
print([line.strip() for line in open("tape.yaml") if "!!python" in line])
try:
    yaml.safe_load(open("tape.yaml"))
except yaml.constructor.ConstructorError as error:
    print(type(error).__name__)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
