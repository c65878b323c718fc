#!/usr/bin/env bash
# granian hands the process's environment to the application, so variables look like headers.
#
# Versions: granian 2.8.9 with Flask 3.1.3, next to gunicorn 27.0.1.
# Seen: a server started with HTTP_X_REGION=north in its environment shows every request
# with a header "X-Region: north" that no client sent. gunicorn shows none.
# Surprise: the names HTTP_* are ordinary in deployments (HTTP_TIMEOUT, HTTP_PORT,
# HTTP_PROXY). A mock that echoes or records request headers writes them down as the
# client's, and a recording differs from machine to machine.
# Contradicts: PEP 3333 in spirit: HTTP_ names are to correspond to headers the client
# supplied, present or absent as in the request.
# Way out: start the server with an environment without HTTP_ names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 gunicorn==27.0.1 flask==3.1.3 werkzeug==3.1.9
cat > app.py <<'EOF'
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def headers():
    return "\n".join(f"{name}: {value}" for name, value in request.headers.items())
EOF
cat > expected <<'EOF'
granian | True
gunicorn | False
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

COMMANDS = {
    "granian": ["venv/bin/granian", "--interface", "wsgi", "--port", "{port}", "app:app"],
    "gunicorn": ["venv/bin/gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "app:app"],
}


@contextlib.contextmanager
def serving(name):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [part.replace("{port}", str(port)) for part in COMMANDS[name]]
    log = open("server.log", "ab")
    process = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": ".", "PYTHONPATH": ".", **ENVIRONMENT})
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def exchange(port, request):
    """What comes back for the bytes of a request, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
        return answer.decode("latin-1")


ENVIRONMENT = {"HTTP_X_REGION": "north"}


for name in sorted(COMMANDS):
    with serving(name) as port:
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        print(name, "|", "X-Region: north" in answer.partition("\r\n\r\n")[2])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
