#!/usr/bin/env bash
# uvicorn's two parsers give an application two requests for the same bytes.
#
# Versions: uvicorn 0.54.0 with h11 0.16.0 and with httptools 0.9.0.
# Seen: "GET http://localhost/v1/job", as clients of a proxy send it, has the path "/v1/job"
# with httptools and "http://localhost/v1/job" with h11. Blanks behind a header's value are
# part of it with httptools. A query of 70,000 characters is answered by h11 and refused with
# 400 by httptools. An answer 304 that gives the Content-Length of what it stands for
# closes the connection with httptools and keeps it with h11.
# Surprise: which parser runs depends on whether httptools happens to be installed
# ("auto"), so routes, signatures over headers and kept connections differ between machines
# with one and the same configuration.
# Contradicts: RFC 9112: a server takes the absolute form (3.2.2) and leaves blanks around a
# value out (5.1); RFC 9110, 8.6 and 15.4.5: such a length may stand in a 304.
# Way out: --http with a name, and tests with the one that serves.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0 click==8.5.1

cat > app.py <<'EOF'
async def app(scope, receive, send):
    if scope["path"] == "/not-modified":
        await send({"type": "http.response.start", "status": 304, "headers": [(b"content-length", b"300")]})
        await send({"type": "http.response.body", "body": b""})
        return
    text = repr((scope["path"], dict(scope["headers"]).get(b"x-role"))).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]})
    await send({"type": "http.response.body", "body": text})
EOF

cat > expected <<'EOF'
h11 | absolute form | 200 | ('http://localhost/v1/job', None) | kept: True
h11 | blanks behind a value | 200 | ('/', b'guest') | kept: True
h11 | long query | 200 | ('/', None) | kept: True
h11 | 304 with a length | 304 |  | kept: True
httptools | absolute form | 200 | ('/v1/job', None) | kept: True
httptools | blanks behind a value | 200 | ('/', b'guest  ') | kept: True
httptools | long query | 400 | Invalid HTTP request received. | kept: False
httptools | 304 with a length | 304 |  | kept: False
EOF

cat > program.py <<'EOF'
import contextlib, http.client, socket, subprocess, time

REQUESTS = {
    "absolute form": b"GET http://localhost/v1/job HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "blanks behind a value": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Role: guest  \r\n\r\n",
    "long query": b"GET /?" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "304 with a length": b"GET /not-modified HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

@contextlib.contextmanager
def serving(parser):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["venv/bin/uvicorn", "app:app", "--lifespan", "off", "--http", parser, "--port", str(port)]
    with open("server.log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
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

def answer(connection):
    response = http.client.HTTPResponse(connection, method="GET")
    response.begin()
    return response.status, response.read().decode()

def is_kept(connection):
    try:
        connection.sendall(b"GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return answer(connection)[0] == 200
    except (OSError, http.client.HTTPException):
        return False

for parser in ("h11", "httptools"):
    with serving(parser) as port:
        for name, request in REQUESTS.items():
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(request)
                status, text = answer(connection)
                print(parser, "|", name, "|", status, "|", text, "| kept:", is_kept(connection))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
