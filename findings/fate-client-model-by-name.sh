#!/usr/bin/env bash
# Two ways to name a model that FATE's client offers do not work: one fails, one finds all.
#
# Versions: fate-client 1.11.3.
# Seen: model.load(job_id=...) raises an AttributeError before anything is sent; without
# arguments the method asks for a job id or a configuration. model.get_model_info takes any
# keyword and sends none but the five it names: with f_status="success" it asks for all models.
# Surprise: the first can never have worked in this version, the second answers with
# models that were not asked for, so the newest of "all successful ones" may be a failed one.
# Contradicts: the method's own message ("one of arguments from job id and conf path") and its
# signature, which has **kwargs.
# Way out: load with a configuration; query_filters, or a choice among the answers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20

cat > expected <<'EOF'
load() | 100 | sent: nothing
load(job_id) | AttributeError: 'NoneType' object has no attribute 'pop' | sent: nothing
load(config) | 0 | sent: {'job_id': '1'}
get_model_info(model_id, f_status) | 0 | sent: {'model_id': 'm'}
EOF

cat > program.py <<'EOF'
import http.server, json, threading

sent = []

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = b'{"retcode": 0, "retmsg": "success"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

from flow_sdk.client import FlowClient

client = FlowClient("127.0.0.1", server.server_port, "v1")
CALLS = {
    "load()": lambda: client.model.load(),
    "load(job_id)": lambda: client.model.load(job_id="1"),
    "load(config)": lambda: client.model.load({"job_id": "1"}),
    "get_model_info(model_id, f_status)": lambda: client.model.get_model_info(model_id="m", f_status="success"),
}
for name, call in CALLS.items():
    sent.clear()
    try:
        outcome = call()["retcode"]
    except AttributeError as error:
        outcome = f"{type(error).__name__}: {error}"
    print(name, "|", outcome, "| sent:", *(sent or ["nothing"]))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
