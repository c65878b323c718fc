#!/usr/bin/env bash
# cheroot and waitress answer HEAD with a body on a connection they keep open.
#
# Versions: cheroot 11.1.2, waitress 3.0.2; next to granian 2.8.9, gunicorn 27.0.1, werkzeug 3.1.9.
# Seen: an application that answers HEAD as it answers GET. granian and gunicorn leave
# the body out. cheroot and waitress send its five bytes and keep the connection, so that
# a client reads them as the start of its next answer; werkzeug sends them too, but closes.
# Surprise: Flask empties such answers itself, so it shows only with plain applications
# and middleware, and only at the client's next request on that connection.
# Contradicts: RFC 9110, section 9.3.2: a server must send no content in an answer to
# HEAD. PEP 3333 leaves it to servers to care for HTTP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
EOF
cat > expected <<'EOF'
cheroot | body after HEAD: hello | kept open: True
granian | body after HEAD: none | kept open: True
gunicorn | body after HEAD: none | kept open: True
waitress | body after HEAD: hello | kept open: True
werkzeug | body after HEAD: hello | kept open: False
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

COMMANDS = {
    "cheroot": ["venv/bin/cheroot", "app:app", "--bind", "127.0.0.1:{port}"],
    "granian": ["venv/bin/granian", "--interface", "wsgi", "--port", "{port}", "app:app"],
    "gunicorn": ["venv/bin/gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "app:app"],
    "waitress": ["venv/bin/waitress-serve", "--listen=127.0.0.1:{port}", "app:app"],
    "werkzeug": ["venv/bin/python", "-c", "import app, werkzeug.serving as s; s.run_simple('127.0.0.1', {port}, app.app)"],
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


def answer(connection, method):
    """The answer's head, and what comes after it within half a second."""
    received = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        connection.settimeout(20)
        connection.sendall(method + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
            received += part
        connection.settimeout(0.5)
        while part := connection.recv(65536):
            received += part
    return received


for name in sorted(COMMANDS):
    with serving(name) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        body = answer(connection, b"HEAD").partition(b"\r\n\r\n")[2].decode()
        print(name, "| body after HEAD:", body or "none", "| kept open:", answer(connection, b"GET").startswith(b"HTTP/1.1 200"))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
