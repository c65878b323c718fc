#!/usr/bin/env bash
# mocket: while it records, a request that was made before is not sent again.
#
# Versions: mocket 3.15.0, vcrpy 9.4.2 for comparison.
# Seen: a server answers waiting, running, success to three equal requests. Recorded by mocket the program sees
# waiting three times, and the server was asked once; by vcrpy it sees all three, and again on replay.
# Surprise: a program that waits for a job never comes to its end while it is being recorded. It comes to no harm on
# replay only because the same happens there.
# Contradicts: its README, which calls it its way of doing what vcrpy does.
# Way out: vcrpy; or something that differs in each request, which must then be the same on replay.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mocket==3.15.0 vcrpy==9.4.2

cat > expected <<'EOF'
mocket | recording | waiting waiting waiting | asked 1
mocket | replayed | waiting waiting waiting
vcrpy | recording | waiting running success | asked 3
vcrpy | replayed | waiting running success
EOF

cat > server.py <<'EOF'
import socket

STATES = [b"waiting", b"running", b"success"]
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    for state in STATES:
        with server.accept()[0] as connection:
            connection.recv(65536)
            print("asked", flush=True)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n" + state)
EOF

cat > program.py <<'EOF'
import contextlib
import pathlib
import subprocess
import sys
import urllib.request

import vcr
from mocket import Mocketizer

pathlib.Path("tape").mkdir()

def ask(url):
    with contextlib.closing(urllib.request.urlopen(url, timeout=20)) as response:
        return response.read().decode()

def recorder(name):
    if name == "mocket":
        return Mocketizer(strict_mode=False, truesocket_recording_dir="tape", namespace="one")
    return vcr.use_cassette("tape/one.yaml")

for name in ("mocket", "vcrpy"):
    server = subprocess.Popen([sys.executable, "server.py"], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1/job/1"
    with recorder(name):
        states = [ask(url) for _ in range(3)]
    server.kill()
    print(name, "| recording |", *states, "| asked", len(server.stdout.read().split()))
    server.wait()
    with recorder(name):
        print(name, "| replayed |", *[ask(url) for _ in range(3)])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
