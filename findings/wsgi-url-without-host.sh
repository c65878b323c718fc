#!/usr/bin/env bash
# Without Host, Flask's own URL is "http:///" behind cheroot and granian.
#
# Versions: cheroot 11.1.2, granian 2.8.9, waitress 3.0.2; next to gunicorn 27.0.1, werkzeug 3.1.9; Flask 3.1.3.
# Seen: an HTTP/1.0 request without Host. cheroot gives its product name and version as
# SERVER_NAME, granian sets HTTP_HOST to an empty string for the header that was not sent
# (and SERVER_PROTOCOL to "HTTP/1"): from either Flask makes request.url_root "http:///".
# waitress gives the host waitress.invalid; gunicorn and werkzeug give a URL that works.
# Surprise: links, redirects and callback addresses built by the application lead nowhere
# as soon as a health check or an old proxy leaves Host out.
# Contradicts: PEP 3333: SERVER_NAME and SERVER_PORT, with the path, must make a usable
# URL; the protocol is named as the client sent it; names of headers not sent are absent.
# Way out: cheroot's server_name and waitress's server_name options.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9 flask==3.1.3
cat > app.py <<'EOF'
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def root():
    environ = request.environ
    return f"<{environ['SERVER_NAME']} | {request.url_root} | {environ['SERVER_PROTOCOL']} | {environ.get('HTTP_HOST')!r}>"
EOF
cat > expected <<'EOF'
cheroot | Cheroot/11.1.2 | http:/// | HTTP/1.0 | None
granian | 127.0.0.1 | http:/// | HTTP/1 | ''
gunicorn | 127.0.0.1 | http://127.0.0.1:PORT/ | HTTP/1.0 | None
waitress | waitress.invalid | http://waitress.invalid:PORT/ | HTTP/1.0 | None
werkzeug | 127.0.0.1 | http://127.0.0.1:PORT/ | HTTP/1.0 | None
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
        answer = exchange(port, b"GET / HTTP/1.0\r\n\r\n")
        print(name, "|", answer[answer.index("<") + 1 : answer.index(">")].replace(str(port), "PORT"))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
