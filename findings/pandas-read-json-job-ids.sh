#!/usr/bin/env bash
# pandas.read_json makes one and the same number of the ids of two FATE jobs.
#
# Versions: pandas 3.1.1, polars 2.1.0.
# Seen: FATE Flow's answers hold f_job_id as a string of 21 digits. read_json turns the strings
# into floats: the ids of jobs started a thousandth of a second apart are equal, drop_duplicates
# leaves one job of two, and a merge joins each with both. "09999" becomes 9999. read_csv keeps
# every digit of the same ids, DataFrame of the parsed JSON and polars.read_json the strings.
# Surprise: quotes in JSON say "text"; the frame cannot be brought back to the ids.
# Contradicts: RFC 8259, where "1" and 1 are values of two types; the documentation of dtype
# says that types are inferred, not that digits are lost.
# Way out: dtype={"f_job_id": str}, or dtype=False.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0 numpy==2.4.6

cat > expected <<'EOF'
pandas.read_json | [2.0260101120000003e+20, 2.0260101120000003e+20] | jobs: 1 | merged rows: 4
pandas.read_json, party "09999" | [9999, 10000]
pandas.read_json, dtype=False | ['202601011200000030001', '202601011200000040001'] | jobs: 2 | merged rows: 2
pandas.DataFrame | ['202601011200000030001', '202601011200000040001'] | jobs: 2 | merged rows: 2
pandas.read_csv | [202601011200000030001, 202601011200000040001] | jobs: 2 | merged rows: 2
polars.read_json | ['202601011200000030001', '202601011200000040001']
EOF

cat > program.py <<'EOF'
import io, json

import pandas, polars

jobs = [
    {"f_job_id": "202601011200000030001", "f_party_id": "09999"},
    {"f_job_id": "202601011200000040001", "f_party_id": "10000"},
]
text = json.dumps(jobs)
table = "f_job_id,f_party_id\n" + "".join(f"\"{job['f_job_id']}\",\"{job['f_party_id']}\"\n" for job in jobs)

def show(name, frame):
    ids = frame[["f_job_id"]]
    merged = ids.merge(ids, on="f_job_id")
    print(name, "|", frame["f_job_id"].tolist(), "| jobs:", len(ids.drop_duplicates()), "| merged rows:", len(merged))

show("pandas.read_json", pandas.read_json(io.StringIO(text)))
print('pandas.read_json, party "09999" |', pandas.read_json(io.StringIO(text))["f_party_id"].tolist())
show("pandas.read_json, dtype=False", pandas.read_json(io.StringIO(text), dtype=False))
show("pandas.DataFrame", pandas.DataFrame(jobs))
show("pandas.read_csv", pandas.read_csv(io.StringIO(table)))
print("polars.read_json |", polars.read_json(io.StringIO(text))["f_job_id"].to_list())
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
