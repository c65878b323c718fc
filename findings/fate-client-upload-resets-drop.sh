#!/usr/bin/env bash
# fate-client's upload overwrites "drop": 1 in the configuration with 0, in the caller's dict.
#
# Versions: fate-client 1.11.3 (1.7.2 to 1.10.0 alike).
# Seen: data.upload({... "drop": 1}) sends "drop": 0, since the method's own argument
# drop=0 is written over the configuration. After the call the dictionary that was passed
# in holds "drop": 0 and a new key "verbose"; used again, it says something else.
# Surprise: FATE Flow then refuses the upload because the table exists and advises to set
# drop, which is set. A configuration shared by several calls is changed by the first.
# Contradicts: "drop" is a field of the upload's configuration, and a default is what
# applies where nothing is given.
# Way out: upload(dict(configuration), drop=1).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20

cat > expected <<'EOF'
sent: 0
the caller's dict afterwards: 0 ['drop', 'file', 'head', 'namespace', 'partition', 'table_name', 'verbose']
with the argument: 1
EOF

cat > program.py <<'EOF'
import http.server, json, threading

seen = []

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        seen.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        body = b'{"retcode": 0, "retmsg": "success"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

import os, urllib.parse

from flow_sdk.client import FlowClient

open("data.csv", "w").write("id,x\n1,2\n")
client = FlowClient("127.0.0.1", server.server_port, "v1")
configuration = {"file": os.path.abspath("data.csv"), "namespace": "n", "table_name": "t", "head": 1, "partition": 1, "drop": 1}
client.data.upload(configuration)
sent = json.loads(urllib.parse.unquote(seen[-1][0].partition("?")[2]))
print("sent:", sent["drop"])
print("the caller's dict afterwards:", configuration["drop"], sorted(configuration))
client.data.upload(dict(configuration), drop=1)
print("with the argument:", json.loads(urllib.parse.unquote(seen[-1][0].partition("?")[2]))["drop"])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
