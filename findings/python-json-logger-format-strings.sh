#!/usr/bin/env bash
# python-json-logger turns "{levelname:<8}" into a field of that name, and null.
#
# Versions: python-json-logger 4.2.0.
# Seen: in style "{" a width, a conversion or an attribute is taken for part of the name:
# "{levelname:<8}" writes {"levelname:<8": null} and the level is nowhere in the line, while
# "%(levelname)-8s" writes the level. defaults={"job": "-"} has no effect on a field that the
# format names: the field is null, where logging.Formatter writes "-".
# Surprise: a configuration that logs well as text loses the level or the time when only
# the class is changed, without an error, and filters by level then find nothing.
# Contradicts: the formatter takes logging.Formatter's format strings and checks them with
# logging's own rules (validate=True), and takes from it the argument defaults, which stands there
# for fields that a record has not.
# Way out: fmt as a list of names, and static_fields instead of defaults.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-json-logger==4.2.0

cat > expected <<'EOF'
{levelname:<8} {message} | text: INFO     hello | JSON: {"levelname:<8": null, "message": "hello"}
{levelname!s} {message} | text: INFO hello | JSON: {"levelname!s": null, "message": "hello"}
%(levelname)-8s %(message)s | text: INFO     hello | JSON: {"levelname": "INFO", "message": "hello"}
%(job)s %(message)s, defaults job=- | text: - hello | JSON: {"job": null, "message": "hello"}
%(message)s, defaults job=- | text: hello | JSON: {"job": "-", "message": "hello"}
EOF

cat > program.py <<'EOF'
import logging

from pythonjsonlogger.json import JsonFormatter

record = logging.LogRecord("demo", logging.INFO, "demo.py", 1, "hello", (), None)
for form, style, defaults in (
    ("{levelname:<8} {message}", "{", None),
    ("{levelname!s} {message}", "{", None),
    ("%(levelname)-8s %(message)s", "%", None),
    ("%(job)s %(message)s", "%", {"job": "-"}),
    ("%(message)s", "%", {"job": "-"}),
):
    text, json = (kind(form, style=style, defaults=defaults).format(record) for kind in (logging.Formatter, JsonFormatter))
    print(form + (", defaults job=-" if defaults else ""), "| text:", text, "| JSON:", json)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
