#!/usr/bin/env bash
# granian empties request headers beyond ASCII and sends response headers in UTF-8.
#
# Versions: granian 2.8.9, next to cheroot 11.1.2, gunicorn 27.0.1, waitress 3.0.2.
# Seen: a request header whose value holds one byte above 127 reaches the application as
# an empty string, in whichever encoding it was sent. A response header "caf\xe9" leaves
# as the two bytes C3 A9. The three others pass bytes on as Latin-1, both ways.
# Surprise: the header is there and empty, without an error or a line in the log: a name
# or a file name in a header is lost as if the client had sent none.
# Contradicts: PEP 3333: header strings stand for bytes through Latin-1, both ways.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Answer", "caf\xe9")])
    return [b"<" + environ["HTTP_X_NAME"].encode("latin-1") + b">"]
EOF
cat > expected <<'EOF'
cheroot | b'caf\xe9' | application: 'caf\xe9' | answer: b'caf\xe9'
cheroot | b'caf\xc3\xa9' | application: 'caf\xc3\xa9' | answer: b'caf\xe9'
granian | b'caf\xe9' | application: '' | answer: b'caf\xc3\xa9'
granian | b'caf\xc3\xa9' | application: '' | answer: b'caf\xc3\xa9'
gunicorn | b'caf\xe9' | application: 'caf\xe9' | answer: b'caf\xe9'
gunicorn | b'caf\xc3\xa9' | application: 'caf\xc3\xa9' | answer: b'caf\xe9'
waitress | b'caf\xe9' | application: 'caf\xe9' | answer: b'caf\xe9'
waitress | b'caf\xc3\xa9' | application: 'caf\xc3\xa9' | answer: b'caf\xe9'
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

COMMANDS = {
    "cheroot": ["venv/bin/cheroot", "app:app", "--bind", "127.0.0.1:{port}"],
    "granian": ["venv/bin/granian", "--interface", "wsgi", "--port", "{port}", "app:app"],
    "gunicorn": ["venv/bin/gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}", "app:app"],
    "waitress": ["venv/bin/waitress-serve", "--listen=127.0.0.1:{port}", "app:app"],
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
        for value in (b"caf\xe9", b"caf\xc3\xa9"):
            request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Name: " + value + b"\r\n\r\n"
            head, _, body = exchange(port, request).partition("\r\n\r\n")
            sent = [line for line in head.split("\r\n") if line.lower().startswith("x-answer")][0].partition(": ")[2]
            seen = body[body.index("<") + 1 : body.index(">")]
            print(name, "|", value, "| application:", ascii(seen), "| answer:", sent.encode("latin-1"))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
