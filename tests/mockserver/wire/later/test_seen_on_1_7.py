"""What a real FATE 1.7.2 with FATE Flow 1.7.2 answered where later servers answer something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import conf, dsl, post, trained, upload

UNKNOWN = "20990101000000000000"


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(fate_version="1.7.2") as server:
        yield server


@pytest.fixture
def client(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()


def sent(client: FlaskClient, config: dict[str, Any], rows: bytes = b"id,y,x0\n1,0,0.5\n") -> Any:
    body = {"file": (BytesIO(rows), "a.csv")}
    query = json.dumps({"head": 1, "partition": 2, "namespace": "n", **config})
    return client.post("/v1/data/upload", query_string=query, data=body).get_json()


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        (
            "server/version/get",
            None,
            {"retcode": 100, "retmsg": "'NoneType' object has no attribute 'get'"},
        ),
        (
            "service/query",
            {},
            {"retcode": 100, "retmsg": "getattr(): attribute name must be string"},
        ),
        (
            "service/query",
            {"service_name": "svc"},
            {"data": {"service_info": None}, "retcode": 0, "retmsg": "success"},
        ),
        (
            "service/registry",
            {},
            {"data": {"update_server": {}}, "retcode": 0, "retmsg": "success"},
        ),
        (
            "service/registry",
            {"aserver": {"host": "127.0.0.1", "port": 1}},
            {"retcode": 100, "retmsg": "service aserver cannot be registered"},
        ),
        (
            "table/tracking/source",
            {"table_name": "zz", "namespace": "n"},
            {"retcode": 100, "retmsg": "no found table: table name zz, table namespace n"},
        ),
        (
            "table/tracking/job",
            {"table_name": "zz", "namespace": "n"},
            {"data": {"count": 0, "job": []}, "retcode": 0, "retmsg": "success"},
        ),
        (
            "permission/query/privilege",
            {"src_party_id": 9999, "src_role": "guest"},
            {"data": "No such file or directory", "retcode": 100, "retmsg": "2"},
        ),
        (
            "forward/zz/do",
            {"header": {}, "body": {}},
            {"retcode": 100, "retmsg": "type object 'ServiceRegistry' has no attribute 'ZZ'"},
        ),
        (
            "model/query",
            {"model_id": "arbiter-10000#guest-9999#host-10000#model"},
            {
                "retcode": 100,
                "retmsg": "query_model_info() missing 1 required positional argument: 'model_version'",
            },
        ),
        (
            "model/query",
            None,
            {
                "retcode": 100,
                "retmsg": "query_model_info() argument after ** must be a mapping, not NoneType",
            },
        ),
    ],
)
def test_an_answer_of_a_real_server(
    client: FlaskClient, path: str, body: Any, answer: dict[str, Any]
) -> None:
    assert client.post(f"/v1/{path}", json=body).get_json() == answer


def test_the_server_reloads_services(client: FlaskClient) -> None:
    data = post(client, "server/reload", {})["data"]
    assert data["service_registry"] is None
    assert data["job_default_config"]["upload_max_bytes"] == 104857600


def test_components_are_those_of_the_release(client: FlaskClient) -> None:
    names = set(post(client, "component/get", {})["data"])
    assert {"FeldmanVerifiableSum", "SecureInformationRetrieval", "DataIO"} <= names
    assert "ApiReader" not in names


def test_an_upload_takes_no_form_and_keeps_its_own_delimiter(client: FlaskClient) -> None:
    form = {"namespace": "n", "table_name": "t", "file": (BytesIO(b"1,2\n"), "a.csv")}
    answer = client.post("/v1/data/upload", data=form).get_json()
    assert answer == {"retcode": 100, "retmsg": "list index out of range"}
    answer = sent(client, {"table_name": "t", "head": None})
    words = "int() argument must be a string, a bytes-like object or a number, not 'NoneType'"
    assert answer == {"retcode": 100, "retmsg": words}
    # The delimiter of the request is not handed on.
    sent(client, {"table_name": "t", "id_delimiter": ";"}, b"id;y\n1;0\n")
    schema = post(client, "table/table_info", {"namespace": "n", "table_name": "t"})["data"]
    assert schema["schema"] == {"header": "", "sid": "id;y"}


@pytest.mark.parametrize(
    ("config", "schema"),
    [
        ({"head": 0}, {}),
        ({"extend_sid": True, "auto_increasing_sid": True}, {"header": "id,y,x0", "sid": "sid"}),
        ({"with_meta": True}, {"header": "y,x0", "sid": "id"}),
    ],
)
def test_a_table_says_no_more_than_its_header(
    client: FlaskClient, config: dict[str, Any], schema: dict[str, Any]
) -> None:
    sent(client, {"table_name": "t", **config})
    data = post(client, "table/table_info", {"namespace": "n", "table_name": "t"})["data"]
    assert data["schema"] == schema
    assert set(data) == {
        "address",
        "count",
        "exist",
        "namespace",
        "partition",
        "schema",
        "table_name",
    }


def test_a_standalone_table_can_be_bound(client: FlaskClient) -> None:
    address = {"name": "t", "namespace": "n", "storage_type": "lmdb"}
    config = {"engine": "STANDALONE", "name": "b", "namespace": "n", "address": address}
    assert post(client, "table/bind", config)["data"] == {"namespace": "n", "table_name": "b"}
    shown = post(client, "table/table_info", {"namespace": "n", "table_name": "b"})["data"]
    assert shown["address"] == {"connector_name": None, "home": None, **address}


def test_a_provider_without_a_folder_fails_in_its_worker(client: FlaskClient) -> None:
    answer = post(client, "provider/register", {"name": "fate", "version": "9", "path": "/nosuch"})
    assert answer["retcode"] == 100
    assert answer["retmsg"].startswith("run error, please check logs: ")
    assert answer["retmsg"].endswith("/INFO.log")


def test_a_party_says_what_its_worker_said(client: FlaskClient) -> None:
    upload(client)
    wrong = conf()
    wrong["component_parameters"]["common"] = {"lr_0": {"penalty": "zz"}}
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": wrong})
    assert answer["retcode"] == 103
    words = "ValueError: logistic_param\\'s penalty not supported, penalty should be \\'L1\\', \\'L2\\' or \\'none\\'"
    assert words in answer["retmsg"]
    assert "Exception(" not in answer["retmsg"]
    graph = dsl()
    graph["components"]["lr_0"]["module"] = "NoSuchModule"
    answer = post(client, "job/submit", {"job_dsl": graph, "job_runtime_conf": conf()})
    words = "'retmsg': \"component lr_0, module NoSuchModule's provider does not exist\""
    assert words in answer["retmsg"]


def test_what_a_trained_job_shows(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    job = post(client, "job/query", {"job_id": job_id, "role": "guest"})["data"][0]
    common = job["f_runtime_conf"]["job_parameters"]["common"]
    assert not {"roles", "role_parameters", "task_conf"} & set(common)
    assert job["f_inheritance_status"] == "pass"
    asked = {"job_id": job_id, "role": "guest", "party_id": 9999}
    task = post(client, "job/task/query", {**asked, "component_name": "lr_0"})["data"][0]
    assert "--run_port" not in task["f_cmd"]
    assert set(task["f_provider_info"]) == {"class_path", "env", "name", "path", "version"}
    assert "ComponentParameterSource" not in task["f_component_parameters"]
    view = post(client, "job/data/view/query", {"job_id": job_id})["data"][0]
    assert (view["f_create_date"], view["f_update_date"], view["f_update_time"]) == (None,) * 3
    asked["component_name"] = "intersection_0"
    metric = post(client, "tracking/component/metric/all", asked)["data"]["train"]["intersection"]
    assert [name for name, _ in metric["data"]] == [
        "intersect_count",
        "intersect_rate",
        "unmatched_count",
        "unmatched_rate",
    ]
    summary = post(client, "tracking/component/summary/download", asked)["data"]
    assert set(summary) == {"cardinality_only", "intersect_num", "intersect_rate"}
    asked["component_name"] = "transform_0"
    meta = post(client, "tracking/component/output/model", asked)["meta"]["meta_data"]
    assert (meta["withMatchId"], meta["matchIdName"]) == (False, "")
    asked["component_name"] = "lr_0"
    assert (
        "module" not in post(client, "tracking/component/output/model", asked)["meta"]["meta_data"]
    )
    asked["component_name"] = "nosuch_0"
    answer = post(client, "tracking/component/output/model", asked)
    assert answer["retmsg"] == "Component nosuch_0 does not exist, please have a check"
    # The role alone is not enough to be asked about the initiator.
    answer = post(
        client,
        "tracking/component/metrics",
        {"job_id": job_id, "component_name": "lr_0", "role": "host"},
    )
    assert answer == {"retcode": 100, "retmsg": "'party_id'"}


def test_a_model_that_is_not_deployed_does_not_predict(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    model_id = "arbiter-10000#guest-9999#host-10000#model"
    wanted = conf()
    for version, words in (
        (job_id, f"Exception: Model {model_id} {job_id} has not been deployed yet."),
        (
            UNKNOWN,
            f"FileNotFoundError: Can not found guest#9999#{model_id} {UNKNOWN} model local cache",
        ),
    ):
        named = {"job_type": "predict", "model_id": model_id, "model_version": version}
        wanted["job_parameters"] = {"common": named}
        answer = post(client, "job/submit", {"job_runtime_conf": wanted})
        assert answer["retcode"] == 103
        assert answer["retmsg"].rstrip().endswith(words)


def test_a_summary_of_a_day_without_jobs_has_no_table(client: FlaskClient) -> None:
    asked = {"job_id": UNKNOWN, "role": "guest", "party_id": 9999, "component_name": "a"}
    answer = client.post("/v1/tracking/component/summary/download", json=asked)
    assert answer.status_code == 210
    assert answer.get_json()["retmsg"] == "SQLError: no such table: t_component_summary_20990101"


@pytest.mark.parametrize("path", ["job/report", "table/preview", "job/query", "provider/get"])
def test_a_body_that_is_no_json_is_refused_before_the_path_is_looked_for(
    client: FlaskClient, path: str
) -> None:
    answer = client.post(f"/v1/{path}", data="{", content_type="application/json")
    assert (answer.status_code, answer.is_json) == (400, False)


def test_a_doubled_slash_leads_nowhere(client: FlaskClient) -> None:
    assert client.post("/v1//job/query", json={}).status_code == 404


def test_what_is_no_map_has_no_log(client: FlaskClient) -> None:
    answer = client.post("/v1/log/size", json=["a"]).get_json()
    words = "type object argument after ** must be a mapping, not list"
    assert answer == {"retcode": 100, "retmsg": words}


def exported(client: FlaskClient, model_id: str, version: str) -> bytes:
    wanted = {"model_id": model_id, "model_version": version, "role": "guest", "party_id": 9999}
    answer = client.post("/v1/model/export", json=wanted)
    assert answer.status_code == 200
    return answer.data


def imported(client: FlaskClient, content: bytes, name: str = "a.zip", **ids: Any) -> Any:
    form = {"role": "guest", "party_id": "9999", **ids, "file": (BytesIO(content), name)}
    return client.post("/v1/model/import", data=form).get_json()


def test_an_archive_holds_what_that_of_a_real_server_holds(mock: MockServer) -> None:
    client, job_id, ids = trained(mock)
    with ZipFile(BytesIO(exported(client, ids["model_id"], job_id))) as archive:
        names = set(archive.namelist())
        definition = archive.read("define/define_meta.yaml").decode()
    assert {
        "checkpoint/reader_0/",
        "checkpoint/lr_0/",
        "define/proto/pipeline.proto",
        "run_parameters/lr_0/run_parameters.json",
        "variables/data/lr_0/model/HeteroLogisticRegressionParam.json",
        "variables/index/",
    } <= names
    assert not {"import_model.json", "pipeline.pb"} & names
    assert definition.startswith("describe: This is the model definition meta\n")
    deployed = post(client, "model/deploy", {**ids, "model_version": job_id})["data"]
    child = exported(client, ids["model_id"], deployed["model_version"])
    with ZipFile(BytesIO(child)) as archive:
        assert "pipeline.pb" in archive.namelist()


def test_a_model_is_taken_in_once(mock: MockServer) -> None:
    client, job_id, ids = trained(mock)
    model_id = ids["model_id"]
    content = exported(client, model_id, job_id)
    again = imported(client, content, model_id=model_id, model_version=job_id)
    words = f"Model guest#9999#{model_id} {job_id} local cache already existed"
    assert again == {"retcode": 100, "retmsg": words}
    other = imported(client, content, model_id=model_id, model_version=UNKNOWN, hash="zz")
    assert other == {"retcode": 0, "retmsg": "success"}
    wrong = imported(client, content, model_id="m", model_version=UNKNOWN, party_id="7777")
    words = "party id {} is not in model roles, please check if the party id is valid."
    assert wrong == {"retcode": 100, "retmsg": words}
    named = imported(client, content, "a.csv", model_id="n", model_version=UNKNOWN)
    assert named["retmsg"].startswith("Unknown archive format '")
    missing = client.post(
        "/v1/model/import",
        json={"role": "guest", "party_id": 9999, "model_id": "m", "model_version": "1"},
    ).get_json()
    assert missing == {"retcode": 100, "retmsg": "'NoneType' object has no attribute 'filename'"}


def test_a_model_that_cannot_be_deployed_says_why(mock: MockServer) -> None:
    client, job_id, ids = trained(mock)
    wanted = {
        "service_id": "s",
        "model_id": ids["model_id"],
        "model_version": job_id,
        "role": "guest",
        "party_id": 9999,
        "component_name": "lr_0",
        "deployment_type": "kserve",
        "deployment_parameters": {},
    }
    named = f"guest#9999#{ids['model_id']} {job_id}"
    answer = post(client, "model/homo/deploy", wanted)
    words = f"Component lr_0 in Model {named} isn't converted"
    assert answer == {"retcode": 100, "retmsg": words}


def test_a_job_is_asked_for_in_the_name_of_nobody(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    data = post(client, "job/parameter/update", {"job_id": job_id})["data"]
    assert (data["src_role"], data["src_party_id"]) == ("", "")
    assert "src_fate_ver" not in data
    with MockServer(fate_version="1.8.0") as eight:
        client, job_id, _ = trained(eight)
        data = post(client, "job/parameter/update", {"job_id": job_id})["data"]
    assert data["src_fate_ver"] == "1.8.0"


def test_the_addresses_of_the_engines_show_from_the_second_update_on(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)

    def update() -> Any:
        data = post(client, "job/parameter/update", {"job_id": job_id})["data"]
        return data["job_parameters"]["common"]["engines_address"]

    address = {"cores_per_node": 20, "nodes": 1}
    assert update() == {}
    assert update() == {"computing": address, "federation": address, "storage": address}


@pytest.mark.parametrize(("version", "parent"), [("1.7.2", False), ("1.8.0", True)])
def test_a_trained_model_is_a_parent_from_1_8_on(version: str, parent: bool) -> None:
    with MockServer(fate_version=version) as mock:
        client, job_id, _ = trained(mock)
        rows = post(client, "model/query", {"model_version": job_id})["data"]
    assert {row["f_parent"] for row in rows} == {parent}
