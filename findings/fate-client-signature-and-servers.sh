#!/usr/bin/env bash
# fate-client signs with a header APP_KEY that three of five WSGI servers throw away.
#
# Versions: fate-client 1.11.3 (1.7.2 to 1.10.0 alike); cheroot 11.1.2, granian 2.8.9,
# gunicorn 27.0.1, waitress 3.0.2, werkzeug 3.1.9.
# Seen: a client with app_key and secret_key sends TIMESTAMP, NONCE, APP_KEY, SIGNATURE.
# gunicorn, waitress and werkzeug (since 2.3) drop APP_KEY for its underscore, without an
# answer or a line in the log; the three other headers arrive. cheroot and granian pass
# it on.
# Surprise: FATE Flow refuses the signed request for want of a key the client did send,
# on a server that serves it with today's werkzeug, or behind a proxy of the same habit.
# Contradicts: nothing written. RFC 9110 allows underscores in names; servers drop them
# because X_Y and X-Y are one in a WSGI environment.
# Way out: name the header APP-KEY, which reaches the application as the same variable.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20
cat > app.py <<'EOF'
import json


def app(environ, start_response):
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    names = [name for name in ("APP_KEY", "NONCE", "SIGNATURE", "TIMESTAMP") if "HTTP_" + name in environ]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"retcode": 0, "data": names}).encode()]
EOF
cat > expected <<'EOF'
cheroot | ['APP_KEY', 'NONCE', 'SIGNATURE', 'TIMESTAMP']
granian | ['APP_KEY', 'NONCE', 'SIGNATURE', 'TIMESTAMP']
gunicorn | ['NONCE', 'SIGNATURE', 'TIMESTAMP']
waitress | ['NONCE', 'SIGNATURE', 'TIMESTAMP']
werkzeug | ['NONCE', 'SIGNATURE', 'TIMESTAMP']
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


from flow_sdk.client import FlowClient

for name in sorted(COMMANDS):
    with serving(name) as port:
        client = FlowClient("127.0.0.1", port, "v1", app_key="demo-key", secret_key="demo-secret")
        print(name, "|", client.job.list()["data"])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
