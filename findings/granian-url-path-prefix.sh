#!/usr/bin/env bash
# granian's --url-path-prefix cuts as many characters off every path, whatever they are.
#
# Versions: granian 2.8.9 (WSGI).
# Seen: with --url-path-prefix /api a request for /v1/job reaches the application as
# "job", /other/jobs as "er/jobs" and /apis/x as "s/x". None of them is
# refused, and PATH_INFO no longer starts with a slash.
# Surprise: a client with a wrong base URL is answered by some other route, or by a 404
# that names a path nobody asked for.
# Contradicts: the option's help, which calls it the prefix the application is mounted
# on: what lies outside a mount is not the application's. PEP 3333 (after CGI) has
# SCRIPT_NAME + PATH_INFO make up the path that was asked for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9
cat > app.py <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [(environ["SCRIPT_NAME"] + " + " + environ["PATH_INFO"]).encode()]
EOF
cat > expected <<'EOF'
/api/v1/job | 200 OK | /api + /v1/job
/v1/job | 200 OK | /api + job
/other/jobs | 200 OK | /api + er/jobs
/apis/x | 200 OK | /api + s/x
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

COMMANDS = {
    "granian": ["venv/bin/granian", "--interface", "wsgi", "--port", "{port}", "--url-path-prefix", "/api", "app:app"],
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


with serving("granian") as port:
    for path in ("/api/v1/job", "/v1/job", "/other/jobs", "/apis/x"):
        answer = exchange(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        print(path, "|", answer.split("\r\n")[0].partition(" ")[2], "|", answer.partition("\r\n\r\n")[2])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
