"""A small job that every line runs, sent as a client of that line would send it."""

from __future__ import annotations

import io
import json
from typing import Any

from flask.testing import FlaskClient

from flowkit_mockserver import MockServer

GUEST = "id,y,x0,x1\n" + "".join(f"{i},{i % 2},{i / 10},{-i / 7}\n" for i in range(40))
HOST = "id,x0,x1\n" + "".join(f"{i},{i / 10},{-i / 7}\n" for i in range(40))
GUEST_LR = {"role": "guest", "party_id": "9999", "component_name": "lr_0"}


def post(client: FlaskClient, path: str, body: Any) -> Any:
    """Return the JSON that a path answers."""
    answer = client.post(f"/v1/{path}", data=json.dumps(body), content_type="application/json")
    return answer.get_json()


def upload(client: FlaskClient) -> None:
    """Upload both tables."""
    for name, text in (("guest", GUEST), ("host", HOST)):
        conf = {
            "file": f"/x/{name}.csv",
            "head": 1,
            "partition": 2,
            "namespace": "e",
            "table_name": name,
        }
        conf |= {"work_mode": 0, "id_delimiter": ",", "drop": 1}
        answer = client.post(
            "/v1/data/upload",
            query_string=json.dumps(conf),
            data={"file": (io.BytesIO(text.encode()), "a.csv")},
        )
        assert answer.get_json()["retcode"] == 0


def dsl(transform: str = "DataTransform") -> dict[str, Any]:
    """Return a DSL: reader, transformation, intersection, HeteroLR."""
    return {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "transform_0": {
                "module": transform,
                "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
            "intersection_0": {
                "module": "Intersection",
                "input": {"data": {"data": ["transform_0.data"]}},
                "output": {"data": ["data"]},
            },
            "lr_0": {
                "module": "HeteroLR",
                "input": {"data": {"train_data": ["intersection_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
        }
    }


def conf(**job: Any) -> dict[str, Any]:
    """Return the conf for it, with further job parameters."""
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "job_parameters": {"common": {"job_type": "train", **job}},
        "component_parameters": {
            "common": {"lr_0": {"max_iter": 2}},
            "role": {
                role: {
                    "0": {
                        "reader_0": {"table": {"name": role, "namespace": "e"}},
                        "transform_0": {"with_label": role == "guest"},
                    }
                }
                for role in ("guest", "host")
            },
        },
    }


def submit(client: FlaskClient, transform: str = "DataTransform", **job: Any) -> Any:
    """Submit the job and return the answer."""
    return post(client, "job/submit", {"job_dsl": dsl(transform), "job_runtime_conf": conf(**job)})


def trained(mock: MockServer, **parameters: Any) -> tuple[FlaskClient, str, dict[str, str]]:
    """Run the job on a mock of a later line; return client, job id and the ids of the model.

    Args:
        mock: the server.
        parameters: further ones of the regression.
    """
    client = mock.app.test_client()
    upload(client)
    runtime = conf()
    runtime["component_parameters"]["common"]["lr_0"] |= parameters
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": runtime})
    assert answer["retcode"] == 0, answer
    return client, answer["jobId"], answer["data"]["model_info"]
