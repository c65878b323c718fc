#!/usr/bin/env bash
# Dask answers a call with the result of another one whose dict is in another order.
#
# Versions: distributed 2026.8.0, dask 2026.8.0.
# Seen: submit(describe, {"x": 1, "y": 2}) and submit(describe, {"y": 2, "x": 1}) have one key, so
# the second call is not made and gives the first one's "x, y". So do keyword arguments.
# map over both computes only one of them, and gives its result twice. OrderedDicts in
# two orders, and lists, are told apart.
# Surprise: a function that writes a header, a query or the components of a graph in the
# order of its argument is right alone and wrong beside another call; which result is given
# depends on which call is alive on the cluster.
# Contradicts: "pure" promises the same result for the same inputs; these inputs are equal
# for == and not for a function that reads their order, which Python keeps since 3.7.
# Way out: pure=False, or lists of pairs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check distributed==2026.8.0 dask==2026.8.0

cat > expected <<'EOF'
called | describe({"y": 2, "x": 1}) | y, x
submitted alone | y, x
submitted after {"x": 1, "y": 2} | x, y | same key: True
keyword arguments y=2, x=1 after x=1, y=2 | x, y | same key: True
OrderedDict after OrderedDict(x=1, y=2) | y, x | same key: False
pure=False after {"x": 1, "y": 2} | y, x | same key: False
EOF

cat > program.py <<'EOF'
import collections

import distributed

def describe(values):
    return ", ".join(values)

def describe_keywords(**values):
    return ", ".join(values)

if __name__ == "__main__":
    one, two = {"x": 1, "y": 2}, {"y": 2, "x": 1}
    print('called | describe({"y": 2, "x": 1}) |', describe(two))
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        print("submitted alone |", client.submit(describe, two).result())
    CALLS = {
        'submitted after {"x": 1, "y": 2}': lambda client: [client.submit(describe, one), client.submit(describe, two)],
        "keyword arguments y=2, x=1 after x=1, y=2": lambda client: [
            client.submit(describe_keywords, **one), client.submit(describe_keywords, **two)
        ],
        "OrderedDict after OrderedDict(x=1, y=2)": lambda client: [
            client.submit(describe, collections.OrderedDict(one)), client.submit(describe, collections.OrderedDict(two))
        ],
        'pure=False after {"x": 1, "y": 2}': lambda client: [
            client.submit(describe, one), client.submit(describe, two, pure=False)
        ],
    }
    for name, call in CALLS.items():
        with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
            first, second = call(client)
            distributed.wait([first, second])
            print(name, "|", second.result(), "| same key:", first.key == second.key)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
