from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from trained import Api, mock


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with mock() as api:
        yield api


@pytest.mark.parametrize("word", ["version", "service"])
def test_versions(api: Api, word: str) -> None:
    assert api.ask(f"{word}/get", module="FATE")["data"] == {"FATE": "1.6.1"}
    assert api.ask(f"{word}/get", module="nosuch")["data"] == {"nosuch": None}
    assert api.ask(f"{word}/get")["data"] == {"null": "1.6.1"}


def test_services_are_configured_or_register(api: Api) -> None:
    def ask(name: str) -> Any:
        return api.ask("service/query", service_name=name)["data"]["service_info"]

    assert ask("servings") == {"hosts": ["127.0.0.1:8000"]}
    assert ask("studio") is None
    studio = {"host": "10.0.0.1", "port": 80}
    answer = api.ask("service/registry", studio=studio, others={"host": "10.0.0.2"})
    assert answer["data"] == {"update_server": {"studio": studio}}
    assert ask("studio") == studio
    assert api.ask("service/registry", studio={"host": "x"})["retmsg"] == (
        "the registration service studio configuration item is ['host', 'port']"
    )


def test_the_board(api: Api) -> None:
    assert api.ask("info/fateboard")["data"] == {"host": "127.0.0.1", "port": 8080}


def test_parameters_of_one_component_are_checked(api: Api) -> None:
    body = {
        "component_name": "lr_0",
        "component_module_name": "HeteroLR",
        "dsl_version": 2,
        "role": {"guest": [7001], "host": [7002], "arbiter": [7009]},
        "component_parameters": {"common": {"lr_0": {"max_iter": 3}}},
    }
    assert api.ask("component/validate", **body) == {"retcode": 0, "retmsg": "success"}
    body["component_parameters"] = {"common": {"lr_0": {"max_iter": "bad"}}}
    response = api.send("component/validate", body)
    assert response.status_code == 400
    assert response.json is not None
    assert "max_iter bad not supported, should be int type" in response.json["retmsg"]


def test_nothing_to_check_is_a_bad_request(api: Api) -> None:
    response = api.send("component/validate", {})
    assert response.status_code == 400
    assert response.json == {"retcode": 400, "retmsg": "bad request"}
