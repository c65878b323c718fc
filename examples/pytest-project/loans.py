"""The code under test: trains a model on two parties' tables and says how good it is."""

from __future__ import annotations

from typing import Any

from flowkit import FlowClient
from flowkit.testing import CASSETTES

INPUTS = CASSETTES / "inputs"


def upload(flow: FlowClient, side: str) -> str:
    """Upload one party's table and return the id of the upload's job."""
    conf: dict[str, Any] = {
        "file": str(INPUTS / f"loan_{side}.csv"),
        "head": 1,
        "partition": 4,
        "work_mode": 0,
        "namespace": "flowkit",
        "table_name": f"loan_{side}",
    }
    return flow.data.upload(conf, drop=1).job_id


def train(flow: FlowClient) -> str:
    """Train on the uploaded tables and return the id of the job, once it has ended."""
    job = flow.job.submit(str(INPUTS / "train_conf.json"), str(INPUTS / "train_dsl.json"))
    flow.job.wait(job.job_id, timeout=600)
    return job.job_id


def quality(flow: FlowClient, job_id: str) -> float:
    """Return the area under the ROC curve."""
    metrics = flow.component.metric_all(job_id, "guest", 9999, "evaluation_0").data
    return float(dict(metrics["train"]["hetero_lr_0"]["data"])["auc"])
