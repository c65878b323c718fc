#!/usr/bin/env bash
# One PostgreSQL URL names one database for psycopg and another for SQLAlchemy.
#
# Versions: SQLAlchemy 2.1.9, psycopg 3.3.9 with its own libpq.
# Seen: libpq reads %2Ftmp before the path as the socket's folder /tmp, SQLAlchemy hands on
# a host named "%2Ftmp". Of application_name=a+b libpq keeps the plus, SQLAlchemy makes "a b". A
# parameter given twice is the last one for libpq and a tuple in SQLAlchemy. Two hosts
# with ports are two hosts for libpq and a ValueError in SQLAlchemy.
# Surprise: the URL that a provider prints and psql takes fails, or connects as something
# else, when a program puts +psycopg into it.
# Contradicts: PostgreSQL's manual (connection URIs), which has these forms and says to encode
# a folder so.
# Way out: create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url)).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check SQLAlchemy==2.1.9 psycopg==3.3.9 psycopg-binary==3.3.9

cat > expected <<'EOF'
://%2Ftmp/jobs | psycopg: {'dbname': 'jobs', 'host': '/tmp'} | SQLAlchemy: {'dbname': 'jobs', 'host': '%2Ftmp'}
:///jobs?host=/tmp | psycopg: {'dbname': 'jobs', 'host': '/tmp'} | SQLAlchemy: {'dbname': 'jobs', 'host': '/tmp'}
://db/jobs?application_name=a+b | psycopg: {'application_name': 'a+b', 'dbname': 'jobs', 'host': 'db'} | SQLAlchemy: {'application_name': 'a b', 'dbname': 'jobs', 'host': 'db'}
://db/jobs?connect_timeout=5&connect_timeout=9 | psycopg: {'connect_timeout': '9', 'dbname': 'jobs', 'host': 'db'} | SQLAlchemy: {'connect_timeout': ('5', '9'), 'dbname': 'jobs', 'host': 'db'}
://one:5432,two:5433/jobs | psycopg: {'dbname': 'jobs', 'host': 'one,two', 'port': '5432,5433'} | SQLAlchemy: ValueError
EOF

cat > program.py <<'EOF'
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

def read_by_sqlalchemy(rest):
    try:
        url = make_url("postgresql+psycopg" + rest)
        return dict(sorted(url.get_dialect()().create_connect_args(url)[1].items()))
    except ValueError as error:
        return type(error).__name__

for rest in (
    "://%2Ftmp/jobs",
    ":///jobs?host=/tmp",
    "://db/jobs?application_name=a+b",
    "://db/jobs?connect_timeout=5&connect_timeout=9",
    "://one:5432,two:5433/jobs",
):
    given = dict(sorted(conninfo_to_dict("postgresql" + rest).items()))
    print(rest, "| psycopg:", given, "| SQLAlchemy:", read_by_sqlalchemy(rest))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
