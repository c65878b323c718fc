#!/usr/bin/env bash
# protobuf: minus zero is lost or kept, True is a number or not, and 1e39 becomes infinity.
#
# Versions: protobuf 3.20.3 (its Python implementation) and 7.36.2 (upb).
# Seen: a double field set to -0.0 is written as nothing by 3.20.3 and read back as 0.0;
# 7.36.2 keeps the sign. An int32 field set to True takes 1 under 3.20.3 and raises a
# TypeError under 7.36.2. A float field set to 1e39 becomes inf under both, silently,
# though json_format.Parse refuses the very same number as too large.
# Surprise: weights that overflow single precision turn into infinity without a trace when
# they are set, and a program that sets flags as numbers stops after an upgrade.
# Contradicts: the JSON mapping's care over the same values; for -0.0, the later
# specification, by which only positive zero is the default that goes unwritten.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check protobuf==3.20.3

cat > expected <<'EOF'
3.20.3 | -0.0 reads back as 0.0
3.20.3 | int32 set to True: 1
3.20.3 | float set to 1e39: inf
3.20.3 | float parsed from 1e39: ParseError
7.36.2 | -0.0 reads back as -0.0
7.36.2 | int32 set to True: TypeError
7.36.2 | float set to 1e39: inf
7.36.2 | float parsed from 1e39: ParseError
EOF

cat > program.py <<'EOF'
import os, sys

os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python" if sys.argv[1] == "3.20.3" else "upb"
from google.protobuf import json_format
from google.protobuf.wrappers_pb2 import DoubleValue, FloatValue, Int32Value

def outcome(call):
    try:
        return call()
    except (TypeError, json_format.ParseError) as error:
        return type(error).__name__

print(sys.argv[1], "| -0.0 reads back as", DoubleValue.FromString(DoubleValue(value=-0.0).SerializeToString()).value)
print(sys.argv[1], "| int32 set to True:", outcome(lambda: Int32Value(value=True).value))
print(sys.argv[1], "| float set to 1e39:", outcome(lambda: FloatValue(value=1e39).value))
print(sys.argv[1], "| float parsed from 1e39:", outcome(lambda: json_format.Parse("1e39", FloatValue()).value))
EOF

for version in 3.20.3 7.36.2; do
    venv/bin/pip install --quiet --disable-pip-version-check "protobuf==$version"
    venv/bin/python program.py "$version"
done > seen
diff -u expected seen
echo "seen as stated"
