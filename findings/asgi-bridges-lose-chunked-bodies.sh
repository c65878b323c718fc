#!/usr/bin/env bash
# A WSGI application behind an ASGI server gets no body when the client streams it.
#
# Versions: uvicorn 0.54.0 (--interface wsgi), hypercorn 0.18.0, a2wsgi 1.10.10 on uvicorn; next
# to granian 2.8.9, gunicorn 27.0.1 and cheroot 11.1.2. Flask 3.1.3, werkzeug 3.1.9.
# Seen: a body sent in chunks (what urllib3, requests and http.client do with a generator or
# an open pipe) is empty for Flask behind each of the three bridges, and the answer is that of
# an empty request. The same body with a Content-Length arrives. The WSGI servers deliver both.
# Surprise: the bridges have read the whole body and put it into wsgi.input; but they set
# neither CONTENT_LENGTH nor wsgi.input_terminated, so werkzeug takes care not to read it.
# An upload of no bytes is stored, without an error on either side.
# Contradicts: hypercorn's and a2wsgi's documentation, which say that WSGI applications can
# be served as they are.
# Way out: a middleware that sets wsgi.input_terminated, or a server that speaks WSGI itself.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check flask==3.1.3 werkzeug==3.1.9 uvicorn==0.54.0 hypercorn==0.18.0 a2wsgi==1.10.10 granian==2.8.9 gunicorn==27.0.1 cheroot==11.1.2

cat > application.py <<'EOF'
from a2wsgi import WSGIMiddleware
from flask import Flask, request

app = Flask(__name__)
bridged = WSGIMiddleware(app)

@app.post("/")
def count():
    return f"{len(request.get_data())} bytes"
EOF

cat > expected <<'EOF'
a2wsgi    | in chunks: 0 bytes | with a length: 15 bytes
cheroot   | in chunks: 15 bytes | with a length: 15 bytes
granian   | in chunks: 15 bytes | with a length: 15 bytes
gunicorn  | in chunks: 15 bytes | with a length: 15 bytes
hypercorn | in chunks: 0 bytes | with a length: 15 bytes
uvicorn   | in chunks: 0 bytes | with a length: 15 bytes
EOF

cat > program.py <<'EOF'
import contextlib, http.client, socket, subprocess, time

COMMANDS = {
    "a2wsgi": ["venv/bin/uvicorn", "--port", "{port}", "application:bridged"],
    "cheroot": ["venv/bin/cheroot", "--bind", "127.0.0.1:{port}", "application:app"],
    "granian": ["venv/bin/granian", "--interface", "wsgi", "--port", "{port}", "application:app"],
    "gunicorn": ["venv/bin/gunicorn", "--bind", "127.0.0.1:{port}", "application:app"],
    "hypercorn": ["venv/bin/hypercorn", "--bind", "127.0.0.1:{port}", "application:app"],
    "uvicorn": ["venv/bin/uvicorn", "--interface", "wsgi", "--port", "{port}", "application:app"],
}
PARTS = [b'{"job_id"', b': "1"}']


@contextlib.contextmanager
def serving(name):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [part.replace("{port}", str(port)) for part in COMMANDS[name]]
    log = open("server.log", "ab")
    process = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": ".", "PYTHONPATH": "."})
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


def post(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/", body=body)
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


for name in sorted(COMMANDS):
    with serving(name) as port:
        print(f"{name:9} | in chunks: {post(port, iter(PARTS))} | with a length: {post(port, b''.join(PARTS))}")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
