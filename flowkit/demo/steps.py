"""The steps of the demo: upload, train, evaluate, deploy, predict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flowkit.servers import line_of

if TYPE_CHECKING:
    from flowkit.client import FlowClient

__all__ = [
    "COMPONENTS",
    "DATA",
    "GUEST",
    "HOST",
    "Prediction",
    "Submitted",
    "deploy",
    "evaluation",
    "predict",
    "predictions",
    "statuses",
    "train",
    "upload",
]

DATA = Path(__file__).with_name("data")
NAMESPACE = "flowkit_demo"
GUEST = ("guest", 9999)
HOST = ("host", 10000)
#: The line from which on servers refuse DataIO; DataTransform has taken its place, with the same parameters.
TRANSFORMS = line_of("1.9")
MODEL, EVALUATION = "hetero_lr_0", "evaluation_0"
#: What the deployed model is made of; an evaluation has no part in predicting.
COMPONENTS = ["reader_0", "dataio_0", "intersection_0", "feature_scale_0", MODEL]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job and the model that it makes or uses."""

    job_id: str
    model_id: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of what the model says."""

    customer: str
    label: str
    predicted: str
    score: float


def upload(client: FlowClient, name: str) -> int:
    """Upload a bundled table, ``"guest"`` or ``"host"``, in place of an older one.

    Returns:
        The number of its rows, as the server counts them.
    """
    conf = {
        "file": str(DATA / f"{name}.csv"),
        "head": 1,
        "partition": 4,
        "work_mode": 0,
        "namespace": NAMESPACE,
        "table_name": name,
    }
    client.job.wait(client.data.upload(conf, drop=1).job_id)
    return int(client.table.info(NAMESPACE, name).data["count"])


def train(client: FlowClient) -> Submitted:
    """Submit the training; the caller waits for it."""
    dsl = json.loads((DATA / "train_dsl.json").read_text("utf-8"))
    if client.server_line() >= TRANSFORMS:
        dsl["components"]["dataio_0"]["module"] = "DataTransform"
    reply = client.job.submit(DATA / "train_conf.json", dsl)
    return Submitted(reply.job_id, reply.model_id, reply.model_version)


def statuses(client: FlowClient, job_id: str) -> dict[str, str]:
    """Return the status of each component of a job, as the guest sees it, in order of the DSL."""
    role, party_id = GUEST
    rows = client.task.query(job_id, role=role, party_id=party_id).data
    found = {row["f_component_name"]: row["f_status"] for row in rows}
    order = [name for name in (*COMPONENTS, EVALUATION) if name in found]
    return {name: found[name] for name in order}


def evaluation(client: FlowClient, job_id: str) -> list[tuple[str, float]]:
    """Return name and value of each single number in the evaluation of a training."""
    role, party_id = GUEST
    metrics = client.component.metric_all(job_id, role, party_id, EVALUATION).data
    return [(name, value) for name, value in metrics["train"][MODEL]["data"]]


def deploy(client: FlowClient, trained: Submitted) -> str:
    """Deploy a trained model and return the version that can predict."""
    return client.model.deploy(trained.model_id, trained.model_version, COMPONENTS).model_version


def predict(client: FlowClient, model_id: str, model_version: str) -> Submitted:
    """Submit a prediction on both tables; the caller waits for it."""
    conf: dict[str, Any] = client.model.get_predict_conf(model_id, model_version).data
    parties = conf["component_parameters"]["role"]
    for role, _ in (GUEST, HOST):
        parties[role]["0"]["reader_0"]["table"] = {"name": role, "namespace": NAMESPACE}
    return Submitted(client.job.submit(conf).job_id, model_id, model_version)


def predictions(client: FlowClient, job_id: str, limit: int = 5) -> list[Prediction]:
    """Return the first rows of what a prediction put out."""
    role, party_id = GUEST
    with TemporaryDirectory(prefix="flowkit-demo-") as folder:
        reply = client.component.output_data(job_id, role, party_id, MODEL, folder, limit)
        directory = Path(reply["directory"])
        header = json.loads((directory / "data.meta").read_text("utf-8"))["header"]
        lines = (directory / "data.csv").read_text("utf-8").splitlines()[1:]
    # The last but one column holds commas, and the server does not quote: count from the left.
    rows = [dict(zip(header, line.split(","), strict=False)) for line in lines]
    return [
        Prediction(row[header[0]], row["label"], row["predict_result"], float(row["predict_score"]))
        for row in rows
    ]
