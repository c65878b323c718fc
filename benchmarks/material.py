"""Tables and jobs to measure with."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit import FlowClient
from flowkit.demo import DATA

__all__ = ["submit_training", "train_conf", "upload"]

CUSTOMERS = 569
NAMESPACE = "benchmark"


def table(width: int, labelled: bool, customers: int = CUSTOMERS) -> str:
    """Return a table of numbers as CSV; the label leans on the first feature."""
    chance = random.Random(width)
    names = [f"x{number}" for number in range(width)]
    lines = [",".join(["id", *(["y"] if labelled else []), *names])]
    for customer in range(customers):
        values = [chance.gauss(0, 1) for _ in names]
        label = [str(int(values[0] + chance.gauss(0, 1) > 0))] if labelled else []
        lines.append(",".join([f"c{customer}", *label, *(f"{value:.6f}" for value in values)]))
    return "\n".join(lines) + "\n"


def upload(flow: FlowClient, file: Path, name: str) -> str:
    """Upload a file and wait until it is stored; return the job id."""
    conf = {"file": str(file), "head": 1, "partition": 4, "work_mode": 0}
    job = flow.data.upload({**conf, "namespace": NAMESPACE, "table_name": name}, drop=1).job_id
    flow.job.wait(job)
    return job


def train_conf(flow: FlowClient, folder: Path, customers: int = CUSTOMERS) -> Mapping[str, Any]:
    """Upload a guest's and a host's table, 569 rows and 30 features, and return a configuration."""
    conf: dict[str, Any] = json.loads((DATA / "train_conf.json").read_text("utf-8"))
    for role, width in (("guest", 10), ("host", 20)):
        file = folder / f"{role}.csv"
        file.write_text(table(width, role == "guest", customers))
        upload(flow, file, role)
        reader = conf["component_parameters"]["role"][role]["0"]["reader_0"]
        reader["table"] = {"name": role, "namespace": NAMESPACE}
    return conf


def submit_training(flow: FlowClient, conf: Mapping[str, Any]) -> str:
    """Submit a hetero logistic regression and return the job id."""
    return flow.job.submit(conf, DATA / "train_dsl.json").job_id
