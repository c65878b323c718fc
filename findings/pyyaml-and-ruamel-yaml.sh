#!/usr/bin/env bash
# Strings written by PyYAML become numbers in ruamel.yaml, and ruamel.yaml's numbers strings.
#
# Versions: PyYAML 6.0.4, ruamel.yaml 0.18.10 (typ="safe", pure=True).
# Seen: PyYAML writes the strings "5e10", "20210101e5", "08" and "0o17" without quotes;
# ruamel.yaml reads numbers, 50000000000.0 for the first. ruamel.yaml writes the number
# 0.00001 as 1e-05, which PyYAML reads as a string, and the strings "yes" and "12:30" without
# quotes, which PyYAML reads as true and 750. Each reads back what it wrote itself.
# Surprise: FATE's client and tests read YAML with ruamel.yaml, vcrpy and most others write
# it with PyYAML: an id made of digits and one "e", a table named "08" or a tolerance
# changes its type, or its value, between two tools that both speak "YAML".
# Contradicts: nothing written: the one keeps to YAML 1.1, the other to 1.2, and neither
# says so in what it writes.
# Way out: quote such strings, write floats with a point (1.0e-05).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check PyYAML==6.0.4 ruamel.yaml==0.18.10

cat > expected <<'EOF'
PyYAML writes - 5e10 | itself: '5e10' | ruamel.yaml: 50000000000.0
PyYAML writes - 20210101e5 | itself: '20210101e5' | ruamel.yaml: 2021010100000.0
PyYAML writes - 08 | itself: '08' | ruamel.yaml: 8
PyYAML writes - 0o17 | itself: '0o17' | ruamel.yaml: 15
ruamel.yaml writes [1e-05] | itself: 1e-05 | PyYAML: '1e-05'
ruamel.yaml writes [yes] | itself: 'yes' | PyYAML: True
ruamel.yaml writes [12:30] | itself: '12:30' | PyYAML: 750
EOF

cat > program.py <<'EOF'
import io

import ruamel.yaml, yaml

parser = ruamel.yaml.YAML(typ="safe", pure=True)

def written_by_ruamel(value):
    stream = io.StringIO()
    parser.dump([value], stream)
    return stream.getvalue()

for value in ("5e10", "20210101e5", "08", "0o17"):
    text = yaml.safe_dump([value])
    print("PyYAML writes", text.strip(), "| itself:", repr(yaml.safe_load(text)[0]), "| ruamel.yaml:", repr(parser.load(text)[0]))
for value in (0.00001, "yes", "12:30"):
    text = written_by_ruamel(value)
    print("ruamel.yaml writes", text.strip(), "| itself:", repr(parser.load(text)[0]), "| PyYAML:", repr(yaml.safe_load(text)[0]))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
