#!/usr/bin/env bash
# granian answers 200 without any header when a WSGI application is a generator.
#
# Versions: granian 2.8.9, next to gunicorn 27.0.1.
# Seen: an application that calls start_response inside its generator body, so at the
# first step of the iteration, is answered with status 200 and none of its headers.
# Its 201 and its Location are gone; the body arrives. gunicorn sends all of it.
# Surprise: nothing is raised or logged. Middleware and small test applications are
# often written as generators; behind granian their errors turn into 200.
# Contradicts: PEP 3333, which lets an application start its response as late as the
# iteration that yields its first body part, and forbids a server to send headers before.
# Way out: call start_response in a plain function and return the iterator.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 gunicorn==27.0.1
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("201 Created", [("Location", "/jobs/1")])
    yield b"created"
EOF
cat > expected <<'EOF'
granian | HTTP/1.1 200 OK | [] | True
gunicorn | HTTP/1.1 201 Created | ['Location: /jobs/1'] | True
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


ENVIRONMENT = {}


for name in sorted(COMMANDS):
    with serving(name) as port:
        head, _, body = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").partition("\r\n\r\n")
        lines = head.split("\r\n")
        location = [line for line in lines if line.lower().startswith("location")]
        print(name, "|", lines[0], "|", location, "|", "created" in body)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
