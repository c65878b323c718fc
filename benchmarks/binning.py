"""HeteroFeatureBinning of 100,000 rows x 40 columns: its share of a job's CPU time, beside an older build's.

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
from benchmarks.tables import BASE

__all__ = ["measure"]

ROWS, COLUMNS = 100_000, 40

#: Runs in either environment; prints the CPU seconds of a job with a binning less those of the same job without.
PROGRAM = """
import sys, time
from flowkit_mockserver import MockServer

def table(name):
    return {"table": {"name": name, "namespace": "bench"}}

def after(module, source):
    return {"module": module, "input": {"data": {"data": [source]}},
            "output": {"data": ["data"], "model": ["model"]}}

def conf(*names):
    return {
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 1},
        "role": {"guest": [1], "host": [2]}, "job_parameters": {"common": {"work_mode": 0}},
        "component_parameters": {"common": {"binning_0": {"bin_num": 32}} if names else {}, "role": {
            "guest": {"0": {"reader_0": table("guest"), "dataio_0": {"with_label": True}}},
            "host": {"0": {"reader_0": table("host"), "dataio_0": {"with_label": False}}}}}}

components = {
    "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
    "dataio_0": after("DataIO", "reader_0.data")}
binning = {"binning_0": after("HeteroFeatureBinning", "dataio_0.data")}

with MockServer() as mock, mock.client() as flow:
    for name, file in zip(("guest", "host"), sys.argv[1:]):
        upload = {"file": file, "head": 1, "partition": 4, "work_mode": 0, "namespace": "bench",
                  "table_name": name}
        flow.job.wait(flow.data.upload(upload).job_id)

    def seconds(conf, dsl):
        begun = time.process_time()
        job = flow.job.wait(flow.job.submit(conf, dsl).job_id)
        return time.process_time() - begun

    without = seconds(conf(), {"components": components})
    print(seconds(conf("binning_0"), {"components": {**components, **binning}}) - without)
"""


def measure() -> Iterator[Figure]:
    """Run the same program in this environment and, where one is named, in the other."""
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name, "guest.csv"), Path(name, "host.csv")]
        _write(files[0], COLUMNS, labelled=True)
        _write(files[1], 1, labelled=False)
        ours = _seconds(sys.executable, files)
        base = os.environ.get(BASE)
        what = f"HeteroFeatureBinning, {ROWS:,} x {COLUMNS}, 32 bins: CPU time"
        if base is None:
            yield Figure(what, ours, "s", 4.0, True)
            return
        theirs = _seconds(base, files)
        detail = f"{ours:.2f} s, the other build {theirs:.2f} s"
        yield Figure(f"{what} by the other build's", ours / theirs, "x", 0.15, True, detail)


def _write(file: Path, columns: int, *, labelled: bool) -> None:
    chance = random.Random(columns)
    names = [*(["y"] if labelled else []), *(f"x{i}" for i in range(columns))]
    with file.open("w", encoding="utf-8") as stream:
        stream.write(f"id,{','.join(names)}\n")
        for number in range(ROWS):
            label = [str(number % 2)] if labelled else []
            cells = [f"{chance.gauss(0, 1):.6f}" for _ in range(columns)]
            stream.write(",".join([str(number), *label, *cells]) + "\n")


def _seconds(python: str, files: list[Path]) -> float:
    command = [python, "-c", PROGRAM, *map(str, files)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])
