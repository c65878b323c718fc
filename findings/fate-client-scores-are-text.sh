#!/usr/bin/env bash
# FATE's pipeline gives a frame whose scores are text: the least score sorts to the top.
#
# Versions: fate-client 1.11.3, pandas 3.1.1.
# Seen: get_output_data() of predictions 0.91, 0.35 and 9.1e-05 returns a DataFrame in which
# every column but predict_detail is text. sort_values goes by characters: 9.1e-05 comes
# first of all, and max() gives it as the highest. mean() raises. The file that the server
# sent, read with pandas.read_csv, has numbers.
# Surprise: a selection of the best customers holds the worst ones, and nothing fails as long as
# no score is that small: the order of 0.91 and 0.35 is right.
# Contradicts: the method's documentation: "pandas.DataFrame"; the text of the file is split at
# commas, and nothing is converted.
# Way out: astype({"predict_score": float}), or reading the downloaded file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 click==7.1.2 loguru==0.7.3 numpy==2.4.6 ruamel.yaml==0.16.13 setuptools==79.0.1 pandas==3.1.1 python-dateutil==2.9.0.post0 six==1.17.0

cat > expected <<'EOF'
types | id str, label str, predict_result str, predict_score str, predict_detail object, type str
sorted, highest first | 9.1e-05, 0.91, 0.35
max | 9.1e-05
mean | TypeError
read_csv, highest first | 0.91, 0.35, 9.1e-05
EOF

cat > program.py <<'EOF'
import http.server, io, json, tarfile, threading

HEADER = ["id", "label", "predict_result", "predict_score", "predict_detail", "type"]
LINES = [
    ",".join(HEADER),
    """1,1,1,0.91,"{'0': 0.09, '1': 0.91}",predict""",
    """2,0,0,0.35,"{'0': 0.65, '1': 0.35}",predict""",
    """3,0,0,9.1e-05,"{'0': 0.999909, '1': 9.1e-05}",predict""",
]
FILES = {"data.csv": "\n".join(LINES) + "\n", "data.meta": json.dumps({"header": HEADER})}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, text in FILES.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.send_response(200)
        self.send_header("Content-Length", str(packed.tell()))
        self.end_headers()
        self.wfile.write(packed.getvalue())

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()

from pipeline.backend.config import PipelineConfig

PipelineConfig._conf = {"ip": "127.0.0.1", "port": server.server_port, "console_display_log": False}
import pandas
from pipeline.backend.pipeline import PipeLine
from pipeline.component import HeteroLR

pipeline = PipeLine().set_initiator("guest", 9999).set_roles(guest=9999)
pipeline.add_component(HeteroLR(name="lr_0"))
pipeline._set_state("fit")
pipeline._train_job_id = "202601010000000000000"
frame = pipeline.get_component("lr_0").get_output_data()

def highest_first(frame):
    return ", ".join(map(str, frame.sort_values("predict_score", ascending=False)["predict_score"]))

print("types |", ", ".join(f"{name} {kind}" for name, kind in frame.dtypes.items()))
print("sorted, highest first |", highest_first(frame))
print("max |", frame["predict_score"].max())
try:
    print("mean |", frame["predict_score"].mean())
except TypeError as error:
    print("mean |", type(error).__name__)
print("read_csv, highest first |", highest_first(pandas.read_csv(io.StringIO(FILES["data.csv"]))))
EOF

venv/bin/python program.py 2> log | grep -v "Import torch" > seen
diff -u expected seen
echo "seen as stated"
