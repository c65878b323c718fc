#!/usr/bin/env bash
# polars turns a loss of 0.5 in row 101 into 0, and drops a key that comes so late.
#
# Versions: polars 2.1.0.
# Seen: DataFrame and from_dicts look at the first 100 rows. After 100 whole numbers 0.5 becomes 0,
# with strict=True as well, and a whole number after 100 booleans becomes false. A key that
# first comes in row 101 is left out, at the top and within a nested dict. A NaN there
# raises, and so does 0.5 after 100 nulls. The same values given as a column raise.
# Surprise: rows of metrics, where early ones are whole by chance, are changed without a word,
# and the error that would tell comes for some values and not for others.
# Contradicts: the documentation of strict, the default: an error for a value that does not
# match the inferred type exactly. Reading the same rows from CSV or NDJSON raises.
# Way out: infer_schema_length=None, or a schema.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check polars==2.1.0

cat > expected <<'EOF'
DataFrame, 0.5 after 100 whole numbers | 0
from_dicts, strict=True | 0
tuples, schema Int64, strict=True | 0
7 after 100 booleans | False
a key after 100 rows | ['loss']
a nested key after 100 rows | {'loss': 1}
infer_schema_length=None | 0.5
NaN after 100 whole numbers | ComputeError
0.5 after 100 nulls | ComputeError
as a column | TypeError
read_ndjson | ComputeError
EOF

cat > program.py <<'EOF'
import io, json

import polars

early, last = [{"loss": 1}] * 100, {"loss": 0.5}
CALLS = {
    "DataFrame, 0.5 after 100 whole numbers": lambda: polars.DataFrame([*early, last])["loss"][-1],
    "from_dicts, strict=True": lambda: polars.from_dicts([*early, last], strict=True)["loss"][-1],
    "tuples, schema Int64, strict=True": lambda: polars.DataFrame(
        [(1,), (0.5,)], schema={"loss": polars.Int64}, orient="row", strict=True
    )["loss"][-1],
    "7 after 100 booleans": lambda: polars.DataFrame([*[{"loss": True}] * 100, {"loss": 7}])["loss"][-1],
    "a key after 100 rows": lambda: polars.DataFrame([*early, {"loss": 1, "auc": 0.5}]).columns,
    "a nested key after 100 rows": lambda: polars.DataFrame([*[{"at": {"loss": 1}}] * 100, {"at": {"loss": 1, "auc": 0.5}}])["at"][-1],
    "infer_schema_length=None": lambda: polars.DataFrame([*early, last], infer_schema_length=None)["loss"][-1],
    "NaN after 100 whole numbers": lambda: polars.DataFrame([*early, {"loss": float("nan")}])["loss"][-1],
    "0.5 after 100 nulls": lambda: polars.DataFrame([*[{"loss": None}] * 100, last])["loss"][-1],
    "as a column": lambda: polars.DataFrame({"loss": [1] * 100 + [0.5]})["loss"][-1],
    "read_ndjson": lambda: polars.read_ndjson(io.StringIO("\n".join(map(json.dumps, [*early, last]))))["loss"][-1],
}
for name, call in CALLS.items():
    try:
        print(name, "|", call())
    except (TypeError, polars.exceptions.ComputeError) as error:
        print(name, "|", type(error).__name__)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
