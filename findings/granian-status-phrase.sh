#!/usr/bin/env bash
# granian throws away the application's status phrase and sends "<none>" for unknown codes.
#
# Versions: granian 2.8.9, next to cheroot 11.1.2, gunicorn 27.0.1, waitress 3.0.2, werkzeug 3.1.9.
# Seen: "210 Partly Done" goes out as "210 <none>", "200 Fine" as "200 OK" and
# "413 Too Large" as "413 Payload Too Large". The four other servers send what the
# application said.
# Surprise: a mock or a replaying server that is to answer with a recorded phrase cannot,
# and a client that reports the reason (requests' response.reason, raise_for_status)
# shows its users "<none>".
# Contradicts: PEP 3333, whose status argument is a code and a reason for the client.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response(environ["PATH_INFO"][1:], [("Content-Type", "text/plain")])
    return [b"body"]
EOF
cat > expected <<'EOF'
cheroot | 210 Partly Done
cheroot | 200 Fine
cheroot | 413 Too Large
granian | 210 <none>
granian | 200 OK
granian | 413 Payload Too Large
gunicorn | 210 Partly Done
gunicorn | 200 Fine
gunicorn | 413 Too Large
waitress | 210 Partly Done
waitress | 200 Fine
waitress | 413 Too Large
werkzeug | 210 Partly Done
werkzeug | 200 Fine
werkzeug | 413 Too Large
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
        for path in (b"/210 Partly Done", b"/200 Fine", b"/413 Too Large"):
            request = b"GET " + path.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            print(name, "|", exchange(port, request).split("\r\n")[0].partition(" ")[2])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
