"""ModelLoader: models and checkpoints of earlier jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import GUEST_LR, conf, dsl, post, upload


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with MockServer(fate_version="1.11") as mock:
        client = mock.app.test_client()
        upload(client)
        yield client


def train(client: FlaskClient, body: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    answer = post(client, "job/submit", {"job_dsl": components, "job_runtime_conf": body})
    assert answer["retcode"] == 0, answer
    return answer


def warm_start(**asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return conf and DSL of a training that goes on from a model."""
    body, components = conf(), dsl()
    components["components"]["loader_0"] = {
        "module": "ModelLoader",
        "output": {"model": ["model"]},
    }
    components["components"]["lr_0"]["input"]["model"] = ["loader_0.model"]
    body["component_parameters"]["common"]["loader_0"] = asked
    return body, components


def statuses(client: FlaskClient, job_id: str) -> dict[str, str]:
    rows = post(client, "job/task/query", {"job_id": job_id})["data"]
    return {row["f_component_name"]: row["f_status"] for row in rows}


@pytest.mark.parametrize(
    ("step", "name", "shown"),
    [
        ({}, "lr_0-model", {"model_alias": "model"}),
        ({"step_index": 1}, "1-step_name", {"step_index": 1, "step_name": "step_name"}),
        ({"step_name": "step_name"}, "1-step_name", {"step_index": 1}),
    ],
)
def test_a_training_goes_on_from_a_model(
    client: FlaskClient, step: dict[str, Any], name: str, shown: dict[str, Any]
) -> None:
    body = conf()
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
    body["component_parameters"]["common"]["lr_0"]["callback_param"] = callbacks
    ids = train(client, body, dsl())["data"]["model_info"]

    job_id = train(client, *warm_start(component_name="lr_0", **ids, **step))["jobId"]

    assert set(statuses(client, job_id).values()) == {"success"}
    task = {"job_id": job_id, "role": "guest", "party_id": 9999, "component_name": "loader_0"}
    metric = post(client, "tracking/component/metric/all", task)["data"]["model_loader"]
    assert list(metric) == [name]
    assert metric[name]["meta"].items() >= {**ids, **shown}.items()
    own = post(client, "tracking/component/parameters", {"job_id": job_id, **GUEST_LR})["data"]
    assert own["ComponentParam"]["max_iter"] == 2
    assert post(client, "tracking/component/output/model", task)["data"] != {}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"model_version": "2020"}, "Unable to find component model and checkpoint."),
        ({"step_index": 7}, "The checkpoint was not found."),
        ({"component_name": None}, 'The component ModelLoader needs "component_name"'),
    ],
)
def test_what_is_not_there_fails(client: FlaskClient, asked: dict[str, Any], message: str) -> None:
    ids = train(client, conf(), dsl())["data"]["model_info"]

    job_id = train(client, *warm_start(**{"component_name": "lr_0", **ids, **asked}))["jobId"]

    assert statuses(client, job_id)["loader_0"] == "failed"
    task = {"job_id": job_id, "component_name": "loader_0", "role": "guest"}
    (row,) = post(client, "job/task/query", task)["data"]
    assert message in row["f_error_report"]
