#!/usr/bin/env bash
# check-jsonschema lists formats that it does not check, and takes NaN for any number.
#
# Versions: check-jsonschema 0.39.0 with jsonschema 4.26.0.
# Seen: of the formats that --help lists as supported ones, nine accept the text
# "<( % [ {" as the package installs: duration, hostname, iri, uri and others. email, date and
# uuid refuse it. Nothing tells that a format was passed over. NaN in a JSON file, and .nan in
# YAML, satisfies "maximum": 10, Infinity does not.
# Surprise: a schema in CI that wants a URI or a host name holds nothing, and a rate of NaN is
# valid.
# Contradicts: --help: --disable-formats switches off what is supported, which has to be on
# to begin with; RFC 8259 has no NaN.
# Way out: install jsonschema[format] beside it, and a pattern for what matters.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check check-jsonschema==0.39.0 jsonschema==4.26.0

cat > expected <<'EOF'
refused: date, date-time, email, idn-email, idn-hostname, ipv4, ipv6, regex, time, uuid
accepted: duration, hostname, iri, iri-reference, json-pointer, relative-json-pointer, uri, uri-reference, uri-template
maximum 10 | instance.json | {"rate": NaN} | 0
maximum 10 | instance.json | {"rate": Infinity} | 1
maximum 10 | instance.yaml | rate: .nan | 0
EOF

cat > program.py <<'EOF'
import json, pathlib, re, subprocess

def run(*arguments):
    return subprocess.run(["venv/bin/check-jsonschema", *arguments], capture_output=True, text=True)

def check(schema, name, text):
    pathlib.Path("schema.json").write_text(json.dumps(schema))
    pathlib.Path(name).write_text(text)
    return run("--schemafile", "schema.json", name).returncode

listed = re.search(r"supports the following formats:(.*?)\n\s*\n", run("--help").stdout, re.S)[1]
formats = re.findall(r"[a-z0-9-]+", listed)
outcomes = {name: check({"format": name}, "instance.json", json.dumps("<( % [ {")) for name in formats}
print("refused:", ", ".join(name for name in formats if outcomes[name]))
print("accepted:", ", ".join(name for name in formats if not outcomes[name]))
for name, text in (
    ("instance.json", '{"rate": NaN}'),
    ("instance.json", '{"rate": Infinity}'),
    ("instance.yaml", "rate: .nan"),
):
    status = check({"properties": {"rate": {"type": "number", "maximum": 10}}}, name, text)
    print("maximum 10 |", name, "|", text, "|", status)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
