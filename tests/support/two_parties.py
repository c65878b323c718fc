"""A training and a prediction of two parties, each of whom has a server, as their two clients do them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowkit import FlowClient
from flowkit.demo import steps
from flowkit.demo.steps import NAMESPACE

__all__ = ["PARTIES", "conf", "dsl", "train", "upload_as"]

PARTIES = {"guest": 9999, "host": 10000}


def conf(**parameters: Any) -> dict[str, Any]:
    """Return the conf of the demo's training, for a cluster."""
    found: dict[str, Any] = json.loads((steps.DATA / "train_conf.json").read_text("utf-8"))
    found["job_parameters"]["common"] |= {"work_mode": 1, "backend": 0, **parameters}
    return found


def dsl(*, later: bool = False) -> dict[str, Any]:
    """Return its DSL; from 1.9 on with the component that took the place of DataIO."""
    found: dict[str, Any] = json.loads((steps.DATA / "train_dsl.json").read_text("utf-8"))
    if later:
        found["components"]["dataio_0"]["module"] = "DataTransform"
    return found


def upload_as(flow: FlowClient, role: str, name: str | None = None) -> int:
    """Upload the table of a role under a name, its own by default; return how many rows it has."""
    table = name or role
    body = {"head": 1, "partition": 4, "namespace": NAMESPACE, "table_name": table, "work_mode": 1}
    file = str(Path(steps.DATA) / f"{role}.csv")
    flow.job.wait(flow.data.upload({**body, "file": file}, drop=1).job_id)
    return int(flow.table.info(NAMESPACE, table).data["count"])


def train(guest: FlowClient, host: FlowClient, *, later: bool = False) -> Any:
    """Upload at each server, train at that of the guest, and return the answer to the submit."""
    upload_as(guest, "guest")
    upload_as(host, "host")
    reply = guest.job.submit(conf(), dsl(later=later))
    assert guest.job.wait(reply.job_id).data["status"] == "success"
    return reply
