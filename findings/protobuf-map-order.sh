#!/usr/bin/env bash
# protobuf 7 writes the entries of a map in another order each time a program is run.
#
# Versions: protobuf 3.20.3 (its Python implementation), 4.25.9 and 7.36.2 (upb).
# Seen: a map with five string keys, rendered by json_format and by SerializeToString, in
# twenty processes. 3.20.3 keeps the order of insertion, 4.25.9 has one order of its own,
# 7.36.2 a new one in almost every process; the bytes differ as well.
# Surprise: files of FATE models (weights by column name are such a map), snapshots and
# checksums made from them differ between two runs over the same model, where dictionaries
# have kept their order for a decade and older versions seemed to promise it.
# Contradicts: nothing written: the format leaves map order open. json_format takes no
# care of it either, unless sort_keys is set.
# Way out: sort_keys=True; SerializeToString(deterministic=True).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check protobuf==3.20.3

cat > expected <<'EOF'
3.20.3 | order: of insertion | JSON alike: True | bytes alike: True | deterministic=True alike: True
4.25.9 | order: of its own | JSON alike: True | bytes alike: True | deterministic=True alike: True
7.36.2 | order: several | JSON alike: True | bytes alike: False | deterministic=True alike: True
EOF

cat > program.py <<'EOF'
import os, subprocess, sys

PROGRAM = """
from google.protobuf import json_format, struct_pb2
struct = struct_pb2.Struct()
for name in ("x3", "x1", "x10", "x2", "bias"):
    struct[name] = 1.0
print(" ".join(struct.fields), list(struct.fields) == list(json_format.MessageToDict(struct)), struct.SerializeToString().hex(),
    struct.SerializeToString(deterministic=True).hex())
"""
version = sys.argv[1]
environment = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python" if version == "3.20.3" else "upb"}
runs = [subprocess.run(["venv/bin/python", "-c", PROGRAM], capture_output=True, text=True, env=environment, check=True).stdout.rsplit(" ", 3) for _ in range(20)]
orders, same, serialised, deterministic = (set(column) for column in zip(*runs))
if len(orders) == 1:
    order = "of insertion" if orders == {"x3 x1 x10 x2 bias"} else "of its own"
else:
    order = "several"
print(version, "| order:", order, "| JSON alike:", same == {"True"}, "| bytes alike:", len(serialised) == 1, "| deterministic=True alike:", len(deterministic) == 1)
EOF

for version in 3.20.3 4.25.9 7.36.2; do
    venv/bin/pip install --quiet --disable-pip-version-check "protobuf==$version"
    venv/bin/python program.py "$version"
done > seen
diff -u expected seen
echo "seen as stated"
