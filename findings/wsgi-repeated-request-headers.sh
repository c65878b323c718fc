#!/usr/bin/env bash
# One header sent on two lines: five WSGI servers, four answers, and cheroot loses one.
#
# Versions: cheroot 11.1.2, granian 2.8.9, gunicorn 27.0.1, waitress 3.0.2, werkzeug 3.1.9.
# Seen: "X-Party: guest" and "X-Party: host" in one request. cheroot keeps the last only,
# the others join them with "," or ", ". cheroot does join the headers on a list of its
# own, Accept among them. Of two Cookie lines cheroot keeps the last, granian joins them
# with ";", the three others with a comma, which no cookie parser takes apart.
# Surprise: a value vanishes without an error, on one server only.
# Contradicts: RFC 9110, section 5.3: a recipient may combine lines of one name, in their
# order, with commas; none gives leave to drop the first. RFC 9113, section 8.2.3, has
# cookie lines joined with "; " before they reach such an application.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    names = ("HTTP_X_PARTY", "HTTP_ACCEPT", "HTTP_COOKIE")
    return [("<" + " | ".join(environ[name] for name in names) + ">").encode()]
EOF
cat > expected <<'EOF'
cheroot | host | a/b, c/d | b=2
granian | guest,host | a/b,c/d | a=1;b=2
gunicorn | guest,host | a/b,c/d | a=1,b=2
waitress | guest, host | a/b, c/d | a=1, b=2
werkzeug | guest,host | a/b,c/d | a=1,b=2
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


HEADERS = b"X-Party: guest\r\nX-Party: host\r\nAccept: a/b\r\nAccept: c/d\r\nCookie: a=1\r\nCookie: b=2\r\n"
for name in sorted(COMMANDS):
    with serving(name) as port:
        answer = exchange(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + HEADERS + b"\r\n")
        print(name, "|", answer[answer.index("<") + 1 : answer.index(">")])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
