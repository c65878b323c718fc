#!/usr/bin/env bash
# With brackets in its name a file is read, copied or removed by fsspec as another one.
#
# Versions: fsspec 2026.9.0 (filesystems "file" and "memory").
# Seen: beside "part[1].csv" lies "part1.csv". cat("part[1].csv") hands out the other's bytes,
# under the other's name; on "memory" copy() and mv() take the other, and rm() removes the
# other and leaves the one that was named. On "file" rm() and mv() act on the one that was named,
# and copy() says that there is none. Without the neighbour cat() says so, too.
# Surprise: a path that exists() and ls() name is a pattern for the calls that read, copy and
# remove, on one filesystem more often than on the other; cat_file() and rm_file() take names.
# Contradicts: exists() says that "part[1].csv" is there and ls() lists it under that name.
# Way out: cat_file(), rm_file(), cp_file(), get_file() for paths that are names.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fsspec==2026.9.0

cat > expected <<'EOF'
file   | cat      | part1.csv: other | left: part1.csv=other part[1].csv=named
file   | cat_file | named | left: part1.csv=other part[1].csv=named
file   | rm       | left: part1.csv=other
file   | rm_file  | left: part1.csv=other
file   | mv       | left: part1.csv=other to=named
file   | copy     | FileNotFoundError | left: part1.csv=other part[1].csv=named
memory | cat      | part1.csv: other | left: part1.csv=other part[1].csv=named
memory | cat_file | named | left: part1.csv=other part[1].csv=named
memory | rm       | left: part[1].csv=named
memory | rm_file  | left: part1.csv=other
memory | mv       | left: part[1].csv=named to/part1.csv=other
memory | copy     | left: part1.csv=other part[1].csv=named to/part1.csv=other
EOF

cat > program.py <<'EOF'
import os

import fsspec

CALLS = {
    "cat": lambda files, folder: files.cat(f"{folder}/part[1].csv"),
    "cat_file": lambda files, folder: files.cat_file(f"{folder}/part[1].csv"),
    "rm": lambda files, folder: files.rm(f"{folder}/part[1].csv"),
    "rm_file": lambda files, folder: files.rm_file(f"{folder}/part[1].csv"),
    "mv": lambda files, folder: files.mv(f"{folder}/part[1].csv", f"{folder}/to"),
    "copy": lambda files, folder: files.copy(f"{folder}/part[1].csv", f"{folder}/to"),
}

for protocol, root in (("file", os.getcwd()), ("memory", "")):
    files = fsspec.filesystem(protocol)
    for name, call in CALLS.items():
        folder = f"{root}/{name}"
        files.makedirs(folder)
        files.pipe_file(f"{folder}/part[1].csv", b"named")
        files.pipe_file(f"{folder}/part1.csv", b"other")
        assert files.exists(f"{folder}/part[1].csv")
        told = []
        try:
            answer = call(files, folder)
        except FileNotFoundError as error:
            told = [type(error).__name__]
        else:
            if isinstance(answer, dict):
                told = [f"{os.path.basename(path)}: {content.decode()}" for path, content in answer.items()]
            elif answer:
                told = [answer.decode()]
        left = {path.removeprefix(folder).strip("/"): files.cat_file(path).decode() for path in files.find(folder)}
        told.append("left: " + " ".join(f"{path}={content}" for path, content in sorted(left.items())))
        print(f"{protocol:6} | {name:8} |", " | ".join(told))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
