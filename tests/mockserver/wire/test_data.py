"""data/…: uploads in their three forms, downloads, history, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowkit_mockserver import MockServer

CONTENT = b"id,y,x0\n10,0,0.5\n9,1,0.7\n10,1,0.9\n"
CONF: dict[str, Any] = {
    "head": 1,
    "partition": 4,
    "work_mode": 0,
    "namespace": "shop",
    "table_name": "train",
}


def upload(http: FlaskClient, content: bytes = CONTENT, **changes: Any) -> TestResponse:
    conf = {name: value for name, value in (CONF | changes).items() if value is not None}
    return http.post(
        "/v1/data/upload?" + quote(json.dumps(conf), safe=""),
        data={"file": (io.BytesIO(content), "train.csv")},
    )


def info(http: FlaskClient, name: str = "train") -> Any:
    body = {"namespace": "shop", "table_name": name}
    return http.post("/v1/table/table_info", json=body).json["data"]  # type: ignore[index]


def status(http: FlaskClient, job_id: str) -> str:
    rows = http.post("/v1/job/query", json={"job_id": job_id}).json["data"]  # type: ignore[index]
    return str(rows[0]["f_status"])


def test_an_upload_with_its_conf_in_the_query_becomes_a_table(http: FlaskClient) -> None:
    answer = upload(http).json

    assert answer is not None
    assert answer["retcode"] == 0
    assert answer["jobId"] == answer["data"]["job_id"]
    assert answer["data"]["table_name"] == "train"
    assert answer["data"]["namespace"] == "shop"
    assert status(http, answer["jobId"]) == "success"
    assert info(http) == {
        "table_name": "train",
        "namespace": "shop",
        "exist": 1,
        "count": 2,
        "partition": 4,
        "schema": {"header": "y,x0", "sid": "id"},
    }


def test_rows_stand_in_the_order_of_their_keys(http: FlaskClient, mock: MockServer) -> None:
    upload(http)

    info(http)
    table = mock.state.tables.get("shop", "train")
    assert table is not None
    assert list(table.records()) == [("9", "1,0.7"), ("10", "1,0.9")]


def test_plain_query_parameters_do_as_well(http: FlaskClient) -> None:
    answer = http.post(
        "/v1/data/upload?namespace=shop&table_name=train&head=0&partition=2&work_mode=0",
        data={"file": (io.BytesIO(b"1,a\n"), "train.csv")},
    )

    assert answer.json is not None
    assert answer.json["retcode"] == 0
    assert info(http)["schema"] == {}


def test_a_file_of_the_server_is_read_only_where_that_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_bytes(CONTENT)
    conf = CONF | {"file": str(tmp_path / "train.csv"), "use_local_data": 0}
    outcomes = []
    for allowed in ([tmp_path], []):
        with MockServer(allow_paths=allowed) as mock:
            http = mock.app.test_client()
            answer = http.post("/v1/data/upload", json=conf).json
            assert answer is not None
            outcomes.append((status(http, answer["jobId"]), info(http)["exist"]))

    assert outcomes == [("success", 1), ("failed", 0)]
    assert (tmp_path / "train.csv").read_bytes() == CONTENT


@pytest.mark.parametrize("drop", [0, 2, None])
def test_an_existing_table_is_refused(http: FlaskClient, drop: int | None) -> None:
    upload(http)
    info(http)

    answer = upload(http, drop=drop).json

    assert answer is not None
    assert answer["retcode"] == 100
    assert answer["retmsg"] == (
        "The data table already exists.If you still want to continue uploading, please add the"
        " parameter -drop. 0 means not to delete and continue uploading, 1 means to upload again"
        " after deleting the table"
    )


def test_an_existing_table_can_be_dropped_first(http: FlaskClient) -> None:
    upload(http)
    upload(http, b"id,z\n1,2\n", drop=1)

    assert info(http)["schema"] == {"header": "z", "sid": "id"}
    assert info(http)["count"] == 1


@pytest.mark.parametrize("name", ["head", "partition", "work_mode", "namespace", "table_name"])
def test_what_is_missing_is_named(http: FlaskClient, name: str) -> None:
    changes: dict[str, Any] = {name: None}
    answer = upload(http, **changes).json

    assert answer == {"retcode": 100, "retmsg": f"required parameters are missing: {name};"}


def test_numbers_may_come_as_text(http: FlaskClient) -> None:
    upload(http, head="1", partition="4", work_mode="0")

    assert info(http)["count"] == 2


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (b"", {}),
        (CONTENT, {"partition": 0}),
        (CONTENT, {"partition": 1024}),
        (CONTENT, {"head": 2}),
        (b"id,x\n1,\xff\n", {}),
    ],
)
def test_what_is_wrong_with_a_file_fails_its_job(
    http: FlaskClient, mock: MockServer, content: bytes, changes: dict[str, Any]
) -> None:
    answer = upload(http, content, **changes).json

    assert answer is not None
    assert answer["retcode"] == 0
    assert status(http, answer["jobId"]) == "failed"
    assert info(http)["exist"] == 0


def test_a_head_alone_makes_an_empty_table(http: FlaskClient) -> None:
    upload(http, b"id,x0,x1\n")

    assert info(http)["count"] == 0
    assert info(http)["schema"] == {"header": "x0,x1", "sid": "id"}


def test_a_refused_parameter_leaves_no_file_behind(http: FlaskClient, mock: MockServer) -> None:
    answer = upload(http, delimiter=";").json

    assert answer is not None
    assert (
        answer["retmsg"] == "Component upload_0, module Upload, has redundant parameter delimiter"
    )
    assert list(mock.state.store.spool.iterdir()) == []


def test_the_uploaded_file_is_removed_when_it_has_been_stored(
    http: FlaskClient, mock: MockServer
) -> None:
    upload(http)
    info(http)

    assert list(mock.state.store.spool.iterdir()) == []


def test_an_upload_without_a_file_is_a_bad_request(http: FlaskClient) -> None:
    assert http.post("/v1/data/upload", json={}).status_code == 400
    assert http.post("/v1/data/upload", data="x", content_type="text/plain").status_code == 400


def test_bodies_of_other_kinds_answer_as_the_real_server(http: FlaskClient) -> None:
    assert http.post("/v1/data/upload", json="x").json == {
        "retcode": 100,
        "retmsg": "'str' object has no attribute 'get'",
    }
    assert http.post("/v1/data/download", json=None).json == {
        "retcode": 100,
        "retmsg": "argument of type 'NoneType' is not iterable",
    }


def test_a_body_beyond_the_limit_is_refused(mock: MockServer, http: FlaskClient) -> None:
    limit = mock.state.settings.max_json_bytes

    answer = http.post("/v1/table/table_info", environ_overrides={"CONTENT_LENGTH": str(limit + 1)})

    assert answer.status_code == 413


def test_a_table_can_be_written_to_an_allowed_path(tmp_path: Path) -> None:
    with MockServer(allow_paths=[tmp_path]) as mock:
        http = mock.app.test_client()
        upload(http)
        conf = {
            "work_mode": 0,
            "namespace": "shop",
            "table_name": "train",
            "output_path": str(tmp_path / "out.csv"),
            "delimiter": ";",
        }
        answer = http.post("/v1/data/download", json=conf).json
        assert answer is not None
        assert status(http, answer["jobId"]) == "success"

    assert (tmp_path / "out.csv").read_text() == "9;1,0.7\n10;1,0.9\n"


def test_a_table_is_not_written_anywhere_else(http: FlaskClient, tmp_path: Path) -> None:
    upload(http)
    conf = {
        "work_mode": 0,
        "namespace": "shop",
        "table_name": "train",
        "output_path": str(tmp_path / "out.csv"),
    }

    answer = http.post("/v1/data/download", json=conf).json

    assert answer is not None
    assert status(http, answer["jobId"]) == "failed"
    assert list(tmp_path.iterdir()) == []


def test_a_download_says_what_is_missing(http: FlaskClient) -> None:
    answer = http.post("/v1/data/download", json={"work_mode": 0})

    assert answer.json == {
        "retcode": 100,
        "retmsg": "required parameters are missing: namespace,table_name,output_path;",
    }


def test_there_is_no_other_word(http: FlaskClient) -> None:
    assert http.post("/v1/data/nosuch", json={}).json == {
        "retcode": 100,
        "retmsg": "can not support this operating: nosuch",
    }
    assert http.get("/v1/data/upload").status_code == 405


def test_the_history_lists_tables_that_still_exist_newest_first(http: FlaskClient) -> None:
    first = upload(http, table_name="first").json["jobId"]  # type: ignore[index]
    second = upload(http, table_name="second").json["jobId"]  # type: ignore[index]
    upload(http, table_name="third")
    http.post("/v1/table/delete", json={"namespace": "shop", "table_name": "third"})

    listed = http.post("/v1/data/upload/history", json={"limit": 10}).json["data"]  # type: ignore[index]

    assert [list(entry) for entry in listed] == [[second], [first]]
    assert listed[0][second] == {
        "upload_info": {
            "table_name": "second",
            "namespace": "shop",
            "partition": 4,
            "upload_count": 2,
        },
        "notes": "",
        "schema": {"header": "y,x0", "sid": "id"},
    }
    limited = http.post("/v1/data/upload/history", json={"limit": 2}).json["data"]  # type: ignore[index]
    assert [list(entry) for entry in limited] == [[second]]


def test_an_empty_history_answers_as_the_real_server(http: FlaskClient) -> None:
    assert http.post("/v1/data/upload/history", json={"limit": 10}).json == {
        "retcode": 100,
        "retmsg": "'tuple' object has no attribute 'items'",
    }
