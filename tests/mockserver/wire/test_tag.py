from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from trained import Api, mock


@pytest.fixture
def api() -> Iterator[Api]:
    with mock() as api:
        yield api


def test_creating_answers_with_a_text_for_a_return_code(api: Api) -> None:
    assert api.ask("model/tag/create", tag_name="gold") == {
        "retcode": "'gold' tag has been created successfully.",
        "retmsg": "success",
    }


def test_a_tag_lives_from_creation_to_deletion(api: Api) -> None:
    api.ask("model/tag/create", tag_name="gold", tag_desc="the best")
    assert api.ask("model/tag/update", tag_name="gold", new_tag_name="au")["retmsg"] == (
        "Infomation of 'gold' tag has been updated successfully."
    )
    assert api.ask("model/tag/list", limit=10)["data"] == {
        "tags": [{"name": "au", "description": None, "model_count": 0}]
    }
    assert api.ask("model/tag/retrieve", tag_name="a", with_model=False)["data"] == {
        "tags": [{"name": "au", "description": None}]
    }
    assert api.ask("model/tag/destroy", tag_name="au")["retmsg"] == (
        "'au' tag has been deleted successfully."
    )
    assert api.ask("model/tag/retrieve", tag_name="au", with_model=True)["retmsg"] == (
        "Can not found 'au' tag."
    )


def test_a_model_is_tagged_by_its_version(api: Api) -> None:
    version = api.train()
    assert api.ask("model/model_tag/create", job_id=version, tag_name="gold")["retmsg"] == (
        f"Adding gold tag for model with job id: {version} successfully."
    )
    assert api.ask("model/model_tag/retrieve", job_id=version)["data"] == {
        "count": 1,
        "tags": [{"name": "gold", "description": None}],
    }
    found = api.ask("model/tag/retrieve", tag_name="gold", with_model=True)["data"]
    assert found["count"] == 3
    assert {model["role"] for model in found["models"]} == {"guest", "host", "arbiter"}
    assert found["models"][0]["model_size"] > 30
    removed = api.ask("model/model_tag/remove", job_id=version, tag_name="gold")
    assert removed["retmsg"].startswith("'gold' tag has been removed from tag list of model ")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("model/tag/nosuch", "The nosuch operation is not currently supported."),
        ("model/model_tag/nosuch", "'nosuch' is not currently supported."),
        ("model/tag/list", "'>' not supported between instances of 'NoneType' and 'int'"),
        ("model/tag/create", "'None' tag created failed. Please input a valid tag name."),
        ("model/model_tag/create", "Can not found model by job id: 'None'."),
    ],
)
def test_refusals(api: Api, path: str, text: str) -> None:
    assert api.ask(path) == {"retcode": 100, "retmsg": text}


def test_bodies_that_are_not_declared_as_json_are_not_seen(api: Api) -> None:
    response = api.client.post("/v1/model/tag/list", data=b'{"limit": 1}')
    assert json.loads(response.data)["retmsg"] == "'NoneType' object has no attribute 'get'"
