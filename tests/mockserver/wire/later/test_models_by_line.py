"""What real servers of each line say of models: in archives, of predictions, of models of others."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import post, trained

LATER = ["1.7", "1.8", "1.9", "1.10", "1.11"]
PIPELINE = "variables/data/pipeline/pipeline/Pipeline.json"
PYTHON = "define/proto_generated_python/pipeline_pb2.py"


def exported(client: FlaskClient, ids: dict[str, str], role: str = "guest") -> ZipFile:
    party = {"role": role, "party_id": "9999" if role == "guest" else "10000", **ids}
    return ZipFile(BytesIO(client.get("/v1/model/export", json=party).data))


def predicted(client: FlaskClient, ids: dict[str, str]) -> str:
    answer = post(client, "model/deploy", ids)
    assert answer["retcode"] == 0
    deployed = {name: answer["data"][name] for name in ids}
    conf = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "job_parameters": {"common": {"job_type": "predict", **deployed}},
        "component_parameters": {
            "role": {
                role: {"0": {"reader_0": {"table": {"name": role, "namespace": "e"}}}}
                for role in ("guest", "host")
            }
        },
    }
    answer = post(client, "job/submit", {"job_runtime_conf": conf, "job_dsl": {}})
    assert answer["retcode"] == 0, answer
    return str(answer["jobId"])


@pytest.mark.parametrize("line", LATER)
def test_an_archive_tells_what_the_user_gave_and_the_pipeline_as_protobuf_does(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        archive = exported(client, ids)
    stored = json.loads(archive.read("run_parameters/lr_0/run_parameters.json"))
    assert stored["ComponentParam"] == {"max_iter": 2}
    pipeline = json.loads(archive.read(PIPELINE))
    assert pipeline["modelId"] == ids["model_id"]
    assert list(pipeline)[-2:] == ["loadedTimes", "workMode"]
    assert "lr_0" in json.loads(base64.b64decode(pipeline["trainDsl"]))["components"]
    assert (PYTHON in archive.namelist()) is (line in ("1.7", "1.8"))


@pytest.mark.parametrize("line", LATER)
def test_a_prediction_leaves_the_model_alone_from_1_9_on(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        job_id = predicted(client, ids)
        answer = post(client, "model/query", {"model_version": job_id})
    if line in ("1.7", "1.8"):
        assert answer["retmsg"].startswith("Query model info failed, cannot find model from db. ")
    else:
        assert answer == {"retcode": 100, "retmsg": "KeyError('Pipeline')"}


@pytest.mark.parametrize("line", ["1.7", "1.8"])
def test_a_model_that_came_from_elsewhere_says_whose_it_is(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        party = {"role": "guest", "party_id": "9999", **ids}
        content = BytesIO(client.get("/v1/model/export", json=party).data)
        # Under another version: the server has the job of that model, so that it makes no row.
        form = {**party, "model_version": "202001", "file": (content, "a.zip")}
        assert client.post("/v1/model/import", data=form).get_json()["retcode"] == 0
        asked: dict[str, Any] = {"model_version": "202001", "query_filters": ["parent"]}
        (row,) = post(client, "model/query", asked)["data"]
    assert {name: row[name] for name in ("f_role", "f_party_id")} == {
        "f_role": "guest",
        "f_party_id": "9999",
    }


@pytest.mark.parametrize("line", ["1.7", "1.8"])
def test_a_party_that_took_no_part_has_no_model(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        answer = post(client, "model/query", {**ids, "role": "guest", "party_id": 7777})
    assert answer["retmsg"].startswith("Query model info failed, cannot find model from db. ")
    assert answer["data"] == []


@pytest.mark.parametrize("line", ["1.9", "1.10", "1.11"])
def test_a_model_cannot_be_converted_in_1_9(line: str) -> None:
    lacking = "\"module 'fate_flow.pipelined_model.pipelined_model' has no attribute 'pipelined_component'\""
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        asked = {"role": "guest", "party_id": 9999, **ids}
        answer = post(client, "model/homo/convert", asked)
        unknown = post(client, "model/homo/convert", {**asked, "model_version": "x"})
    if line == "1.9":
        assert answer == {"retcode": 100, "retmsg": f"AttributeError({lacking})"}
    else:
        assert answer["retmsg"].endswith(" can be converted.")
    assert unknown["retmsg"].endswith(" x does not exist")


@pytest.mark.parametrize("line", LATER)
def test_a_model_that_came_from_elsewhere_keeps_parameters_and_checkpoints(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock, callback_param={"callbacks": ["ModelCheckpoint"]})
        archive = exported(client, ids)
        content = client.get(
            "/v1/model/export", json={"role": "guest", "party_id": "9999", **ids}
        ).data
        party = {"role": "guest", "party_id": "9999", **ids, "model_version": "202001"}
        answer = client.post(
            "/v1/model/import", data={**party, "file": (BytesIO(content), "a.zip")}
        )
        assert answer.get_json()["retcode"] == 0
        again = exported(client, {**ids, "model_version": "202001"})
    checkpoints = [
        name
        for name in archive.namelist()
        if name.startswith("checkpoint/lr_0/1#") and name.endswith((".pb", ".yaml"))
    ]
    assert len(checkpoints) == 3
    kept = [*checkpoints, "run_parameters/lr_0/run_parameters.json"]
    assert {name: again.read(name) for name in kept} == {name: archive.read(name) for name in kept}


def components(client: FlaskClient, ids: dict[str, str], **asked: Any) -> set[str] | str:
    """Deploy a model and return the components whose models were kept, or why it failed."""
    answer = post(client, "model/deploy", {**ids, **asked})
    if answer["retcode"]:
        return str(answer["data"]["detail"]["guest"]["9999"]["retmsg"])
    child = {name: answer["data"][name] for name in ids}
    names = exported(client, child).namelist()
    return {name.split("/")[2] for name in names if name.startswith("variables/data/")} - {
        "",
        "pipeline",
    }


@pytest.mark.parametrize("line", ["1.9", "1.10", "1.11"])
def test_from_1_10_on_a_deployment_keeps_what_will_predict(line: str) -> None:
    both = {"transform_0", "lr_0"}
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        everything = components(client, ids)
        nothing = components(client, ids, cpn_list=[])
        one = components(client, ids, cpn_list=["reader_0", "transform_0"])
        given = {"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}}
        chosen_twice = components(client, ids, cpn_list=["reader_0"], predict_dsl=given)
    assert everything == both
    if line == "1.9":
        assert nothing == one == chosen_twice == both
    else:
        assert (nothing, one) == (set(), {"transform_0"})
        words = "'cpn_list' should not be set when 'predict_dsl' is set"
        assert chosen_twice == (
            f'deploy model of role guest 9999 failed, details: KeyError("{words}")'
        )
