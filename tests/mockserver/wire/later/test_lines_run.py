"""Every line runs a job, and shows it in its own form; what 1.11 shows besides is there."""

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

from flowkit.servers import LINES
from flowkit_mockserver import MockServer
from later import GUEST_LR, conf, dsl, post, submit, trained, upload

#: Columns of job and task rows by line.
COLUMNS = {
    "1.5": (43, 25),
    "1.6": (44, 26),
    "1.7": (45, 33),
    "1.8": (45, 33),
    "1.9": (45, 36),
    "1.10": (45, 36),
    "1.11": (45, 38),
}
OLD = {"work_mode": 0, "backend": 0}


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(fate_version="1.11") as server:
        yield server


@pytest.mark.parametrize("line", [line.name for line in LINES])
def test_a_line_runs_a_job_and_shows_its_own_rows(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        first = mock.state.dialect.own_project
        answer = submit(client) if first else submit(client, "DataIO", **OLD)
        assert answer["retcode"] == 0
        jobs = post(client, "job/query", {"job_id": answer["jobId"]})["data"]
        tasks = post(client, "job/task/query", {"job_id": answer["jobId"]})["data"]
    assert [row["f_status"] for row in jobs] == ["success"] * 3
    assert [row["f_role"] for row in jobs] == (
        ["guest", "host", "arbiter"] if first else ["host", "arbiter", "guest"]
    ), "the conf's order; before 1.7 the initiator is last"
    assert {row["f_status"] for row in tasks} == {"success"}
    assert (len(jobs[0]), len(tasks[0])) == COLUMNS[line]


@pytest.mark.parametrize(
    ("line", "status", "retmsg"),
    [
        ("1.6", 200, "'role'"),
        ("1.8", 200, "'role'"),
        ("1.9", 200, "KeyError('role')"),
        ("1.11", 200, "KeyError('role')"),
    ],
)
def test_an_exception_shows_as_its_line_shows_it(line: str, status: int, retmsg: str) -> None:
    with MockServer(fate_version=line) as mock:
        answer = mock.app.test_client().post("/v1/tracking/job/data_view", json={"job_id": "2099"})
    assert answer.status_code == status
    assert answer.get_json()["retmsg"] == retmsg


@pytest.mark.parametrize(("line", "status"), [("1.6", 404), ("1.8", 404), ("1.9", 200)])
def test_an_unknown_path(line: str, status: int) -> None:
    with MockServer(fate_version=line) as mock:
        assert mock.app.test_client().post("/v1/nosuch").status_code == status


def test_the_work_mode_draws_a_warning(mock: MockServer) -> None:
    client = mock.app.test_client()
    upload(client)
    answer = submit(client, **OLD)
    assert answer["retcode"] == 0
    assert "work_mode" in answer["retmsg"]
    assert answer["data"]["message"] == answer["retmsg"]


def test_a_refused_conf_shows_as_a_traceback(mock: MockServer) -> None:
    client = mock.app.test_client()
    body = {"job_dsl": dsl(), "job_runtime_conf": conf() | {"dsl_version": 1}}
    answer = post(client, "job/submit", body)
    assert answer["retcode"] == 103
    assert answer["retmsg"].splitlines()[0] == "Traceback (most recent call last):"


def test_parameters_are_refused_by_each_party(mock: MockServer) -> None:
    client = mock.app.test_client()
    upload(client)
    body = conf()
    body["component_parameters"]["common"]["lr_0"]["max_iter"] = -1
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": body})
    assert answer["retcode"] == 103
    last = answer["retmsg"].splitlines()[-1]
    assert last.startswith("Exception: ('create job failed', {'")
    assert "linear model param" in last
    assert "max_iter must be greater or equal to 1" in last


@pytest.mark.parametrize(("value", "kind"), [(0.5, "float"), (["x"], "list"), (None, "NoneType")])
def test_nested_parameters_must_be_an_object(mock: MockServer, value: object, kind: str) -> None:
    body = conf()
    body["component_parameters"]["common"]["lr_0"]["cv_param"] = value
    client = mock.app.test_client()
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": body})
    assert answer["retcode"] == 103
    assert f"{kind}' object has no attribute" in answer["retmsg"].replace("\\", "")


def test_what_a_user_defines_is_no_redundant_parameter(mock: MockServer) -> None:
    components = {"components": {"nn_0": {"module": "HeteroNN"}}}
    body = conf()
    own = {"dataset": {"dataset_name": "table", "param": {"flatten_label": True}}}
    body["component_parameters"] = {"common": {"nn_0": own}}
    body["role"] = {"guest": [9999], "host": [10000]}
    client = mock.app.test_client()
    taken = post(client, "job/submit", {"job_dsl": components, "job_runtime_conf": body})
    own["dataset"]["flatten_label"] = True
    refused = post(client, "job/submit", {"job_dsl": components, "job_runtime_conf": body})
    assert taken["retcode"] == 0
    assert "`HeteroNN#nn_0` has redundant parameters" in refused["retmsg"]


@pytest.mark.parametrize(("line", "retcode"), [("1.9", 103), ("1.11", 0)])
def test_a_network_needs_no_optimizer_where_it_is_the_users_own(line: str, retcode: int) -> None:
    body = conf() | {"role": {"guest": [9999], "host": [10000]}}
    body["component_parameters"] = {"common": {"nn_0": {"optimizer": None}}}
    components = {"components": {"nn_0": {"module": "HeteroNN"}}}
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        answer = post(client, "job/submit", {"job_dsl": components, "job_runtime_conf": body})
    assert answer["retcode"] == retcode


def test_a_retired_kind_fails(mock: MockServer) -> None:
    client = mock.app.test_client()
    upload(client)
    job_id = submit(client, "DataIO")["jobId"]
    rows = post(client, "job/task/query", {"job_id": job_id, "component_name": "transform_0"})
    assert {row["f_status"] for row in rows["data"]} == {"failed"}


@pytest.mark.parametrize(("version", "paged"), [("1.7.0", False), ("1.7.1", True)])
def test_lists_come_in_pages_from_1_7_1_on(version: str, paged: bool) -> None:
    with MockServer(fate_version=version) as mock:
        client = mock.app.test_client()
        none = post(client, "job/list/job", {"limit": 1})
        upload(client)
        jobs = post(client, "job/list/job", {"limit": 1})["data"]
        tasks = post(client, "job/list/task", {"limit": 1})["data"]
    assert (none["retcode"], isinstance(jobs, dict), isinstance(tasks, dict)) == (
        0 if paged else 101,
        paged,
        paged,
    )


def test_lists_come_in_pages(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    page = post(client, "job/list/job", {"limit": 2, "order_by": "job_id", "order": "desc"})
    assert page["data"]["count"] == 5
    first = page["data"]["jobs"][0]
    assert first["job_id"] == job_id
    assert sorted({*first["partners"], first["party_id"]}) == [9999, 10000]
    tasks = post(client, "job/list/task", {"job_id": job_id, "limit": 4, "page": 2})["data"]
    assert (tasks["count"], len(tasks["tasks"])) == (9, 4)
    refused = client.post("/v1/job/list/job", json={"limit": 2, "order_by": "zz"})
    assert (refused.status_code, refused.get_json()["retmsg"]) == (
        400,
        "Invalid parameter 'order_by'.",
    )


def test_a_job_is_reported_rerun_and_updated(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    report = post(client, "job/report", {"job_id": job_id, "role": "guest", "party_id": 9999})
    assert [entry["component_name"] for entry in report["data"]] == [
        "reader_0",
        "transform_0",
        "intersection_0",
        "lr_0",
    ]
    change = {"common": {"lr_0": {"max_iter": 3}}}
    body = {"job_id": job_id, "role": "guest", "party_id": 9999, "component_parameters": change}
    assert post(client, "job/parameter/update", body)["retcode"] == 0
    again = {"job_id": job_id, "component_name": "lr_0", "force": True}
    assert post(client, "job/rerun", again) == {"retcode": 0, "retmsg": "rerun job success"}
    rows = post(
        client,
        "job/task/query",
        {
            "job_id": job_id,
            "component_name": "lr_0",
        },
    )
    assert {row["f_task_version"] for row in rows["data"]} == {1}


def test_parameters_have_one_name_for_all_kinds(mock: MockServer) -> None:
    client, job_id, _ = trained(mock)
    own = post(client, "tracking/component/parameters", {"job_id": job_id, **GUEST_LR})["data"]
    assert own["ComponentParam"]["max_iter"] == 2
    assert own["module"] == "HeteroLR"


def test_a_model_has_checkpoints_and_is_exported_as_a_zip(mock: MockServer) -> None:
    client, _, ids = trained(mock)
    party = {"role": "guest", "party_id": "9999", **ids}
    found = post(client, "checkpoint/list", {**party, "component_name": "lr_0"})
    assert found["retcode"] == 0
    answer = client.get("/v1/model/export", json=party)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
    assert any(name.endswith("pipeline/Pipeline") for name in names), names
    gone = client.get("/v1/model/export", json={**party, "model_version": "1"})
    text = f"Model guest#9999#{ids['model_id']} 1 does not exist."
    assert (gone.status_code, gone.get_json()) == (404, {"retcode": 404, "retmsg": text})


def test_a_model_is_deployed_and_predicts(mock: MockServer) -> None:
    client, _, ids = trained(mock)
    deployed = post(client, "model/deploy", ids)
    assert deployed["retcode"] == 0, deployed
    body = conf()
    body["job_parameters"]["common"] = {
        "job_type": "predict",
        "model_id": deployed["data"]["model_id"],
        "model_version": deployed["data"]["model_version"],
    }
    answer = post(client, "job/submit", {"job_runtime_conf": body})
    assert answer["retcode"] == 0, answer
    rows = post(client, "job/query", {"job_id": answer["jobId"], "role": "guest"})["data"]
    assert [row["f_status"] for row in rows] == ["success"]


@pytest.mark.parametrize(
    ("checkpoint", "retcode"),
    [
        ({"step_index": 1}, 0),
        ({"step_index": 9}, 101),
        ({"step_name": "step_name"}, 0),
        ({"step_name": "first"}, 101),
        ({}, 0),
    ],
)
def test_a_deployment_takes_a_checkpoint_by_its_index_or_its_name(
    mock: MockServer, checkpoint: dict[str, Any], retcode: int
) -> None:
    client = mock.app.test_client()
    upload(client)
    body = conf()
    callbacks = {"callbacks": ["ModelCheckpoint"], "save_freq": 1}
    body["component_parameters"]["common"]["lr_0"]["callback_param"] = callbacks
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": body})
    ids = answer["data"]["model_info"]
    deployed = post(client, "model/deploy", {**ids, "components_checkpoint": {"lr_0": checkpoint}})
    assert deployed["retcode"] == retcode
    if retcode:
        detail = deployed["data"]["detail"]["guest"]["9999"]["retmsg"]
        assert detail.endswith("TypeError('Checkpoint not found.')")


def trained_with_checkpoints(mock: MockServer, **callbacks: Any) -> tuple[FlaskClient, Any]:
    client = mock.app.test_client()
    upload(client)
    body = conf()
    asked = body["component_parameters"]["common"]["lr_0"]
    asked |= {"max_iter": 3, "callback_param": {"callbacks": ["ModelCheckpoint"], **callbacks}}
    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": body})
    return client, answer["data"]["model_info"]


def test_checkpoints_hold_the_model_of_their_own_iteration(mock: MockServer) -> None:
    client, ids = trained_with_checkpoints(mock, save_freq=1)
    party = {"role": "guest", "party_id": "9999", "component_name": "lr_0", **ids}
    listed = post(client, "checkpoint/list", party)["data"]
    assert [entry["step_index"] for entry in listed] == [0, 1, 2]
    got = [
        post(client, "checkpoint/get", {**party, "step_index": step})["data"]["models"]
        for step in range(3)
    ]
    name = "HeteroLogisticRegressionParam"
    buffers = [base64.b64decode(models[name]) for models in got]
    assert len(set(buffers)) == 3
    assert [hashlib.sha1(buffer).hexdigest() for buffer in buffers] == [
        entry["models"][name]["sha1"] for entry in listed
    ]
    content = client.get("/v1/model/export", json=party).data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        packed = [archive.read(f"checkpoint/lr_0/{step}#step_name/{name}.pb") for step in range(3)]
        shown = json.loads(archive.read(f"checkpoint/lr_0/1#step_name/{name}.json"))
    assert packed == buffers
    assert shown["iters"] == 1


def test_a_checkpoint_is_saved_each_so_many_iterations(mock: MockServer) -> None:
    client, ids = trained_with_checkpoints(mock, save_freq=2)
    party = {"role": "guest", "party_id": "9999", "component_name": "lr_0", **ids}
    listed = post(client, "checkpoint/list", party)["data"]
    assert [entry["step_index"] for entry in listed] == [0, 2]


def test_what_is_deployed_is_the_model_of_the_checkpoint(mock: MockServer) -> None:
    client, ids = trained_with_checkpoints(mock, save_freq=1)
    chosen = {"components_checkpoint": {"lr_0": {"step_index": 1}}}
    child = post(client, "model/deploy", {**ids, **chosen})["data"]["model_version"]
    party = {"role": "guest", "party_id": "9999", "component_name": "lr_0", **ids}
    wanted = post(client, "checkpoint/get", {**party, "step_index": 1})["data"]["models"]
    sent = {"namespace": f"guest#9999#{ids['model_id']}", "name": child}
    buffers = post(client, "model/transfer", sent)["data"]
    name = "HeteroLogisticRegressionParam"
    assert buffers[f"lr_0.model:{name}"] == wanted[name]


def test_a_warm_start_runs_with_the_parameters_of_its_source_but_for_its_own(
    mock: MockServer,
) -> None:
    client = mock.app.test_client()
    upload(client)
    components, body = dsl(), conf()
    second = dict(components["components"]["lr_0"])
    second["input"] = {"data": second["input"]["data"], "model": ["lr_0.model"]}
    components["components"]["lr_1"] = second
    common = body["component_parameters"]["common"]
    common["lr_0"] |= {"alpha": 0.5, "init_param": {"init_method": "ones"}}
    common["lr_1"] = {"max_iter": 1}
    answer = post(client, "job/submit", {"job_dsl": components, "job_runtime_conf": body})
    task = {"job_id": answer["jobId"], **GUEST_LR, "component_name": "lr_1"}
    shown = post(client, "tracking/component/parameters", task)["data"]["ComponentParam"]
    meta = post(client, "tracking/component/output/model", task)["meta"]["meta_data"]
    # The parameters that show are those of the component alone.
    assert (shown["alpha"], shown["max_iter"]) == (1.0, 1)
    assert (float(meta["alpha"]), int(meta["maxIter"])) == (0.5, 1)


def test_permissions_are_asked_for(mock: MockServer) -> None:
    with MockServer(fate_version="1.11", permissions=True) as strict:
        client = strict.app.test_client()
        upload(client)
        refused = submit(client)
        grant: dict[str, Any] = {"party_id": 9999, "component": "*"}
        assert post(client, "permission/grant", grant)["retcode"] == 0
        no_table = submit(client)
        grant = {"party_id": 9999, "dataset": [{"namespace": "e", "name": "host"}]}
        assert post(client, "permission/grant", grant)["retcode"] == 0
        accepted = submit(client)
    assert refused["retcode"] == 103
    assert "'code': 2, 'message': 'check component permission failed: reader'" in refused["retmsg"]
    assert (
        'check dataset permission failed: {"name": "host", "namespace": "e"}'
        in (no_table["retmsg"])
    )
    assert accepted["retcode"] == 0


def test_the_first_lines_have_no_permission_control() -> None:
    with pytest.raises(ValueError, match="no permission control"):
        MockServer(permissions=True)


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"did you mean 1\.11"):
        MockServer(fate_version="1.12")


def test_deprecated_parameters_that_were_given_are_noted(mock: MockServer) -> None:
    client = mock.app.test_client()
    upload(client)
    document = conf()
    given = {"intersect_method": "raw", "raw_params": {"use_hash": True}}
    document["component_parameters"]["common"]["intersection_0"] = given

    answer = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": document})

    asked = {**GUEST_LR, "component_name": "intersection_0", "job_id": answer["jobId"]}
    kept = post(client, "tracking/component/parameters", asked)["data"]["ComponentParam"]
    assert kept["_feeded_deprecated_params"] == ["raw_params"]
    assert kept["_user_feeded_params"] == ["intersect_method", "raw_params", "raw_params.use_hash"]


@pytest.mark.parametrize("line", ["1.7", "1.8", "1.9", "1.11"])
def test_missing_arguments_are_named(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        answer = post(mock.app.test_client(), "job/url/get", {"job_id": "1"})
    assert answer == {
        "retcode": 101,
        "retmsg": "required argument are missing: role,party_id; ",
    }


@pytest.mark.parametrize("line", ["1.5", "1.8"])
def test_a_site_is_told_the_id_of_its_federation(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        answer = post(client, "version/set", {"federatedId": 7})
    assert answer["data"] == {"federatedId": 7}


@pytest.mark.parametrize(("line", "found"), [("1.7", 0), ("1.8", 3), ("1.11", 3)])
def test_a_part_of_a_job_id_finds_it_from_1_8_on(line: str, found: int) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        job_id = submit(client)["jobId"]
        part = post(client, "job/list/job", {"job_id": job_id[:-1]})["data"]["count"]
        whole = post(client, "job/list/job", {"job_id": job_id, "party_id": "9999"})["data"]
    assert part == found
    assert [row["party_id"] for row in whole["jobs"]] == [9999]


@pytest.mark.parametrize(("line", "order"), [("1.9", None), ("1.10", None), ("1.11", [0, 1, 2, 3])])
def test_a_report_tells_the_order_of_components_from_1_11_on(line: str, order: Any) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        body = {"job_id": submit(client)["jobId"], "role": "guest"}
        rows = post(client, "job/report", body)["data"]
    assert len(rows) == 4
    assert [row.get("index") for row in rows] == (order or [None] * 4)


@pytest.mark.parametrize(("line", "whole"), [("1.10", False), ("1.11", True)])
def test_metrics_are_deleted_once(line: str, whole: bool) -> None:
    with MockServer(fate_version=line) as mock:
        client, job_id, _ = trained(mock)
        party = {"job_id": job_id, "role": "guest", "party_id": 9999}

        def told(**more: Any) -> Any:
            return post(client, "tracking/component/metric/delete", {"job_id": job_id, **more})[
                "data"
            ]

        assert post(client, "tracking/job/data_view", party)["retcode"] == 0
        assert told(component_name="lr_0") == "delete status: True"
        view = post(client, "tracking/job/data_view", party)
        assert view["retcode"] == (101 if whole else 0)
        assert told() == f"delete status: {not whole}"
        assert told() == "delete status: False"
        assert post(client, "tracking/job/data_view", party) == {"retcode": 101, "retmsg": "error"}
