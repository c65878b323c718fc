#!/usr/bin/env bash
# fate-client answers a server that is down with a dict, or with an AttributeError.
#
# Versions: fate-client 1.11.3 (1.5.3 to 1.10.0 alike) with requests 2.34.2.
# Seen: no server is listening. job.list returns {"retcode": 100, ...} like any refusal;
# job.log and component.output_data raise AttributeError: 'dict' object has no attribute
# 'close'. A proxy's error page (502, HTML) becomes retcode 100 in job.list and a
# JSONDecodeError in job.log.
# Surprise: a script that tests retcode, as the SDK's answers invite, dies on downloads
# only, with a message that does not name the server.
# Contradicts: the SDK's manner elsewhere of turning every failure into an answer with a
# retcode, written for these very failures.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20

cat > expected <<'EOF'
down | job.list | retcode 100
down | job.log | AttributeError | 'dict' object has no attribute 'close'
error page | job.list | retcode 100
error page | job.log | JSONDecodeError | Expecting value: line 1 column 1 (char 0)
EOF

cat > program.py <<'EOF'
import http.server, socket, threading

from flow_sdk.client import FlowClient

class Proxy(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(502)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    closed = free.getsockname()[1]

for situation, port in (("down", closed), ("error page", server.server_port)):
    client = FlowClient("127.0.0.1", port, "v1")
    for name, call in {"job.list": lambda: client.job.list(), "job.log": lambda: client.job.log("1", "logs")}.items():
        try:
            print(situation, "|", name, "| retcode", call()["retcode"])
        except Exception as error:
            print(situation, "|", name, "|", type(error).__name__, "|", error)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
