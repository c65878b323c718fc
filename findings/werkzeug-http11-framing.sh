#!/usr/bin/env bash
# Werkzeug's server set to HTTP/1.1 says 100 Continue twice and sends chunks to HTTP/1.0.
#
# Versions: werkzeug 3.1.9 with Python 3.11.
# Seen: with WSGIRequestHandler.protocol_version = "HTTP/1.1", the usual way to
# keep-alive, (1) a request with Expect: 100-continue is answered with two interim answers,
# one from http.server and one from Werkzeug; (2) a body of unknown length goes to an
# HTTP/1.0 client with Transfer-Encoding: chunked, so the client reads the chunk sizes as
# part of the body; (3) each answer still says Connection: close, so nothing is kept alive.
# Surprise: JSON from a streaming route is broken for HTTP/1.0 clients, among them
# reverse proxies that speak HTTP/1.0 to their upstream by default.
# Contradicts: RFC 9112, section 6.1: no chunked answers to a request below HTTP/1.1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    yield b"{}"
EOF
cat > expected <<'EOF'
interim answers: 2
to HTTP/1.0: ['Transfer-Encoding: chunked'] '2\r\n{}\r\n0\r\n\r\n'
to HTTP/1.1: ['Connection: close']
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

COMMANDS = {
    "werkzeug": ["venv/bin/python", "-c", "import app, werkzeug.serving as s; s.WSGIRequestHandler.protocol_version = 'HTTP/1.1'; s.run_simple('127.0.0.1', {port}, app.app)"],
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


ENVIRONMENT = {}


with serving("werkzeug") as port:
    answer = exchange(port, b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}")
    print("interim answers:", answer.count("100 Continue"))
    answer = exchange(port, b"GET / HTTP/1.0\r\n\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    print("to HTTP/1.0:", [line for line in head.split("\r\n") if line.startswith("Transfer")], repr(body))
    answer = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    print("to HTTP/1.1:", [line for line in answer.split("\r\n") if line.startswith("Connection")])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
