#!/usr/bin/env bash
# Werkzeug 3.1.5 and 3.1.6 put an empty line before an uploaded file that arrives apart from its headers.
#
# Versions: werkzeug 3.1.5 and 3.1.6, next to 3.1.4 and 3.1.7.
# Seen: a multipart body is read in two pieces, the first of which ends just behind the headers of
# the part. 3.1.5 and 3.1.6 hand the file on with "\r\n" in front of its content; 3.1.4 and 3.1.7
# hand it on as it was sent. In one piece all four are right.
# Surprise: clients that stream a file send its headers first, so that the outcome hangs on how the
# network cuts a body. A CSV file loses its header line to the empty one, and no error is raised.
# Contradicts: RFC 2046: the empty line behind a part's headers belongs to neither them nor the body.
# Way out: werkzeug 3.1.7 or later.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
cat > expected <<'END'
3.1.4 | one piece b'id,x\r\n1,2\r\n' | two pieces b'id,x\r\n1,2\r\n'
3.1.5 | one piece b'id,x\r\n1,2\r\n' | two pieces b'\r\nid,x\r\n1,2\r\n'
3.1.6 | one piece b'id,x\r\n1,2\r\n' | two pieces b'\r\nid,x\r\n1,2\r\n'
3.1.7 | one piece b'id,x\r\n1,2\r\n' | two pieces b'id,x\r\n1,2\r\n'
END
cat > program.py <<'END'
from importlib.metadata import version

from werkzeug.sansio.multipart import Data, MultipartDecoder, NeedData

HEAD = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
REST = b"id,x\r\n1,2\r\n\r\n--cut--\r\n"


def read(*pieces):
    decoder, content = MultipartDecoder(b"cut"), b""
    for piece in (*pieces, None):
        decoder.receive_data(piece)
        while not isinstance(event := decoder.next_event(), NeedData):
            content += event.data if isinstance(event, Data) else b""
            if type(event).__name__ == "Epilogue":
                return content


print(version("werkzeug"), "| one piece", read(HEAD + REST), "| two pieces", read(HEAD, REST))
END
for number in 3.1.4 3.1.5 3.1.6 3.1.7; do
    venv/bin/pip install --quiet --disable-pip-version-check "werkzeug==$number"
    venv/bin/python program.py >> seen
done
diff -u expected seen
echo "seen as stated"
