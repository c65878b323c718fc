#!/usr/bin/env bash
# An application's Date and Server headers: kept, doubled, or silently replaced by gunicorn.
#
# Versions: gunicorn 27.0.1, waitress 3.0.2, werkzeug 3.1.9; next to cheroot 11.1.2, granian 2.8.9.
# Seen: an application that sets Date and Server. cheroot and granian send both as given,
# waitress adds "Via: waitress", werkzeug sends its own two as well, before them, and
# gunicorn sends its own two in their place.
# Surprise: a mock that answers with recorded headers, or for a client that computes ages
# from Date, works everywhere but behind gunicorn, which says nothing about it.
# Contradicts: PEP 3333 names Date and Server as headers that a server adds where the
# application left them out. This one gave both.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Date", "Mon, 01 Jan 2001 00:00:00 GMT"), ("Server", "recorded/1")])
    return [b"body"]
EOF
cat > expected <<'EOF'
cheroot | ['given'] | ['recorded/1']
granian | ['given'] | ['recorded/1']
gunicorn | ['own'] | ['gunicorn']
waitress | ['given'] | ['recorded/1', 'waitress']
werkzeug | ['own', 'given'] | ['Werkzeug/3.1.9', 'recorded/1']
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
        fields = [line.partition(": ") for line in head.split("\r\n")[1:]]
        dates = ["given" if value.endswith("2001 00:00:00 GMT") else "own" for field, _, value in fields if field.lower() == "date"]
        others = sorted(value.split()[0] for field, _, value in fields if field.lower() in ("server", "via"))
        print(name, "|", dates, "|", others)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
