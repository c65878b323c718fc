#!/usr/bin/env bash
# FATE's flow command ends with status 0 whatever the server says, or when there is none.
#
# Versions: fate-client 1.8.0 with MarkupSafe 2.0.1, requests 2.31.0, urllib3 1.26.20.
# Seen: "flow job list" against a port where nobody listens, and against a server that
# answers retcode 100, prints JSON with retcode 100 on standard output and ends with 0.
# "flow init" with neither address nor file ends with 0 as well, after saying that it
# failed. Only bad options end with 2.
# Surprise: "flow job submit ... && next step" goes on after a refusal, and CI jobs stay green.
# Contradicts: the usage of every shell; no manual page speaks of exit statuses.
# Way out: read retcode out of standard output, e.g. with jq -e '.retcode == 0'.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fate-client==1.8.0 markupsafe==2.0.1 requests==2.31.0 urllib3==1.26.20

cat > expected <<'EOF'
init | retcode 100 | status 0
init --ip | retcode 0 | status 0
job list | retcode 100 | status 0
init --ip | retcode 0 | status 0
job list | retcode 100 | status 0
job list | retcode None | status 2
EOF

cat > program.py <<'EOF'
import http.server, json, socket, subprocess, threading

class Refusing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"retcode": 100, "retmsg": "refused"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    closed = free.getsockname()[1]

def flow(*arguments):
    done = subprocess.run(["venv/bin/flow", *arguments], capture_output=True, text=True)
    retcode = json.loads(done.stdout)["retcode"] if done.stdout.startswith("{") else None
    print(" ".join(arguments[:2]), "| retcode", retcode, "| status", done.returncode)

flow("init")
for port in (closed, server.server_port):
    flow("init", "--ip", "127.0.0.1", "--port", str(port))
    flow("job", "list")
flow("job", "list", "--no-such-option")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
