"""Hetero logistic regression over all rows, from submit to metrics: CPU time and memory of a process that does it.

Beside it stands the same descent written plainly in numpy (float64 blocks, one pass an iteration), which has neither
upload nor tables nor metrics. Another build, whose Python ``FLOWKIT_BENCHMARK_BASE`` names, is measured as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Figure, seconds

__all__ = ["measure"]

ROWS, COLUMNS, ITERATIONS, BATCH = 100_000, 20, 10, 320
BASE = "FLOWKIT_BENCHMARK_BASE"

#: Run in a process of its own, so that its memory is that of this work: argument 1 the folder, 2 the rows.
_TRAINING = """
import json, resource, sys, time
from pathlib import Path
from flowkit_mockserver import MockServer

folder, iterations, batch = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
roles = {"guest": [9999], "host": [10000], "arbiter": [10000]}
def component(module, source=None, key="data", **output):
    found = {"module": module, "output": output or {"data": ["d"]}}
    if source:
        found["input"] = {"data": {key: [source]}}
    return found
dsl = {"components": {
    "reader_0": component("Reader"),
    "dataio_0": component("DataIO", "reader_0.d", data=["d"], model=["m"]),
    "intersection_0": component("Intersection", "dataio_0.d"),
    "lr_0": component("HeteroLR", "intersection_0.d", "train_data", data=["d"], model=["m"]),
    "evaluation_0": component("Evaluation", "lr_0.d"),
}}
def table(name):
    return {"reader_0": {"table": {"name": name, "namespace": "n"}}}
conf = {
    "dsl_version": 2,
    "initiator": {"role": "guest", "party_id": 9999},
    "role": roles,
    "job_parameters": {"common": {"job_type": "train", "work_mode": 0, "backend": 0}},
    "component_parameters": {
        "common": {
            "lr_0": {"max_iter": iterations, "batch_size": batch, "early_stop": "diff", "tol": 0.0,
                     "init_param": {"init_method": "zeros"}},
            "evaluation_0": {"eval_type": "binary"},
        },
        "role": {
            "guest": {"0": {**table("g"), "dataio_0": {"with_label": True, "label_name": "y"}}},
            "host": {"0": {**table("h"), "dataio_0": {"with_label": False}}},
        },
    },
}
with MockServer() as mock, mock.client() as flow:
    for name in ("g", "h"):
        flow.data.upload(
            {"file": str(folder / f"{name}.csv"), "table_name": name, "namespace": "n", "head": 1,
             "partition": 4, "work_mode": 0, "backend": 0}, drop=1)
    before = time.process_time()
    job = flow.job.submit(conf, dsl)
    job_id = job["jobId"]
    status = flow.job.wait(job_id)
    metrics = flow.component.metric_all(job_id, "guest", 9999, "evaluation_0")["data"]
    used = time.process_time() - before
assert metrics["train"]["lr_0"]["data"], status
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"cpu": used, "peak": peak / 1024}))
"""


def measure() -> Iterator[Figure]:
    """Measure all rows, a tenth of them, and (if there is one) the other build."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        features, labels = _samples(ROWS)
        _write(folder, features, labels)
        found = _train(sys.executable, folder)
        plain = seconds(lambda: _plain(features, labels))
        what = f"hetero LR, {ROWS:,} x {COLUMNS} a side, {ITERATIONS} iterations of {BATCH}"
        yield Figure(
            f"{what}, from submit to metrics, beside the descent alone in plain numpy",
            found["cpu"] / plain,
            "x",
            60,
            True,
            f"{found['cpu']:.2f} s of CPU beside {plain:.2f} s; peak memory {found['peak']:.0f} MiB",
        )
        if base := os.environ.get(BASE):
            other = _train(base, folder)
            for key, unit in (("cpu", "s of CPU"), ("peak", "MiB of memory")):
                yield Figure(
                    f"{what}, {unit} beside those of the other build",
                    found[key] / other[key],
                    "x",
                    0.6,
                    True,
                    f"{found[key]:.2f} beside {other[key]:.2f}",
                )
        _write(folder, features[: ROWS // 10], labels[: ROWS // 10])
        few = _train(sys.executable, folder)
        yield Figure(
            "ten times as many rows",
            found["cpu"] / few["cpu"],
            "x",
            12,
            True,
            f"{found['cpu']:.2f} s of CPU beside {few['cpu']:.2f} s",
        )


def _samples(rows: int) -> tuple[Any, Any]:
    chance = np.random.RandomState(0)
    features = np.round(chance.randn(rows, 2 * COLUMNS), 6)
    scores = features[:, :5].sum(axis=1) + features[:, -5:].sum(axis=1) + chance.randn(rows)
    return features, (scores > 0).astype(np.int64)


def _write(folder: Path, features: Any, labels: Any) -> None:
    names = ",".join(f"x{i}" for i in range(COLUMNS))
    ids = [f"{number:07d}" for number in range(len(labels))]
    sides = {
        "g": (f"id,y,{names}", features[:, :COLUMNS]),
        "h": (f"id,{names}", features[:, COLUMNS:]),
    }
    for name, (header, part) in sides.items():
        with (folder / f"{name}.csv").open("w") as file:
            file.write(header + "\n")
            for key, label, row in zip(ids, labels.tolist(), part.tolist(), strict=True):
                start = f"{key},{label}" if name == "g" else key
                file.write(f"{start},{','.join(map(repr, row))}\n")


def _train(python: str, folder: Path) -> dict[str, float]:
    arguments = [python, "-c", _TRAINING, str(folder), str(ITERATIONS), str(BATCH)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _plain(features: Any, labels: Any) -> Any:
    signs = np.where(labels == 1, 1.0, -1.0)
    weights, squares = np.zeros(features.shape[1] + 1), np.zeros(features.shape[1] + 1)
    with_one = np.column_stack((features, np.ones(len(features))))
    for _ in range(ITERATIONS):
        for start in range(0, len(signs), BATCH):
            x, y = with_one[start : start + BATCH], signs[start : start + BATCH]
            gradient = x.T @ (0.25 * (x @ weights) - 0.5 * y) / len(y)
            squares = 0.99 * squares + 0.01 * gradient**2
            weights = weights - 0.01 * gradient / np.sqrt(squares + 1e-6)
    return weights
