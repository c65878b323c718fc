"""table/…: description, deletion, binding, listing."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from flowkit_mockserver.components.core.interface import TableData

BOUND: dict[str, Any] = {
    "engine": "STANDALONE",
    "address": {"name": "b", "namespace": "shop"},
    "namespace": "shop",
    "name": "b",
    "head": 1,
    "id_delimiter": ",",
}


def post(http: FlaskClient, path: str, body: Any) -> Any:
    return http.post(f"/v1/table/{path}", json=body).json


@pytest.fixture
def table(mock: MockServer) -> None:
    data = TableData("text", {"header": "x0", "sid": "id"}, [("1", "0.5")])
    mock.state.tables.put(data, "shop", "train")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("field", ["table_name", "name"])
def test_a_table_is_described_by_either_name_of_its_name(http: FlaskClient, field: str) -> None:
    assert post(http, "table_info", {"namespace": "shop", field: "train"})["data"] == {
        "table_name": "train",
        "namespace": "shop",
        "exist": 1,
        "count": 1,
        "partition": 4,
        "schema": {"header": "x0", "sid": "id"},
    }


def test_an_unknown_table_is_described_too(http: FlaskClient) -> None:
    assert post(http, "table_info", {}) == {
        "data": {
            "table_name": None,
            "namespace": None,
            "exist": 0,
            "count": 0,
            "partition": None,
            "schema": None,
        },
        "retcode": 0,
        "retmsg": "success",
    }


@pytest.mark.usefixtures("table")
def test_a_table_can_be_deleted_once(http: FlaskClient) -> None:
    body = {"namespace": "shop", "table_name": "train"}

    assert post(http, "delete", body) == {"data": body, "retcode": 0, "retmsg": "success"}
    assert post(http, "delete", body) == {"retcode": 101, "retmsg": "no find table"}


@pytest.mark.usefixtures("table")
def test_deleting_by_job_finds_nothing(http: FlaskClient) -> None:
    assert post(http, "delete", {"job_id": "1"})["retcode"] == 101


@pytest.mark.parametrize("word", ["bind", "add"])
def test_a_bound_table_exists_without_rows(http: FlaskClient, word: str) -> None:
    answer = post(http, word, BOUND)

    assert answer["data"] == {"table_name": "b", "namespace": "shop"}
    info = post(http, "table_info", {"namespace": "shop", "name": "b"})["data"]
    assert (info["exist"], info["count"], info["partition"], info["schema"]) == (1, None, None, {})


def test_binding_again_needs_drop(http: FlaskClient) -> None:
    post(http, "bind", BOUND)

    assert post(http, "bind", BOUND)["retmsg"] == (
        "The data table already exists.If you still want to continue uploading, please add the"
        " parameter -drop.1 means to add again after deleting the table"
    )
    names = {"drop": 1, "id_name": "id", "feature_name": "x0,x1"}
    assert post(http, "bind", BOUND | names)["retcode"] == 0
    info = post(http, "table_info", {"namespace": "shop", "name": "b"})["data"]
    assert info["schema"] == {"header": "x0,x1", "sid": "id"}


def test_binding_says_what_is_missing_or_wrong(http: FlaskClient) -> None:
    assert post(http, "add", {"engine": "STANDALONE", "head": 2})["retmsg"] == (
        "required parameters are missing: address,namespace,name,id_delimiter;"
        "required parameter values: head=(0, 1)"
    )
    assert post(http, "bind", BOUND | {"engine": "NOSUCH"}) == {
        "retcode": 100,
        "retmsg": "'method-wrapper' object has no attribute '__code__'",
    }


def test_listing_the_tables_of_an_unknown_job(http: FlaskClient) -> None:
    body = {"job_id": "1", "role": "guest", "party_id": 9999}

    assert post(http, "list", body) == {"retcode": 101, "retmsg": "no find job"}
    assert post(http, "list", {"job_id": "1"})["retmsg"] == (
        "required parameters are missing: role,party_id;"
    )


def test_any_other_word_succeeds_at_nothing(http: FlaskClient) -> None:
    assert post(http, "nosuch", {}) == {"retcode": 0, "retmsg": "success"}
    assert http.get("/v1/table/nosuch").status_code == 405


@pytest.mark.usefixtures("table")
def test_the_tables_of_a_job_are_listed_by_component(http: FlaskClient) -> None:
    dsl = {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "dataio_0": {
                "module": "DataIO",
                "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["data"], "model": ["model"]},
            },
        }
    }
    address = {"name": "train", "namespace": "shop"}
    conf = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999]},
        "job_parameters": {"common": {"job_type": "train", "work_mode": 0, "backend": 0}},
        "component_parameters": {
            "role": {"guest": {"0": {"reader_0": {"table": address}}}},
            "common": {"dataio_0": {"with_label": False}},
        },
    }
    body = {"job_dsl": dsl, "job_runtime_conf": conf}
    job_id = http.post("/v1/job/submit", json=body).json["jobId"]  # type: ignore[index]

    listed = post(http, "list", {"job_id": job_id, "role": "guest", "party_id": 9999})["data"]

    assert listed["reader_0"]["input"] == {"table": address}
    read = listed["reader_0"]["output"]["data"]
    assert read["namespace"] == f"output_data_{job_id}_reader_0_0"
    assert listed["dataio_0"]["input"] == {"reader_0.data": read}
    assert list(listed["dataio_0"]["output"]) == ["data"]
