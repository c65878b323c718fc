#!/usr/bin/env bash
# granian's start_response returns nothing, so an application that writes gets a 500.
#
# Versions: granian 2.8.9, next to gunicorn 27.0.1.
# Seen: start_response returns None. An application that uses the write callable which
# start_response is to return fails with a TypeError and is answered with 500.
# Surprise: the interface is announced as WSGI, and the difference shows only with the
# first older application or library that writes instead of returning its body.
# Contradicts: PEP 3333, where start_response must return a write(body) callable, kept
# for the sake of older applications and required of every server.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 gunicorn==27.0.1
cat > app.py <<'EOF'
def app(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"written")
    return []
EOF
cat > expected <<'EOF'
granian | HTTP/1.1 500 Internal Server Error | False
gunicorn | HTTP/1.1 200 OK | True
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
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        print(name, "|", answer.split("\r\n")[0], "|", "written" in answer)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
