#!/usr/bin/env bash
# uvicorn with httptools drops the body of a POST that offers an upgrade to HTTP/2.
#
# Versions: uvicorn 0.54.0 with httptools 0.9.0 and with h11 0.16.0.
# Seen: a POST with Content-Length and "Upgrade: h2c" reaches the application through
# httptools with an empty body and through h11 whole. Both pass Content-Length on. Where
# both are installed uvicorn chooses httptools. The issue has been open since 2025.
# Surprise: the HTTP client in Java's standard library makes this offer with every
# request to an http URL by default, so to a server that worked for every Python client
# each Java client seems to send nothing.
# Contradicts: RFC 9110, section 7.8: a server may ignore the offer and answer as if it
# were not there; the method, the target and the body are those of the request all the same.
# Way out: h11 (--http h11), or HTTP_1_1 in the client.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0 click==8.5.1

cat > app.py <<'EOF'
async def app(scope, receive, send):
    headers, body, more = dict(scope["headers"]), b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    text = b"<%s of %s>" % (str(len(body)).encode(), headers[b"content-length"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]})
    await send({"type": "http.response.body", "body": text})
EOF

cat > expected <<'EOF'
auto | no offer | 200 | 15 of 15
auto | Upgrade: h2c | 200 | 0 of 15
h11 | no offer | 200 | 15 of 15
h11 | Upgrade: h2c | 200 | 15 of 15
httptools | no offer | 200 | 15 of 15
httptools | Upgrade: h2c | 200 | 0 of 15
EOF

cat > program.py <<'EOF'
import contextlib, socket, subprocess, time

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
BODY = b'{"job_id": "1"}'

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

def post(port, headers):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
        answer = b""
        while not answer.endswith(b">"):
            answer += connection.recv(65536)
        return answer.decode()

for parser in ("auto", "h11", "httptools"):
    with serving(parser) as port:
        for name, headers in (("no offer", b""), ("Upgrade: h2c", OFFER)):
            answer = post(port, headers)
            print(parser, "|", name, "|", answer.split()[1], "|", answer.partition("<")[2].rstrip(">"))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
