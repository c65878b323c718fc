"""What a 1.5 mock shows of a job, beside what a real FATE 1.5.3 showed of the same kind of job."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import conf, dsl, post, upload

GUEST = {"role": "guest", "party_id": 9999}


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with MockServer(fate_version="1.5.3") as mock:
        client = mock.app.test_client()
        upload(client)
        yield client


@pytest.fixture(scope="module")
def job(client: FlaskClient) -> dict[str, Any]:
    evaluated = dsl("DataIO")
    evaluated["components"]["evaluation_0"] = {
        "module": "Evaluation",
        "input": {"data": {"data": ["lr_0.data"]}},
        "output": {"data": ["data"]},
    }
    evaluated["components"]["binning_0"] = {
        "module": "HeteroFeatureBinning",
        "input": {"data": {"data": ["intersection_0.data"]}},
        "output": {"data": ["data"], "model": ["model"]},
    }
    runtime = conf(work_mode=0, backend=0, pulsar_run={"x": 1})
    answer: dict[str, Any] = post(
        client, "job/submit", {"job_dsl": evaluated, "job_runtime_conf": runtime}
    )
    assert answer["retcode"] == 0, answer
    return answer


def test_rows_lack_what_1_6_added(client: FlaskClient, job: dict[str, Any]) -> None:
    rows = post(client, "job/query", {"job_id": job["jobId"]})["data"]
    assert {row["f_status"] for row in rows} == {"success"}
    assert not any("f_user" in row for row in rows)
    assert [row["f_user_id"] for row in rows] == [None] * 3
    tasks = post(client, "job/task/query", {"job_id": job["jobId"]})["data"]
    assert not any("f_engine_conf" in row for row in tasks)
    common = rows[0]["f_runtime_conf"]["job_parameters"]["common"]
    assert "pulsar_run" not in common
    assert "rabbitmq_run" in common
    assert "pulsar_run" not in rows[0]["f_runtime_conf_on_party"]["job_parameters"]


def test_the_summary_of_an_evaluation_is_flat(client: FlaskClient, job: dict[str, Any]) -> None:
    asked = {"job_id": job["jobId"], "component_name": "evaluation_0", **GUEST}
    answer = post(client, "tracking/component/summary/download", asked)
    assert answer["data"].keys() == {"auc", "ks"}


def test_the_summary_of_a_binning_tells_no_bounds_and_hosts_have_none(
    client: FlaskClient, job: dict[str, Any]
) -> None:
    asked = {"job_id": job["jobId"], "component_name": "binning_0", **GUEST}
    answer = post(client, "tracking/component/summary/download", asked)
    assert answer["data"].keys() == {"iv", "woe", "monotonic"}
    asked |= {"role": "host", "party_id": 10000}
    assert post(client, "tracking/component/summary/download", asked) == {
        "retcode": 210,
        "retmsg": "No component summary found, please check if arguments are specified correctly.",
    }


def test_parameters_are_those_of_1_5_3(client: FlaskClient, job: dict[str, Any]) -> None:
    asked = {"job_id": job["jobId"], "component_name": "lr_0", **GUEST}
    shown = post(client, "tracking/component/parameters", asked)["data"]["HeteroLogisticParam"]
    assert (shown["masked_rate"], shown["batch_strategy"], shown["shuffle"]) == (5, "full", True)
    assert "floating_point_precision" not in shown


def test_an_archive_has_no_definitions_of_a_data_transform(
    client: FlaskClient, job: dict[str, Any]
) -> None:
    model = {**job["data"]["model_info"], **GUEST}
    answer = client.get("/v1/model/export", json=model)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
    assert "define/proto/data-io-meta.proto" in names
    assert "define/proto/data-transform-meta.proto" not in names


def test_a_kind_of_1_6_is_refused(client: FlaskClient) -> None:
    later = {"job_dsl": dsl("DataTransform"), "job_runtime_conf": conf(work_mode=0, backend=0)}
    answer = post(client, "job/submit", later)
    assert answer == {
        "retcode": 100,
        "retmsg": "Component transform_0, module DataTransform does not exist"
        " under the fold federatedml.setting_conf",
    }


@pytest.mark.parametrize(
    ("module", "parameters"),
    [("HeteroLR", {"masked_rate": -1}), ("HeteroSecureBoost", {"random_seed": 100})],
)
def test_component_validate_checks_by_the_classes_of_the_line(
    client: FlaskClient, module: str, parameters: dict[str, Any]
) -> None:
    body = {
        "component_name": "c_0",
        "component_module_name": module,
        "dsl_version": 2,
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "component_parameters": {"common": {"c_0": parameters}},
    }
    assert post(client, "component/validate", body)["retcode"] == 400
