#!/usr/bin/env bash
# fate-client's upload turns a namespace "a+b" into "a b" and cuts names at "&" and "#".
#
# Versions: fate-client 1.11.3 (1.5.3 to 1.10.0 alike), read back with werkzeug 3.1.9, whose
# request.args FATE Flow reads.
# Seen: data.upload sends its configuration as a bare JSON text in the query string,
# without form encoding. Of the namespace "credit+loan" the server's parser makes
# "credit loan": the table is stored under another name than the one asked for. With "&" or
# "#" in a name the JSON is cut off there and cannot be read.
# Surprise: the upload succeeds, and the job that reads the table under its real name does
# not find it. The same name arrives whole in every other call, as those send a JSON body.
# Contradicts: the query string is read as a form (+ is a space, & separates), so it has
# to be written as one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 werkzeug==3.1.9 markupsafe==3.0.3

cat > expected <<'EOF'
credit | arrives as | credit
credit+loan | arrives as | credit loan
credit&loan | does not arrive as JSON
credit#loan | does not arrive as JSON
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

import os

from flow_sdk.client import FlowClient
from werkzeug.test import create_environ
from werkzeug.wrappers import Request

open("data.csv", "w").write("id,x\n1,2\n")
client = FlowClient("127.0.0.1", server.server_port, "v1")
for namespace in ("credit", "credit+loan", "credit&loan", "credit#loan"):
    client.data.upload({"file": os.path.abspath("data.csv"), "namespace": namespace, "table_name": "t", "head": 1, "partition": 1})
    path, _, query = seen[-1][0].partition("?")
    arguments = Request(create_environ(path, query_string=query)).args
    try:
        print(namespace, "| arrives as |", json.loads(next(iter(arguments)))["namespace"])
    except json.JSONDecodeError:
        print(namespace, "| does not arrive as JSON")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
