#!/usr/bin/env bash
# json= means four things: two clients send NaN, two refuse it, and none can send null.
#
# Versions: urllib3 2.8.0, requests 2.34.2, httpx 0.28.1, aiohttp 3.14.5.
# Seen: {"auc": nan} is sent as NaN by urllib3 and aiohttp, which is no JSON, and refused by
# requests and httpx. json=None sends no body at all, with aiohttp under the content type
# application/octet-stream, so the JSON value null cannot be sent. The same object makes
# two byte sequences: urllib3 and httpx write UTF-8 without spaces, the two others ASCII
# escapes and spaces.
# Surprise: parameters and metrics that a server accepted through one client fail through
# the next; a signature or a recorded body computed with one does not fit the other.
# Contradicts: RFC 8259 has no NaN; the clients' documentation presents json= alike, as the
# object to be sent as JSON.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check urllib3==2.8.0 requests==2.34.2 httpx==0.28.1 aiohttp==3.14.5

cat > expected <<'EOF'
{'auc': nan} | aiohttp | application/json b'{"auc": NaN}'
{'auc': nan} | httpx | ValueError
{'auc': nan} | requests | InvalidJSONError
{'auc': nan} | urllib3 | application/json b'{"auc":NaN}'
None | aiohttp | application/octet-stream b''
None | httpx | None b''
None | requests | None b''
None | urllib3 | None b''
{'name': 'caf\xe9'} | aiohttp | application/json b'{"name": "caf\\u00e9"}'
{'name': 'caf\xe9'} | httpx | application/json b'{"name":"caf\xc3\xa9"}'
{'name': 'caf\xe9'} | requests | application/json b'{"name": "caf\\u00e9"}'
{'name': 'caf\xe9'} | urllib3 | application/json b'{"name":"caf\xc3\xa9"}'
EOF

cat > program.py <<'EOF'
import http.server, threading

seen = []

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        seen.append((self.headers["Content-Type"], self.rfile.read(int(self.headers.get("Content-Length", 0)))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"

import asyncio

import aiohttp, httpx, requests, urllib3

async def through_aiohttp(value):
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json=value):
            pass

clients = {
    "aiohttp": lambda value: asyncio.run(through_aiohttp(value)),
    "httpx": lambda value: httpx.post(url, json=value),
    "requests": lambda value: requests.post(url, json=value),
    "urllib3": lambda value: urllib3.request("POST", url, json=value),
}
for value in ({"auc": float("nan")}, None, {"name": "caf\xe9"}):
    for name, post in clients.items():
        try:
            post(value)
            print(ascii(value), "|", name, "|", *seen[-1])
        except (ValueError, requests.exceptions.InvalidJSONError) as error:
            print(ascii(value), "|", name, "|", type(error).__name__)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
