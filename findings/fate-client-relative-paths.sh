#!/usr/bin/env bash
# fate-client looks for data.csv in Python's library folder, and writes where it is run.
#
# Versions: fate-client 1.11.3.
# Seen: data.upload with "file": "data.csv", which is in the working directory, says that
# lib/python3.11/data.csv does not exist; model.import_model raises for the same path. output_path
# of downloads is taken from the working directory. A download writes its archive into the
# working directory first, whatever output_path says, under a name made of the job.
# Surprise: one relative path has two meanings in one call after the other, a file that
# happens to lie beside Python's modules would be uploaded, and a download with an absolute
# output_path fails in a working directory that cannot be written.
# Contradicts: the error's own words, a file "from the fate flow client machine", and what paths
# mean everywhere else; the folder was FATE's own before the client became a package.
# Way out: absolute paths, and a working directory of one's own for downloads.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20

cat > expected <<'EOF'
here: data.csv
upload of data.csv | Exception | looked for in lib/python3.11/data.csv
import_model of data.csv | FileNotFoundError | looked for in lib/python3.11/data.csv
upload of the absolute path | retcode 0
download to elsewhere/out | here meanwhile: data.csv, job_1_lr_0_guest_9999_output_data.tar.gz | retcode 0
here afterwards: data.csv
EOF

cat > program.py <<'EOF'
import http.server, io, os, pathlib, sys, tarfile, tempfile, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b'{"retcode": 0, "retmsg": "success"}')

    def do_GET(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("data.csv"))
        self.answer(packed.getvalue())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

from flow_sdk.client import FlowClient

def here():
    return ", ".join(sorted(os.listdir(".")))

elsewhere = os.path.abspath("elsewhere")
library = os.path.join("lib", f"python{sys.version_info.major}.{sys.version_info.minor}")
pathlib.Path("here").mkdir()
os.chdir("here")
pathlib.Path("data.csv").write_text("id,x\n")
print("here:", here())
client = FlowClient("127.0.0.1", server.server_port, "v1")
table = {"head": 1, "partition": 1, "namespace": "demo", "table_name": "demo"}
for name, call in (
    ("upload", lambda: client.data.upload({"file": "data.csv", **table})),
    ("import_model", lambda: client.model.import_model({"file": "data.csv"})),
):
    try:
        call()
    except Exception as error:
        place = f"{library}/data.csv"
        print(name, "of data.csv |", type(error).__name__, "| looked for in", place.replace(library, "lib/python3.11") if place in str(error) else error)
print("upload of the absolute path | retcode", client.data.upload({"file": os.path.abspath("data.csv"), **table})["retcode"])

meanwhile = []
opened = tarfile.open

def open_and_look(*arguments, **options):
    if arguments:
        meanwhile.append(here())
    return opened(*arguments, **options)

tarfile.open = open_and_look
result = client.component.output_data("1", "guest", 9999, "lr_0", os.path.join(elsewhere, "out"))
print("download to elsewhere/out | here meanwhile:", *meanwhile, "| retcode", result["retcode"])
print("here afterwards:", here())
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
