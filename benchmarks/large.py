"""Trainings of many rows to measure with: a hetero logistic regression over two tables."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from flowkit import FlowClient

__all__ = ["ROWS", "submit_large", "upload_large"]

ROWS, COLUMNS = 100_000, 20
_NAMESPACE = "large"


def upload_large(flow: FlowClient, folder: Path, rows: int = ROWS) -> None:
    """Upload a guest's and a host's table of 20 columns each."""
    chance = random.Random(1)
    for role in ("guest", "host"):
        names = [f"{role}{number}" for number in range(COLUMNS)]
        if role == "guest":
            names.insert(0, "y")
        file = folder / f"{role}.csv"
        with file.open("w") as lines:
            lines.write(",".join(["id", *names]) + "\n")
            for row in range(rows):
                values = [f"{chance.random():.4f}" for _ in range(COLUMNS)]
                label = [str(int(float(values[0]) > 0.5))] if role == "guest" else []
                lines.write(",".join([str(row), *label, *values]) + "\n")
        conf = {"file": str(file), "head": 1, "partition": 4, "work_mode": 0}
        job = flow.data.upload({**conf, "namespace": _NAMESPACE, "table_name": role}, drop=1)
        flow.job.wait(job.job_id)


def submit_large(flow: FlowClient, iterations: int = 10) -> str:
    """Submit a training over the uploaded tables and return the job id."""
    dsl = {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["d"]}},
            "dataio_0": _component("DataIO", "reader_0.d", "data"),
            "intersection_0": _component("Intersection", "dataio_0.d", "data"),
            "lr_0": _component("HeteroLR", "intersection_0.d", "train_data"),
            "evaluation_0": _component("Evaluation", "lr_0.d", "data"),
        }
    }
    learning = {"max_iter": iterations, "batch_size": 320, "early_stop": "diff", "tol": 0.0}
    conf: dict[str, Any] = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        # A server has twenty cores, and a job takes four on each party unless it says otherwise.
        "job_parameters": {"common": {"work_mode": 0, "backend": 0, "task_cores": 1}},
        "component_parameters": {
            "common": {"lr_0": learning, "evaluation_0": {"eval_type": "binary"}},
            "role": {
                role: {
                    "0": {
                        "reader_0": {"table": {"name": role, "namespace": _NAMESPACE}},
                        "dataio_0": {"with_label": role == "guest"},
                    }
                }
                for role in ("guest", "host")
            },
        },
    }
    return flow.job.submit(conf, dsl).job_id


def _component(module: str, source: str, key: str) -> dict[str, Any]:
    output = {"data": ["d"], "model": ["m"]} if module != "Intersection" else {"data": ["d"]}
    return {"module": module, "input": {"data": {key: [source]}}, "output": output}
