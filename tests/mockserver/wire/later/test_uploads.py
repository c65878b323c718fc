"""What a real FATE Flow 1.11.2 told of files that were uploaded to it, with all kinds of options."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import post

PLAIN = b"id,y,x0\na,1,0.5\nb,0,1.5\nc,1,-1\n"
TABLE = {"name": "u", "namespace": "more"}
META = {
    "data_type": "float64",
    "delimiter": ",",
    "id_range": 0,
    "input_format": "dense",
    "tag_value_delimiter": ":",
    "tag_with_value": False,
    "with_label": False,
    "with_match_id": False,
}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with MockServer(fate_version="1.11.4") as mock:
        yield mock.app.test_client()


def upload(client: FlaskClient, content: bytes, **options: Any) -> str:
    """Upload a file as table `TABLE` and return the id of the job."""
    asked = {"head": 1, "partition": 4, "table_name": "u", "namespace": "more", "drop": 1}
    answer = client.post(
        "/v1/data/upload",
        query_string={**asked, "id_delimiter": ",", **options},
        data={"file": (io.BytesIO(content), "f.csv")},
    )
    return str(answer.get_json()["jobId"])


def download(client: FlaskClient) -> str | None:
    """Return the text of the table, None for an archive without members."""
    with client.get("/v1/table/download", json=TABLE) as answer:
        assert answer.content_type == "application/x-tar"
        content = answer.data
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        if not archive.getnames():
            return None
        member = archive.extractfile("table.csv")
        assert member is not None
        return member.read().decode()


def task(client: FlaskClient, job_id: str) -> dict[str, Any]:
    (row,) = post(client, "job/task/query", {"job_id": job_id})["data"]
    return dict(row)


@pytest.mark.parametrize(
    ("content", "options", "header", "shown", "text"),
    [
        (PLAIN, {}, ["id", "y", "x0"], ["id", "y", "x0"], "id,y,x0\nc,1,-1\na,1,0.5\nb,0,1.5\n"),
        (b"id\na\nb\n", {}, ["id"], ["id"], "id\na,\nb,\n"),
        (b"id,y\nq,1\n", {"head": 0}, [], [], "id,y\nq,1\n"),
        (
            b"id;y;x0\na;1;0.5\n",
            {"id_delimiter": ";"},
            ["id", "y;x0"],
            ["id", "y;x0"],
            "id,y;x0\na;1;0.5\n",
        ),
        (b"id,y\nq,1\n", {"id_delimiter": "|"}, ["id,y"], ["id,y"], "id,y\nq,1|\n"),
    ],
)
def test_columns_are_named_as_the_file_names_them(
    client: FlaskClient,
    content: bytes,
    options: dict[str, Any],
    header: list[str],
    shown: list[str],
    text: str,
) -> None:
    job_id = upload(client, content, **options)
    assert post(client, "table/preview", TABLE)["data"]["header"] == header
    asked = {"job_id": job_id, "role": "local", "party_id": 0, "component_name": "upload_0"}
    put_out = post(client, "tracking/component/output/data", asked)
    assert put_out["meta"]["header"] == [shown]
    lines = download(client)
    assert lines is not None
    assert sorted(lines.splitlines()) == sorted(text.splitlines())


def test_a_file_of_a_head_only_makes_a_table_without_rows(client: FlaskClient) -> None:
    upload(client, b"id,y,x0\n")
    assert post(client, "table/preview", TABLE)["data"] == {"data": [], "header": None}
    assert download(client) is None


def test_the_server_names_the_file(client: FlaskClient) -> None:
    job_id = upload(client, PLAIN)
    file = task(client, job_id)["f_component_parameters"]["ComponentParam"]["file"]
    folder, _, name = file.rpartition("/")
    assert folder.endswith(f"/jobs/{job_id}/fate_upload_tmp")
    assert len(name) == 32
    assert int(name, 16)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"with_meta": 1}, META),
        ({"with_meta": 1, "meta": "{'delimiter': ';'}"}, {**META, "delimiter": ";"}),
        ({"meta": "{}"}, {}),
    ],
)
def test_the_meta_of_columns_is_kept_whole(
    client: FlaskClient, options: dict[str, Any], kept: dict[str, Any]
) -> None:
    job_id = upload(client, PLAIN, **options)
    assert task(client, job_id)["f_component_parameters"]["ComponentParam"]["meta"] == kept


def test_columns_with_a_meta_go_by_numbers_as_well(client: FlaskClient) -> None:
    upload(client, PLAIN, with_meta=1)
    schema = post(client, "table/table_info", TABLE)["data"]["schema"]
    assert schema == {
        "anonymous_header": ["x0", "x1"],
        "header": ["y", "x0"],
        "meta": META,
        "original_index_info": {"header_index": [0, 1]},
        "sid": "id",
    }


def test_keys_that_are_counted_are_numbers(client: FlaskClient) -> None:
    upload(client, PLAIN, extend_sid=1, auto_increasing_sid=1)
    shown = post(client, "table/preview", TABLE)["data"]
    assert shown["header"] == ["extend_sid", "id", "y", "x0"]
    assert shown["data"] == [[0, "a", "1", "0.5"], [1, "b", "0", "1.5"], [2, "c", "1", "-1"]]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", {}, "Exception: {file} is an empty file"),
        (PLAIN, {"head": 2}, "Exception: 'head' in conf.json should be 0 or 1"),
        (
            PLAIN,
            {"partition": 0},
            "Exception: Error number of partition, it should between 0 and 1024",
        ),
        (
            b"id,y\n\xe4,1\n",
            {},
            "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe4 in position 5:"
            " invalid continuation byte",
        ),
        (PLAIN, {"id_delimiter": ""}, "ValueError: empty separator"),
        (
            PLAIN,
            {"table_name": ""},
            "AttributeError: 'NoneType' object has no attribute 'update_metas'",
        ),
        (
            PLAIN,
            {"namespace": ""},
            "AttributeError: 'NoneType' object has no attribute 'update_metas'",
        ),
    ],
)
def test_an_upload_that_fails_says_why(
    client: FlaskClient, content: bytes, options: dict[str, Any], said: str
) -> None:
    row = task(client, upload(client, content, **options))
    file = row["f_component_parameters"]["ComponentParam"]["file"]
    expected = f"Traceback (most recent call last):\n{said.format(file=file)}"
    assert (row["f_status"], row["f_error_report"]) == ("failed", expected)
