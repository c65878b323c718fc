#!/usr/bin/env bash
# requests-cache answers a POST of [2, 1] with what was cached for [1, 2].
#
# Versions: requests-cache 1.3.3, requests 2.34.2.
# Seen: with POST among allowable_methods, a JSON body that is a list is sorted before it is
# compared, so ["b", "a"] gets the answer to ["a", "b"]; a list inside an object is not.
# In a query, repeated parameters are sorted, too (?id=1&id=2), and a parameter without a
# value is dropped: ?a=1&force= gets the answer to ?a=1. /v1//job gets the answer to /v1/job.
# Surprise: order means something in lists: ranks, paths, the order of columns. Wrapping the
# list in an object changes the caching.
# Contradicts: the documentation: normalized are variations "that do not modify response
# content". JSON's lists are ordered (RFC 8259, section 1).
# Way out: key_fn=, or a list inside an object.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests-cache==1.3.3 requests==2.34.2 url-normalize==3.1.0

cat > expected <<'EOF'
POST [1, 2], then [2, 1] | from the cache: True | answer for [1, 2]
POST ["a", "b"], then ["b", "a"] | from the cache: True | answer for ["a", "b"]
POST {"ids": [1, 2]}, then {"ids": [2, 1]} | from the cache: False | answer for {"ids": [2, 1]}
GET /?id=1&id=2, then /?id=2&id=1 | from the cache: True | answer for /?id=1&id=2
GET /?a=1, then /?a=1&force= | from the cache: True | answer for /?a=1
GET /v1/job, then /v1//job | from the cache: True | answer for /v1/job
GET /v1/job, then /v1/job/ | from the cache: False | answer for /v1/job/
EOF

cat > program.py <<'EOF'
import http.server, json, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(self.path.encode())

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

import requests_cache

def show(method, one, two, send):
    with requests_cache.CachedSession(backend="memory", allowable_methods=("GET", "POST")) as session:
        send(session, one)
        answer = send(session, two)
    print(method, f"{one}, then {two} | from the cache: {answer.from_cache} | answer for {answer.text}")

for one, two in (("[1, 2]", "[2, 1]"), ('["a", "b"]', '["b", "a"]'), ('{"ids": [1, 2]}', '{"ids": [2, 1]}')):
    show("POST", one, two, lambda session, body: session.post(url, json=json.loads(body)))
for one, two in (
    ("/?id=1&id=2", "/?id=2&id=1"),
    ("/?a=1", "/?a=1&force="),
    ("/v1/job", "/v1//job"),
    ("/v1/job", "/v1/job/"),
):
    show("GET", one, two, lambda session, path: session.get(url + path))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
