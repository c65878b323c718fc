#!/usr/bin/env bash
# On SIGTERM cheroot and waitress drop the answer under way; on SIGINT they finish it.
#
# Versions: cheroot 11.1.2, waitress 3.0.2, by their commands; next to granian 2.8.9, gunicorn 27.0.1.
# Seen: a request is being handled when the server gets a signal. On SIGINT all four send
# the answer before they end. On SIGTERM granian and gunicorn do; cheroot and waitress end
# at once and the client's connection closes with nothing sent.
# Surprise: SIGTERM is what process managers and containers send to stop a service, so each
# restart loses requests; tried by hand with Ctrl-C it looks well-behaved.
# Contradicts: both have an orderly shutdown and speak of it; it is tied to
# KeyboardInterrupt and SystemExit only, and the commands install no handler for SIGTERM.
# Way out: signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)) in a launcher of one's own.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check granian==2.8.9 cheroot==11.1.2 gunicorn==27.0.1 waitress==3.0.2
cat > app.py <<'EOF'
import pathlib, time


def app(environ, start_response):
    pathlib.Path("started").touch()
    time.sleep(2)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"done"]
EOF
cat > expected <<'EOF'
cheroot | SIGINT | HTTP/1.1 200 OK
cheroot | SIGTERM | nothing
granian | SIGINT | HTTP/1.1 200 OK
granian | SIGTERM | HTTP/1.1 200 OK
gunicorn | SIGINT | HTTP/1.1 200 OK
gunicorn | SIGTERM | HTTP/1.1 200 OK
waitress | SIGINT | HTTP/1.1 200 OK
waitress | SIGTERM | nothing
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
        yield port, process
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


import pathlib, signal, threading

started = pathlib.Path("started")
for name in sorted(COMMANDS):
    for number in (signal.SIGINT, signal.SIGTERM):
        started.unlink(missing_ok=True)
        answers = []
        with serving(name) as (port, process):
            request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            client = threading.Thread(target=lambda: answers.append(exchange(port, request)))
            client.start()
            while not started.exists():
                time.sleep(0.05)
            process.send_signal(number)
            client.join()
        print(name, "|", number.name, "|", answers[0].split("\r\n")[0] or "nothing")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
