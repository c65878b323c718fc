#!/usr/bin/env bash
# cheroot and gunicorn send the headers of an answer that the application took back.
#
# Versions: cheroot 11.1.2, gunicorn 27.0.1; next to granian 2.8.9, waitress 3.0.2, werkzeug 3.1.9.
# Seen: an application starts with 200 and "X-From: first", meets an error before any
# body was sent and starts anew with 500, "X-From: second" and exc_info. cheroot and
# gunicorn send the 500 with both headers; the three others send the second only.
# Surprise: an error page bears the Content-Type, Set-Cookie or Content-Disposition of
# the answer it replaces, twice over; which one counts is up to the client.
# Contradicts: PEP 3333: with exc_info, and nothing sent yet, the new headers replace
# the stored ones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
import sys


def app(environ, start_response):
    start_response("200 OK", [("X-From", "first")])
    try:
        raise ValueError
    except ValueError:
        start_response("500 Internal Server Error", [("X-From", "second")], sys.exc_info())
    return [b"sorry"]
EOF
cat > expected <<'EOF'
cheroot | 500 | ['first', 'second']
granian | 500 | ['second']
gunicorn | 500 | ['first', 'second']
waitress | 500 | ['second']
werkzeug | 500 | ['second']
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


for name in sorted(COMMANDS):
    with serving(name) as port:
        head = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").partition("\r\n\r\n")[0]
        status, *lines = head.split("\r\n")
        print(name, "|", status.split()[1], "|", [line.partition(": ")[2] for line in lines if line.lower().startswith("x-from")])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
