"""What a real FATE 1.9.0 answered, and where later servers answer something else."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest

from flowkit_mockserver import MockServer
from later import post, trained

META = {
    "data_type": "float64",
    "delimiter": ",",
    "id_range": 0,
    "input_format": "dense",
    "label_name": "x0",
    "label_type": "int",
    "tag_value_delimiter": ":",
    "tag_with_value": False,
    "with_label": True,
    "with_match_id": False,
}
DONE = {"data": {"namespace": "n", "table_name": "b"}, "retcode": 0, "retmsg": "success"}


def failed(text: str, code: int = 100) -> dict[str, Any]:
    return {"retcode": code, "retmsg": text}


def bound(**config: Any) -> dict[str, Any]:
    return {"engine": "PATH", "name": "b", "namespace": "n", "address": {"path": "/x"}, **config}


OWN = {"name": "t", "namespace": "n", "storage_type": "LMDB"}


@pytest.mark.parametrize(
    ("path", "body", "older", "newer"),
    [
        (
            "forward/zz/do",
            {"header": {}, "body": {}},
            failed("AttributeError(\"type object 'ServerRegistry' has no attribute 'ZZ'\")"),
            failed('role "zz" not supported', 404),
        ),
        (
            "server/s/register",
            None,
            failed("AttributeError(\"'NoneType' object has no attribute 'get'\")"),
            None,
        ),
        (
            "server/s/register",
            {"port": 1},
            failed(
                "IntegrityError('ConstraintError: NOT NULL constraint failed: t_server_registry_info.f_host')"
            ),
            None,
        ),
        (
            "server/s/register",
            {"host": "1.1.1.1", "port": "a"},
            failed("ValueError(\"invalid literal for int() with base 10: 'a'\")"),
            None,
        ),
        (
            "table/bind",
            bound(engine="STANDALONE", address=OWN),
            DONE,
            failed("AssertionError()"),
        ),
        (
            "job/report",
            None,
            failed("TypeError('query_task() argument after ** must be a mapping, not NoneType')"),
            failed("TypeError('query_job() argument after ** must be a mapping, not NoneType')"),
        ),
        (
            "data/upload",
            "x",
            failed("AttributeError(\"'str' object has no attribute 'get'\")"),
            None,
        ),
        ("table/bind", bound(engine="STANDALONE", address=OWN, partitions=4), DONE, None),
        (
            "table/bind",
            bound(engine="EGGROLL", address={"name": "x"}),
            failed("ModuleNotFoundError(\"No module named 'eggroll'\")"),
            None,
        ),
        (
            "table/bind",
            bound(id_column="id", feature_column="x0", extend_sid=True),
            failed("AttributeError(\"'NoneType' object has no attribute 'join'\")"),
            None,
        ),
    ],
)
def test_an_answer_by_line(
    path: str, body: Any, older: dict[str, Any], newer: dict[str, Any] | None
) -> None:
    for version, expected in (("1.9.0", older), ("1.11.4", newer or older)):
        with MockServer(fate_version=version) as mock:
            assert post(mock.app.test_client(), path, body) == expected


def info(mock: MockServer, name: str = "b") -> Any:
    return post(mock.app.test_client(), "table/table_info", {"name": name, "namespace": "n"})[
        "data"
    ]


def test_a_bound_table_is_described_as_the_request_does() -> None:
    with MockServer(fate_version="1.9.0") as mock:
        asked = bound(
            id_column="id",
            feature_column="x0,x1",
            partitions=3,
            with_meta=True,
            meta={"label_name": "x0", "with_label": True},
        )
        post(mock.app.test_client(), "table/bind", asked)
        assert info(mock) == {
            "address": {"connector_name": None, "path": "/x"},
            "count": None,
            "enable": True,
            "exist": 1,
            "extend_sid": False,
            "namespace": "n",
            "origin": "table_bind",
            "partition": 3,
            "schema": {"header": "x0,x1", "meta": META, "sid": "id"},
            "table_name": "b",
        }


@pytest.mark.parametrize(("version", "keeps"), [("1.9.0", False), ("1.10.0", True)])
def test_the_meta_of_a_bound_table_whose_rows_are_numbered(version: str, keeps: bool) -> None:
    with MockServer(fate_version=version) as mock:
        asked = bound(
            id_column="id", feature_column="x0", id_delimiter=",", extend_sid=True, with_meta=True
        )
        assert post(mock.app.test_client(), "table/bind", asked)["retcode"] == 0
        schema = info(mock)["schema"]
        assert schema.pop("meta", {}).get("with_match_id", False) is keeps
        assert schema == {"extend_tag": True, "header": "id,x0", "sid": "extend_sid"}
        assert info(mock)["extend_sid"] is True


def uploaded(mock: MockServer, **config: Any) -> None:
    rows = BytesIO(b"id,y,x0\n1,0,0.5\n2,1,0.1\n")
    query = {"head": 1, "partition": 2, "namespace": "n", "table_name": "b", **config}
    answer = mock.app.test_client().post(
        "/v1/data/upload", query_string=json.dumps(query), data={"file": (rows, "a.csv")}
    )
    assert answer.get_json()["retcode"] == 0


def test_an_upload_that_gives_its_rows_keys_says_so() -> None:
    with MockServer(fate_version="1.9.0") as mock:
        uploaded(mock, extend_sid=True)
        assert info(mock)["extend_sid"] is True


def test_a_table_without_a_meta_can_be_given_one_in_1_9() -> None:
    change = {"name": "b", "namespace": "n", "schema": {"meta": {"label_type": "float"}}}
    with MockServer(fate_version="1.9.0") as mock:
        uploaded(mock)
        given = post(mock.app.test_client(), "table/schema/update", change)
        assert given["data"] == {"header": "y,x0", "meta": {"label_type": "float"}, "sid": "id"}
    with MockServer(fate_version="1.10.0") as mock:
        uploaded(mock)
        refused = post(mock.app.test_client(), "table/schema/update", change)
        assert refused == failed("no found meta", 101)


@pytest.mark.parametrize(("version", "header"), [("1.9.0", ["x0"]), ("1.10.0", "y,x0")])
def test_a_changed_meta_shows_the_columns(version: str, header: Any) -> None:
    change = {"name": "b", "namespace": "n", "schema": {"meta": {"label_type": "float"}}}
    with MockServer(fate_version=version) as mock:
        uploaded(mock, with_meta=True, meta={"with_label": True})
        shown = post(mock.app.test_client(), "table/schema/update", change)["data"]
        assert (shown["header"], shown["meta"]["label_type"]) == (header, "float")


@pytest.mark.parametrize(
    ("version", "details"),
    [
        ("1.9.0", "components {'zz_0'} not exist in training dsl, can not deploy!!!"),
        ("1.10.0", "DeployComponentNotExistError()"),
    ],
)
def test_what_parties_say_of_a_deployment_that_failed(version: str, details: str) -> None:
    with MockServer(fate_version=version) as mock:
        client, _, model = trained(mock)
        answer = post(client, "model/deploy", {**model, "cpn_list": ["zz_0"]})
        shown = answer["data"]["detail"]["arbiter"]["10000"]["retmsg"]
        assert shown == f"deploy model of role arbiter 10000 failed, details: {details}"


def test_a_model_goes_out_with_the_names_that_later_messages_have_fields_for() -> None:
    with MockServer(fate_version="1.9.0") as mock:
        client, _, model = trained(mock)
        place = {
            "namespace": f"guest#9999#{model['model_id']}",
            "name": model["model_version"],
        }
        sent = post(client, "model/transfer", place)["data"]
        assert b"guest_9999_x1" in base64.b64decode(sent["transform_0.model:DataTransformParam"])
