#!/usr/bin/env bash
# Under time-machine, time.ctime() and time.asctime() still tell the real time.
#
# Versions: time-machine 3.6.0.
# Seen: travelling to 2001 with tick=False. time.time, time.localtime, time.gmtime,
# time.strftime, datetime.now, email.utils.formatdate and a logging record say 2001;
# time.ctime() and time.asctime() without an argument give the present year.
# Surprise: a test with such a stamp in a header, a file name or a log line is bound to the
# day it runs, while all around it is frozen.
# Contradicts: the documentation, by which every function of the standard library that
# returns the current date or datetime is replaced.
# Way out: time.ctime(time.time()), time.asctime(time.localtime()).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check time-machine==3.6.0

cat > expected <<'EOF'
time.time | 2001
time.localtime | 2001
time.gmtime | 2001
time.strftime | 2001
datetime.now | 2001
email.utils.formatdate | 2001
logging | 2001
time.ctime | the present
time.asctime | the present
time.ctime(time.time()) | 2001
EOF

cat > program.py <<'EOF'
import datetime, email.utils, logging, time

import time_machine

with time_machine.travel(datetime.datetime(2001, 6, 1, tzinfo=datetime.timezone.utc), tick=False):
    years = {
        "time.time": time.gmtime(time.time()).tm_year,
        "time.localtime": time.localtime().tm_year,
        "time.gmtime": time.gmtime().tm_year,
        "time.strftime": int(time.strftime("%Y")),
        "datetime.now": datetime.datetime.now().year,
        "email.utils.formatdate": int(email.utils.formatdate().split()[3]),
        "logging": time.gmtime(logging.LogRecord("", 0, "", 0, "", (), None).created).tm_year,
        "time.ctime": int(time.ctime().split()[-1]),
        "time.asctime": int(time.asctime().split()[-1]),
        "time.ctime(time.time())": int(time.ctime(time.time()).split()[-1]),
    }
for name, year in years.items():
    print(name, "|", "2001" if year == 2001 else "the present")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
