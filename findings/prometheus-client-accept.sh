#!/usr/bin/env bash
# prometheus-client answers with the format that the Accept header rules out.
#
# Versions: prometheus-client 0.26.0.
# Seen: of "text/plain" and "application/openmetrics-text;q=0", which means "not this one",
# OpenMetrics is sent; so it is for q=0.1 beside text/plain;q=1. "text/plain;version=0.0.4;q=1,
# text/plain;version=1.0.0;q=0.1" is answered in 1.0.0. Of two formats the later one in the
# package's own order wins, the weights are not read.
# Surprise: a scraper that turns OpenMetrics off by weight gets it with its other
# names and its "# EOF", and content negotiation that works for one server fails for this one.
# Contradicts: RFC 9110, section 12.4.2: weights rank, and q=0 is "not acceptable".
# Way out: name in Accept only what can be read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check prometheus-client==0.26.0

cat > expected <<'EOF'
text/plain;version=0.0.4 | text/plain; version=0.0.4
text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0 | application/openmetrics-text; version=1.0.0
text/plain;version=0.0.4;q=1, application/openmetrics-text;version=1.0.0;q=0.1 | application/openmetrics-text; version=1.0.0
text/plain;version=0.0.4;q=1, text/plain;version=1.0.0;q=0.1 | text/plain; version=1.0.0
EOF

cat > program.py <<'EOF'
from wsgiref.util import setup_testing_defaults

from prometheus_client import CollectorRegistry, make_wsgi_app

application = make_wsgi_app(CollectorRegistry())

def content_type(accept):
    environ, given = {"HTTP_ACCEPT": accept}, {}
    setup_testing_defaults(environ)
    application(environ, lambda status, headers: given.update(headers))
    return given["Content-Type"].partition("; charset")[0]

for accept in (
    "text/plain;version=0.0.4",
    "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0",
    "text/plain;version=0.0.4;q=1, application/openmetrics-text;version=1.0.0;q=0.1",
    "text/plain;version=0.0.4;q=1, text/plain;version=1.0.0;q=0.1",
):
    print(accept, "|", content_type(accept))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
