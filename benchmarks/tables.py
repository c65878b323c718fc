"""Reader, DataIO and Intersection over 100,000 rows x 20 columns a side: the CPU time of it, beside an older build's.

``FLOWKIT_BENCHMARK_BASE`` names the Python of an environment in which another build is installed; without it the figure
has nothing to be compared with and only a bound.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Figure

__all__ = ["measure"]

ROWS, COLUMNS = 100_000, 20
BASE = "FLOWKIT_BENCHMARK_BASE"

#: Runs in either environment; prints the CPU seconds between submit and the end of the job.
PROGRAM = """
import sys, time
from flowkit_mockserver import MockServer

def table(name):
    return {"table": {"name": name, "namespace": "bench"}}

def after(module, source):
    return {"module": module, "input": {"data": {"data": [source]}},
            "output": {"data": ["data"], "model": ["model"]}}

conf = {
    "dsl_version": 2, "initiator": {"role": "guest", "party_id": 1},
    "role": {"guest": [1], "host": [2]}, "job_parameters": {"common": {"work_mode": 0}},
    "component_parameters": {"common": {"intersection_0": {"intersect_method": "rsa"}}, "role": {
        "guest": {"0": {"reader_0": table("guest"), "dataio_0": {"with_label": True}}},
        "host": {"0": {"reader_0": table("host"), "dataio_0": {"with_label": False}}}}}}
dsl = {"components": {
    "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
    "dataio_0": after("DataIO", "reader_0.data"),
    "intersection_0": {"module": "Intersection",
                       "input": {"data": {"data": ["dataio_0.data"]}}, "output": {"data": ["data"]}}}}
with MockServer() as mock, mock.client() as flow:
    for name, file in zip(("guest", "host"), sys.argv[1:]):
        upload = {"file": file, "head": 1, "partition": 4, "work_mode": 0, "namespace": "bench",
                  "table_name": name}
        flow.job.wait(flow.data.upload(upload).job_id)
    begun = time.process_time()
    flow.job.wait(flow.job.submit(conf, dsl).job_id)
    print(time.process_time() - begun)
"""


def measure() -> Iterator[Figure]:
    """Run the same program in this environment and, where one is named, in the other."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name, "guest.csv"), Path(name, "host.csv")]
        for seed, file in enumerate(files):
            _write(file, seed, labelled=seed == 0)
        ours = _seconds(sys.executable, files)
        base = os.environ.get(BASE)
        what = f"Reader, DataIO, Intersection, {ROWS:,} x {COLUMNS} a side: CPU time"
        if base is None:
            yield Figure(what, ours, "s", 2.0, True)
            return
        theirs = _seconds(base, files)
        detail = f"{ours:.2f} s, the other build {theirs:.2f} s"
        yield Figure(f"{what} by the other build's", ours / theirs, "", 0.25, True, detail)


def _write(file: Path, seed: int, *, labelled: bool) -> None:
    chance = random.Random(seed)
    names = [*(["y"] if labelled else []), *(f"x{i}" for i in range(COLUMNS))]
    with file.open("w", encoding="utf-8") as stream:
        stream.write(f"id,{','.join(names)}\n")
        for number in range(ROWS):
            label = [str(number % 2)] if labelled else []
            cells = [f"{chance.gauss(0, 1):.6f}" for _ in range(COLUMNS)]
            stream.write(",".join([str(number + 1000 * seed), *label, *cells]) + "\n")


def _seconds(python: str, files: list[Path]) -> float:
    command = [python, "-c", PROGRAM, *map(str, files)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])
