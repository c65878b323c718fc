"""Models in 1.11: exported, imported, merged, looked up in detail."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import GUEST_LR, conf, dsl, post, submit, trained, upload


@pytest.fixture
def model() -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    with MockServer(fate_version="1.11") as mock:
        client, _, ids = trained(mock)
        yield client, ids


def send(client: FlaskClient, form: dict[str, Any], content: bytes) -> tuple[int, Any]:
    data = {**form, "file": (io.BytesIO(content), "model.zip")}
    answer = client.post("/v1/model/import", data=data)
    return answer.status_code, answer.get_json()


def test_an_archive_is_imported_under_its_ids_once(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    content = client.get("/v1/model/export", json=party).data
    assert send(client, party, content) == (
        409,
        {"retcode": 409, "retmsg": "Model already exists."},
    )
    forced = {**party, "force_update": "1", "hash": hashlib.sha256(content).hexdigest()}
    assert send(client, forced, content)[1]["retcode"] == 0
    status, refused = send(client, {**forced, "hash": "0" * 64}, content)
    assert (status, refused["retcode"]) != (200, 0)
    assert "Model archive hash mismatch. path: " in refused["retmsg"]


def test_what_is_no_archive_is_refused(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    form = {"role": "guest", "party_id": "9999", **ids, "force_update": "1"}
    _, refused = send(client, form, b"no zip")
    assert refused["retcode"] == 100
    assert refused["retmsg"].startswith("ReadError('")
    assert refused["retmsg"].endswith(" is not a zip file')")


def test_models_of_both_parties_are_merged(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    body: dict[str, Any] = {
        **ids,
        "guest_party_id": "9999",
        "host_party_ids": ["10000"],
        "component_name": "lr_0",
        "model_type": "lr",
        "output_format": "zz",
    }
    refused = post(client, "component/hetero/merge", body)
    assert refused == {"retcode": 100, "retmsg": "ValueError('unknown output format: zz')"}
    merged = post(client, "component/hetero/merge", {**body, "output_format": "pmml"})
    assert merged["retcode"] == 0
    assert merged["data"]


def test_a_model_is_looked_up(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    found = post(client, "model/query", {**ids, "role": "guest"})
    assert found["retcode"] == 0
    assert found["data"][0]["f_model_id"] == ids["model_id"]
    missing = post(client, "model/query", {"model_id": "x", "model_version": "1"})
    assert missing["retcode"] != 0


def test_a_model_is_as_large_as_its_files(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    with zipfile.ZipFile(io.BytesIO(client.get("/v1/model/export", json=party).data)) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}

    (row,) = post(client, "model/query", party)["data"]

    # What says how to import it comes with the archive only.
    assert row["f_size"] == round((sum(sizes.values()) - sizes["import_model.json"]) / 1024)


def test_an_imported_model_keeps_its_checkpoints_and_what_it_ran_with() -> None:
    saving = {"callbacks": ["ModelCheckpoint"], "save_freq": "epoch"}
    wanted = conf()
    wanted["component_parameters"]["common"]["lr_0"]["callback_param"] = saving
    with MockServer(fate_version="1.11") as mock:
        client = mock.app.test_client()
        upload(client)
        answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": wanted})
        party = {"role": "guest", "party_id": "9999", **answer["data"]["model_info"]}
        content = client.get("/v1/model/export", json=party).data
        copy = {**party, "model_version": "202601010000000000001"}
        assert send(client, copy, content)[1]["retcode"] == 0

        steps = [
            post(client, "checkpoint/list", {**each, "component_name": "lr_0"})["data"]
            for each in (party, copy)
        ]
        again = client.get("/v1/model/export", json=copy).data
        ((own,), (copied,)) = (post(client, "model/query", each)["data"] for each in (party, copy))

    assert [step["step_index"] for step in steps[0]] == [0, 1]
    assert steps[1] == steps[0]
    assert copied["f_size"] == own["f_size"]
    with (
        zipfile.ZipFile(io.BytesIO(content)) as first,
        zipfile.ZipFile(io.BytesIO(again)) as second,
    ):
        assert sorted(second.namelist()) == sorted(first.namelist())
        name = "run_parameters/lr_0/run_parameters.json"
        assert second.read(name) == first.read(name)
        ran = json.loads(first.read(name))
        pipeline = json.loads(first.read("variables/data/pipeline/pipeline/Pipeline.json"))
    assert ran["ComponentParam"] == {"max_iter": 2, "callback_param": saving}
    assert json.loads(base64.b64decode(pipeline["trainDsl"])) == dsl()
    assert (pipeline["parentInfo"], pipeline["initiatorPartyId"]) == ("e30=", 9999)


@pytest.mark.parametrize("path", ["model/get/predict/dsl", "model/get/predict/conf"])
@pytest.mark.parametrize(
    ("changed", "retmsg"),
    [
        ({"model_id": None}, "No model found, please check if arguments are specified correctly."),
        (
            {"model_version": 0},
            "No model found, please check if arguments are specified correctly.",
        ),
        ({"role": "x"}, "No model found, please check if arguments are specified correctly."),
        ({"party_id": ""}, "No model found, please check if arguments are specified correctly."),
        ({"party_id": []}, "SQLError('SQLError: near \")\": syntax error')"),
        (
            {"role": "arbiter", "party_id": 10000},
            "Cannot found guest or host model, please get predict dsl on guest or host.",
        ),
    ],
)
def test_what_predicts_is_looked_up_by_every_column_that_is_named(
    model: tuple[FlaskClient, dict[str, str]], path: str, changed: dict[str, Any], retmsg: str
) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": 9999, **ids}
    assert post(client, path, {**party, **changed})["retmsg"] == retmsg


@pytest.mark.parametrize("path", ["model/get/predict/dsl", "model/get/predict/conf"])
def test_what_predicts_is_the_first_model_when_none_is_named(
    model: tuple[FlaskClient, dict[str, str]], path: str
) -> None:
    client, ids = model
    named = post(client, path, {"role": "guest", "party_id": 9999, **ids})
    assert post(client, path, {}) == named
    assert post(client, path, []) == named
    assert client.post(f"/v1/{path}").get_json() == named
    refused = {
        "retcode": 100,
        "retmsg": "TypeError(\"'int' object does not support item assignment\")",
    }
    assert client.post(f"/v1/{path}", json=1).get_json() == refused


def test_a_file_of_what_predicts_has_the_type_of_its_name(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    asked = {"role": "guest", "party_id": 9999, **ids, "filename": "a.json"}
    answer = client.post("/v1/model/get/predict/conf", json=asked)
    assert answer.content_type == "application/json"
    assert answer.get_json()["dsl_version"] == 2


def test_what_no_row_has_is_looked_for_in_all_folders(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    rows = post(client, "model/query", {"job_id": ids["model_version"]})
    assert rows["retmsg"] == "Query model info from db success."

    found = post(client, "model/query", {"job_id": "1"})
    (guest,) = post(client, "model/query", {"job_id": "1", "role": "guest"})["data"]
    (named,) = post(
        client, "model/query", {**ids, "role": "guest", "party_id": "9999", "file_only": True}
    )["data"]

    assert found["retmsg"] == "Query model info from local model success."
    assert sorted(info["f_role"] for info in found["data"]) == ["arbiter", "guest", "host"]
    assert named == guest
    (row,) = (one for one in rows["data"] if one["f_role"] == "guest")
    same = ("f_size", "f_job_id", "f_party_id", "f_train_dsl", "f_roles", "f_runtime_conf")
    assert {name: guest[name] for name in same} == {name: row[name] for name in same}
    assert post(client, "model/query", {"model_version": "1"})["retcode"] == 100


@pytest.fixture(scope="module")
def at_work() -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    """Return a client and the ids of the model of a job whose DataTransform has ended, but not its HeteroLR."""
    with MockServer(fate_version="1.11", pace="manual") as mock:
        client = mock.app.test_client()
        upload(client)
        mock.advance(60)
        job = submit(client)
        task = {"job_id": job["jobId"], **GUEST_LR}
        while post(client, "job/task/query", task)["data"][0]["f_status"] != "running":
            mock.advance(0.5)
        model_id = job["data"]["model_info"]["model_id"]
        yield client, {"model_id": model_id, "model_version": job["jobId"]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("model/query", {}),
        ("model/query/detail", {}),
        ("model/get/predict/dsl", {}),
        ("model/get/predict/conf", {}),
        ("model/deploy", {}),
        ("model/load", {"job_id": ""}),
        ("model/bind", {"job_id": "", "service_id": "s"}),
        (
            "model/homo/deploy",
            {
                "role": "guest",
                "party_id": 9999,
                "service_id": "s",
                "component_name": "lr_0",
                "deployment_type": "kfserving",
                "deployment_parameters": {},
            },
        ),
    ],
)
def test_the_model_of_a_job_at_work_has_no_pipeline(
    at_work: tuple[FlaskClient, dict[str, str]], path: str, body: dict[str, Any]
) -> None:
    client, ids = at_work
    asked = {**body, "job_id": ids["model_version"]} if "job_id" in body else {**ids, **body}
    assert post(client, path, asked) == {"retcode": 100, "retmsg": "KeyError('Pipeline')"}


def test_one_folder_without_a_pipeline_spoils_the_look_into_all_of_them(
    at_work: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, _ = at_work
    refused = {"retcode": 100, "retmsg": "KeyError('Pipeline')"}
    assert post(client, "model/query", {"job_id": "1"}) == refused
    assert post(client, "model/query", {"job_id": "1", "party_id": "7"})["data"] == []


def test_who_has_no_part_in_a_job_at_work_has_no_model(
    at_work: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = at_work
    unknown = post(client, "model/query", {**ids, "role": "x"})
    assert (unknown["retcode"], unknown["data"]) == (100, [])


def test_every_party_of_a_job_at_work_refuses_its_model(
    at_work: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = at_work
    roles = {"guest": [9999], "host": [10000]}
    initiator = {"role": "guest", "party_id": 9999}
    loaded = post(
        client, "model/load", {"initiator": initiator, "role": roles, "job_parameters": ids}
    )
    refused = {"retcode": 100, "retmsg": "KeyError('Pipeline')"}
    assert loaded["data"]["detail"] == {"guest": {"9999": refused}, "host": {"10000": refused}}
    asked = {
        **ids,
        "migrate_initiator": initiator,
        "role": roles,
        "migrate_role": {"guest": [77], "host": [78]},
        "execute_party": roles,
        "job_parameters": {"federated_mode": "SINGLE"},
    }
    migrated = post(client, "model/migrate", asked)
    refused = {"retcode": 100, "retmsg": "'Pipeline'"}
    assert migrated["data"]["detail"] == {"guest": {"9999": refused}, "host": {"10000": refused}}


def test_what_a_job_at_work_has_saved_is_handed_out(
    at_work: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = at_work
    party = {"role": "guest", "party_id": "9999", **ids}
    files = members(client, party)
    assert "variables/data/transform_0/model/DataTransformParam" in files
    assert not [name for name in files if "lr_0" in name or "ipeline" in name]
    named = f"guest#9999#{ids['model_id']}"
    asked = {"namespace": named, "name": ids["model_version"]}
    handed = post(client, "model/transfer", asked)["data"]
    assert sorted(handed) == [
        "transform_0.model:DataTransformMeta",
        "transform_0.model:DataTransformParam",
    ]
    tagged = post(
        client, "model/model_tag/create", {"job_id": ids["model_version"], "tag_name": "t"}
    )
    told = f"Can not found model by job id: '{ids['model_version']}'."
    assert tagged["retmsg"] == f'Exception("{told}")'


def test_nobody_predicts_with_the_model_of_a_job_at_work(
    at_work: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = at_work
    predicting = {**conf(**ids), "component_parameters": {}}
    predicting["job_parameters"]["common"]["job_type"] = "predict"
    answer = post(client, "job/submit", {"job_runtime_conf": predicting})
    assert answer["retmsg"].endswith("KeyError: 'Pipeline'\n")


@pytest.mark.parametrize(
    ("changed", "retmsg"),
    [
        ({"role": None}, "TypeError('sequence item 0: expected str instance, NoneType found')"),
        ({"model_id": -1}, "TypeError('sequence item 2: expected str instance, int found')"),
        (
            {"model_id": ""},
            "TypeError(\"unsupported operand type(s) for /: 'PosixPath' and 'NoneType'\")",
        ),
        (
            {"model_version": 0},
            "TypeError(\"unsupported operand type(s) for /: 'PosixPath' and 'int'\")",
        ),
        (
            {"component_name": ["x"]},
            "TypeError(\"unsupported operand type(s) for /: 'PosixPath' and 'list'\")",
        ),
        ({"component_name": []}, "success"),
        ({"party_id": ["x"]}, "success"),
    ],
)
def test_checkpoints_lie_at_a_path_of_texts(
    model: tuple[FlaskClient, dict[str, str]], changed: dict[str, Any], retmsg: str
) -> None:
    client, ids = model
    asked = {"role": "guest", "party_id": 9999, "component_name": "lr_0", **ids, **changed}
    answer = client.post("/v1/checkpoint/list", json=asked)
    assert (answer.status_code, answer.get_json()["retmsg"]) == (200, retmsg)


def members(client: FlaskClient, party: dict[str, str]) -> dict[str, bytes]:
    content = client.get("/v1/model/export", json=party).data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_archive_has_the_parameters_that_the_user_gave(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    files = members(client, party)
    given = json.loads(files["run_parameters/lr_0/run_parameters.json"])
    row = client.post("/v1/model/query", json=party).get_json()["data"][0]
    assert (
        given["ComponentParam"] == row["f_runtime_conf"]["component_parameters"]["common"]["lr_0"]
    )
    assert (given["module"], given["local"]["role"]) == ("HeteroLR", "guest")

    pipeline = json.loads(files["variables/data/pipeline/pipeline/Pipeline.json"])
    assert pipeline["modelVersion"] == ids["model_version"]
    assert json.loads(base64.b64decode(pipeline["parentInfo"])) == {}
    definition = files["define/define_meta.yaml"].decode().splitlines()
    names = [line for line in definition if line.startswith("  ") and not line.startswith("   ")]
    assert names[: len(names) // 2] == sorted(names[: len(names) // 2])


def test_an_imported_model_keeps_its_checkpoints() -> None:
    with MockServer(fate_version="1.11") as mock:
        client = mock.app.test_client()
        upload(client)
        asked = conf()
        callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
        asked["component_parameters"]["common"]["lr_0"]["callback_param"] = callbacks
        job = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": asked})
        ids = {"model_id": job["data"]["model_info"]["model_id"], "model_version": job["jobId"]}
        party = {"role": "guest", "party_id": "9999", **ids}
        content = client.get("/v1/model/export", json=party).data
        mine = {**party, "model_id": "mine"}
        assert send(client, mine, content)[1]["retcode"] == 0
        kept, given = (
            post(client, "checkpoint/list", {**one, "component_name": "lr_0"})["data"]
            for one in (mine, party)
        )
        assert kept == given
        assert [step["step_index"] for step in kept] == [0, 1]
        asked_for = {**mine, "component_name": "lr_0", "step_index": 0}
        original = {**party, "component_name": "lr_0", "step_index": 0}
        first = post(client, "checkpoint/get", asked_for)
        assert first["data"] == post(client, "checkpoint/get", original)["data"]


def test_an_imported_model_keeps_what_it_was_trained_with(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    content = client.get("/v1/model/export", json=party).data
    assert send(client, {**party, "model_id": "mine"}, content)[1]["retcode"] == 0
    mine = {**party, "model_id": "mine"}
    (row,) = client.post("/v1/model/query", json=mine).get_json()["data"]
    common = row["f_train_runtime_conf"]["job_parameters"]["common"]
    assert (row["f_model_id"], common["model_id"]) == ("mine", ids["model_id"])
    name = "run_parameters/lr_0/run_parameters.json"
    assert members(client, mine)[name] == members(client, party)[name]
