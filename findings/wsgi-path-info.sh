#!/usr/bin/env bash
# Five WSGI servers, four readings of "//v1/job" and "/table/a%2Fb".
#
# Versions: cheroot 11.1.2, granian 2.8.9, gunicorn 27.0.1, waitress 3.0.2, werkzeug 3.1.9.
# Seen: two slashes at the start, as from a base URL that ends in one: granian and
# gunicorn pass both on, waitress and werkzeug make them one, cheroot refuses with 400 and
# speaks of an absolute URI. An encoded slash: all decode it but cheroot, which keeps
# "%2F" although it decodes everything else. What was on the wire stands in REQUEST_URI
# (cheroot, waitress), in RAW_URI (gunicorn), in both but with one slash (werkzeug), or
# nowhere (granian).
# Surprise: the same client gets 200, 308, 400 or 404 from one application, depending on
# the server; a route that a test proves on werkzeug does not exist on granian.
# Contradicts: RFC 3986: "//v1/job" after the authority is a path like any other (RFC
# 9112, section 3.2.1, takes it for origin-form). PEP 3333 says nothing of half-decoded paths.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    raw = [environ.get(name, "-") for name in ("REQUEST_URI", "RAW_URI")]
    return [f"<{environ['PATH_INFO']} raw: {' '.join(raw)}>".encode()]
EOF
cat > expected <<'EOF'
cheroot | //v1/job | 400 | Absolute URI not allowed if server is not a proxy.
cheroot | /table/a%2Fb%20c | 200 | /table/a%2Fb c raw: /table/a%2Fb%20c -
granian | //v1/job | 200 | //v1/job raw: - -
granian | /table/a%2Fb%20c | 200 | /table/a/b c raw: - -
gunicorn | //v1/job | 200 | //v1/job raw: - //v1/job
gunicorn | /table/a%2Fb%20c | 200 | /table/a/b c raw: - /table/a%2Fb%20c
waitress | //v1/job | 200 | /v1/job raw: //v1/job -
waitress | /table/a%2Fb%20c | 200 | /table/a/b c raw: /table/a%2Fb%20c -
werkzeug | //v1/job | 200 | /v1/job raw: /v1/job /v1/job
werkzeug | /table/a%2Fb%20c | 200 | /table/a/b c raw: /table/a%2Fb%20c /table/a%2Fb%20c
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
        for path in (b"//v1/job", b"/table/a%2Fb%20c"):
            answer = exchange(port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            body = answer.partition("<")[2].partition(">")[0] or answer.splitlines()[-1]
            print(name, "|", path.decode(), "|", answer.split()[1], "|", body)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
