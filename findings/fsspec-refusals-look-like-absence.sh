#!/usr/bin/env bash
# A file that may not be read, and one whose server is down, do not exist for fsspec.
#
# Versions: fsspec 2026.9.0, aiohttp 3.14.5 (filesystem "http").
# Seen: for a server that answers 401, 403, 500 or 503, and for one that is not there at all,
# exists() and isfile() are False, glob() is [] and size() raises FileNotFoundError, as for
# 404. isdir() tells the refusals from an absence; with the server down du() is 0 and find() [].
# Surprise: "upload it unless it is there" uploads on each outage and after each expired
# token; a sum over du() or a loop over glob() ends well with nothing in it.
# Contradicts: FileNotFoundError says that there is no such file, and find(), isdir() and cat()
# of the same filesystem raise aiohttp's error for the same answers.
# Way out: cat_file() or open() and look at the error; never exists() where an outage counts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fsspec==2026.9.0 aiohttp==3.14.5

cat > expected <<'EOF'
200  | exists: True | isfile: True | glob: 1 | size: 0 | isdir: False | find: 1 | du: 0 | cat_file: b''
401  | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: ClientResponseError | find: ClientResponseError | du: ClientResponseError | cat_file: ClientResponseError
403  | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: ClientResponseError | find: ClientResponseError | du: ClientResponseError | cat_file: ClientResponseError
404  | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: False | find: 0 | du: 0 | cat_file: FileNotFoundError
500  | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: ClientResponseError | find: ClientResponseError | du: ClientResponseError | cat_file: ClientResponseError
503  | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: ClientResponseError | find: ClientResponseError | du: ClientResponseError | cat_file: ClientResponseError
down | exists: False | isfile: False | glob: 0 | size: FileNotFoundError | isdir: ClientConnectorError | find: 0 | du: 0 | cat_file: ClientConnectorError
EOF

cat > program.py <<'EOF'
import http.server, socket, threading

import fsspec

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as free:
    nobody = free.getsockname()[1]
places = {f"{status}": f"http://127.0.0.1:{server.server_port}/{status}/table.csv" for status in (200, 401, 403, 404, 500, 503)}
places["down"] = f"http://127.0.0.1:{nobody}/table.csv"
files = fsspec.filesystem("http")

def outcome(question, place):
    try:
        answer = getattr(files, question)(place)
    except Exception as error:
        return type(error).__name__
    return len(answer) if isinstance(answer, list) else answer

QUESTIONS = ("exists", "isfile", "glob", "size", "isdir", "find", "du", "cat_file")
for name, place in places.items():
    print(f"{name:4}", "|", " | ".join(f"{question}: {outcome(question, place)}" for question in QUESTIONS))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
