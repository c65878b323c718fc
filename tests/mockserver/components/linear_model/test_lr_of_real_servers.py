"""A hetero LR of two iterations as a real 1.7.2 and a real 1.8.0 computed it, on 60 rows that everybody can make."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import dsl, post

LOSSES = [[0, 0.6931471805599453], [1, 0.6431361798860593]]
GUEST = {
    "x0": 0.12988468009018048,
    "x1": 0.13816162139270544,
    "x2": 0.08490672263872043,
    "x3": -0.03334093207825983,
}
INTERCEPT = 0.13351844519248166
HOST = {
    "x0": 0.008486461491523378,
    "x1": 0.029662244720038713,
    "x2": 0.04926196446647883,
    "x3": 0.0456564007045846,
}
PARAMETERS = {
    "max_iter": 2,
    "batch_size": -1,
    "init_param": {"init_method": "zeros"},
    "encrypt_param": {"key_length": 1024},
}


def rows(chance: random.Random, *, labelled: bool) -> str:
    lines = ["id," + ("y," if labelled else "") + ",".join(f"x{i}" for i in range(4))]
    for number in range(60):
        values = [round(chance.gauss(0, 1), 4) for _ in range(4)]
        label = [str(int(values[0] + values[1] > 0))] if labelled else []
        lines.append(",".join([str(number), *label, *map(str, values)]))
    return "\n".join(lines) + "\n"


def upload(client: FlaskClient) -> None:
    chance = random.Random(1)
    for role in ("guest", "host"):
        content = rows(chance, labelled=role == "guest").encode()
        config = {"head": 1, "partition": 2, "namespace": "e", "table_name": role}
        answer = client.post(
            "/v1/data/upload",
            query_string=json.dumps(config),
            data={"file": (io.BytesIO(content), "a.csv")},
        )
        assert answer.get_json()["retcode"] == 0


def model(client: FlaskClient, job_id: str, role: str, party_id: int) -> Any:
    asked = {"job_id": job_id, "role": role, "party_id": party_id, "component_name": "lr_0"}
    return post(client, "tracking/component/output/model", asked)["data"]


@pytest.mark.parametrize("version", ["1.7.2", "1.8.0"])
def test_weights_and_losses_are_those_of_the_real_servers(version: str) -> None:
    conf = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "job_parameters": {"common": {}},
        "component_parameters": {
            "common": {"lr_0": PARAMETERS},
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
    with MockServer(fate_version=version) as mock:
        client = mock.app.test_client()
        upload(client)
        answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": conf})
        guest = model(client, answer["jobId"], "guest", 9999)
        host = model(client, answer["jobId"], "host", 10000)
        arbiter = model(client, answer["jobId"], "arbiter", 10000)
    assert guest["weight"] == pytest.approx(GUEST, rel=1e-12)
    assert guest["intercept"] == pytest.approx(INTERCEPT, rel=1e-12)
    assert host["weight"] == pytest.approx(HOST, rel=1e-12)
    assert list(enumerate(arbiter["lossHistory"])) == [
        (number, pytest.approx(loss, rel=1e-12)) for number, loss in LOSSES
    ]
