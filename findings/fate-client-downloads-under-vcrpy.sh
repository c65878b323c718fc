#!/usr/bin/env bash
# Replayed by vcrpy, FATE's client saves one component's data as another's.
#
# Versions: fate-client 1.11.3 (1.5.3 to 1.10.0 alike) with vcrpy 9.4.2, requests 2.34.2.
# Seen: component.output_data asks by GET and puts job, party and component into a JSON
# body. Recorded for lr_0 and then for binning_0; a replay that asks for binning_0 alone
# gets the archive of lr_0, unpacks it into the folder of binning_0 and reports success.
# Surprise: by method and address, which is what vcrpy and other recorders compare by
# default, all downloads of all components are one request. The data are wrong, no error.
# Contradicts: RFC 9110, section 9.3.1: content in a GET request has no generally defined
# meaning, so that recorders, caches and proxies are free to leave it out of account.
# Way out: match on the body as well. It then must name the same folder too: the client
# sends the absolute path of its own output folder along.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 vcrpy==9.4.2 PyYAML==6.0.4 wrapt==2.5.2

cat > expected <<'EOF'
recorded | 0 job_1_lr_0_guest_9999_output_data lr_0
recorded | 0 job_1_binning_0_guest_9999_output_data binning_0
replayed | 0 job_1_binning_0_guest_9999_output_data lr_0
replayed by body | 0 job_1_binning_0_guest_9999_output_data binning_0
EOF

cat > program.py <<'EOF'
import http.server, io, json, pathlib, tarfile, threading

class Flow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = asked["component_name"].encode()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            entry = tarfile.TarInfo("data.csv")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(archive.getvalue())))
        self.end_headers()
        self.wfile.write(archive.getvalue())

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flow)
threading.Thread(target=server.serve_forever, daemon=True).start()

import vcr
from flow_sdk.client import FlowClient

client = FlowClient("127.0.0.1", server.server_port, "v1")

def download(component, folder):
    answer = client.component.output_data("1", "guest", 9999, component, folder)
    return answer["retcode"], pathlib.Path(answer["directory"]).name, pathlib.Path(answer["directory"], "data.csv").read_text()

with vcr.use_cassette("tape.yaml"):
    for component in ("lr_0", "binning_0"):
        print("recorded |", *download(component, "recorded"))
with vcr.use_cassette("tape.yaml", record_mode="none"):
    print("replayed |", *download("binning_0", "replayed"))
with vcr.use_cassette("tape.yaml", record_mode="none", match_on=["method", "uri", "body"]):
    print("replayed by body |", *download("binning_0", "recorded"))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
