"""A small federated training on a mock: what every test of models starts from."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowkit.clock import ManualClock
from flowkit_mockserver.app import create_app
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState

MODEL_ID = "arbiter-7009#guest-7001#host-7002#model"
ROWS = 40
PARTIES = {"guest": "7001", "host": "7002", "arbiter": "7009"}
COMPONENTS = ["reader_0", "dataio_0", "intersection_0", "lr_0"]

DSL: dict[str, Any] = {
    "components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "dataio_0": {
            "module": "DataIO",
            "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]},
        },
        "intersection_0": {
            "module": "Intersection",
            "input": {"data": {"data": ["dataio_0.data"]}},
            "output": {"data": ["data"]},
        },
        "lr_0": {
            "module": "HeteroLR",
            "input": {"data": {"train_data": ["intersection_0.data"]}},
            "output": {"data": ["scored"], "model": ["model"]},
        },
        "evaluation_0": {
            "module": "Evaluation",
            "input": {"data": {"data": ["lr_0.scored"]}},
            "output": {"data": ["data"]},
        },
    }
}


def train_conf() -> dict[str, Any]:
    """Return the runtime conf that goes with `DSL`."""
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 7001},
        "role": {"guest": [7001], "host": [7002], "arbiter": [7009]},
        "job_parameters": {"common": {"work_mode": 0, "backend": 0, "job_type": "train"}},
        "component_parameters": {
            "common": {"lr_0": {"max_iter": 2}, "evaluation_0": {"eval_type": "binary"}},
            "role": {
                role: {
                    "0": {
                        "reader_0": {"table": {"name": role, "namespace": "shop"}},
                        "dataio_0": {"with_label": role == "guest", "output_format": "dense"},
                    }
                }
                for role in ("guest", "host")
            },
        },
    }


def ids(version: str, **more: Any) -> dict[str, Any]:
    """Return what names the model of a version, with more fields of a request."""
    return {"model_id": MODEL_ID, "model_version": version, **more}


@dataclass
class Api:
    """A client of a mock that answers at once."""

    state: ServerState
    client: FlaskClient

    def send(self, path: str, body: Any = None, *, method: str = "POST") -> TestResponse:
        """Send a JSON body, in the order of its keys, and return the response."""
        text = json.dumps(body)
        return self.client.open(
            f"/v1/{path}", method=method, data=text, content_type="application/json"
        )

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """Post a JSON object and return the answer."""
        answer: dict[str, Any] = json.loads(self.send(path, body).data)
        return answer

    def train(self) -> str:
        """Train a model and return its version."""
        answer = self.ask("job/submit", job_dsl=DSL, job_runtime_conf=train_conf())
        assert answer["retcode"] == 0, answer
        self.finished(answer["jobId"])
        return str(answer["jobId"])

    def finished(self, job_id: str) -> None:
        """Assert that a job has succeeded."""
        rows = self.ask("job/query", job_id=job_id)["data"]
        assert {row["f_status"] for row in rows} == {"success"}

    def deploy(self, version: str, **choice: Any) -> str:
        """Deploy a model and return the version of the child."""
        answer = self.ask("model/deploy", model_id=MODEL_ID, model_version=version, **choice)
        assert answer["retcode"] == 0, answer
        return str(answer["data"]["model_version"])

    def predict(self, version: str) -> str:
        """Predict with a deployed model, on the tables it was trained with, and return the job."""
        conf = self.ask("model/get/predict/conf", model_id=MODEL_ID, model_version=version)["data"]
        for role in ("guest", "host"):
            table = {"name": role, "namespace": "shop"}
            conf["component_parameters"]["role"][role]["0"] = {"reader_0": {"table": table}}
        answer = self.ask("job/submit", job_dsl={}, job_runtime_conf=conf)
        assert answer["retcode"] == 0, answer
        return str(answer["jobId"])

    def export(self, version: str, role: str = "guest", party_id: str = "7001") -> bytes:
        """Return the archive of one party's part of a model."""
        ids = {"role": role, "party_id": party_id, "model_id": MODEL_ID, "model_version": version}
        response = self.send("model/export", ids, method="GET")
        assert response.status_code == 200, response.data
        return response.data

    def import_(
        self, archive: bytes, version: str, role: str = "guest", party_id: str = "7001"
    ) -> dict[str, Any]:
        """Import an archive and return the answer."""
        form = {"role": role, "party_id": party_id, "model_id": MODEL_ID, "model_version": version}
        response = self.client.post(
            "/v1/model/import",
            data={**form, "file": (io.BytesIO(archive), "model.zip")},
        )
        answer: dict[str, Any] = json.loads(response.data)
        return answer


def _tables(state: ServerState) -> None:
    keys = [f"u{number:02}" for number in range(ROWS)]
    guest = [(key, f"{i % 2},{i * 0.1:.3f},{(i % 7) - 3}") for i, key in enumerate(keys)]
    host = [(key, f"{(i % 5) * 0.2:.2f},{10 - i}") for i, key in enumerate(keys)]
    with state.lock:
        state.tables.put(
            TableData("text", {"header": "y,x0,x1", "sid": "id"}, guest), "shop", "guest", 4
        )
        state.tables.put(
            TableData("text", {"header": "z0,z1", "sid": "id"}, host), "shop", "host", 4
        )


@contextmanager
def mock(settings: Settings | None = None) -> Iterator[Api]:
    """Run a mock whose clock stands still and whose jobs end at once, with two tables to train on."""
    state = ServerState(settings, clock=ManualClock(1_622_512_984.0))
    try:
        _tables(state)
        app = create_app(state)
        yield Api(state, app.test_client())
    finally:
        state.close()
