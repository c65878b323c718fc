#!/usr/bin/env bash
# Code over urllib3 responses that passes under vcrpy, recorded or replayed, fails without it.
#
# Versions: vcrpy 9.4.2, urllib3 2.8.0.
# Seen: vcrpy hands out a response class of its own in place of urllib3's, when recording
# as well as in replay. io.TextIOWrapper(response) reads all lines; urllib3's own response
# closes itself at the end and raises ValueError. read(decode_content=False) of a gzip
# body gives the decoded text, still under Content-Encoding: gzip; urllib3 gives the bytes
# as sent. response.url is absolute after a redirect, urllib3's a path. version is None.
# stream() ends with an empty chunk, urllib3's does not.
# Surprise: a test over a cassette proves code that raises, or unpacks twice, in production.
# Contradicts: the documentation has recorded responses returned in place of real ones and
# does not mention that they are of another kind.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check vcrpy==9.4.2 urllib3==2.8.0

cat > expected <<'EOF'
without vcrpy | lines | ValueError: I/O operation on closed file.
without vcrpy | gzip as sent | b'\x1f\x8b'
without vcrpy | url | /new
without vcrpy | version | 10
without vcrpy | stream | [b'one\n', b'two\n']
once | lines | ['one\n', 'two\n']
once | gzip as sent | b'on'
once | url | http://127.0.0.1:PORT/new
once | version | None
once | stream | [b'one\n', b'two\n', b'']
none | lines | ['one\n', 'two\n']
none | gzip as sent | b'on'
none | url | http://127.0.0.1:PORT/new
none | version | None
none | stream | [b'one\n', b'two\n', b'']
EOF

cat > program.py <<'EOF'
import gzip, http.server, io, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = gzip.compress(b"one\ntwo\n", mtime=0) if self.path == "/gzip" else b"one\ntwo\n"
        self.send_response(302 if self.path == "/old" else 200)
        if self.path == "/gzip":
            self.send_header("Content-Encoding", "gzip")
        if self.path == "/old":
            self.send_header("Location", "/new")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

import contextlib

import urllib3, vcr

def get(path, **options):
    return urllib3.request("GET", f"http://127.0.0.1:{server.server_port}{path}", **options)

def lines():
    try:
        return list(io.TextIOWrapper(get("/new", preload_content=False)))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"

probes = {
    "lines": lines,
    "gzip as sent": lambda: get("/gzip", preload_content=False).read(decode_content=False)[:2],
    "url": lambda: get("/old").url.replace(str(server.server_port), "PORT"),
    "version": lambda: get("/new").version,
    "stream": lambda: list(get("/new", preload_content=False).stream(4)),
}
for mode in ("without vcrpy", "once", "none"):
    with contextlib.nullcontext() if mode == "without vcrpy" else vcr.use_cassette("tape.yaml", record_mode=mode):
        for name, probe in probes.items():
            print(mode, "|", name, "|", probe())
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
