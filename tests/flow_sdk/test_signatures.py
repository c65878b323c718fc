"""The official SDK's signatures, 1.6.1's and 1.11.3's: what they take, the drop-in takes."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flow_sdk.client import FlowClient

FACTS = json.loads(Path(__file__).with_name("official_signatures.json").read_text("utf-8"))
METHODS = [
    pytest.param(name, signature, id=f"{version} {name}")
    for version, methods in FACTS.items()
    for name, signature in methods.items()
    if name != "FlowClient"
]

# What has another default here, and why.
OTHER_DEFAULTS = {
    # FATE's user guide says 10, the SDK -1, everything.
    ("component.output_data", "limit"),
}
# 1.11 has other names for the same arguments in the same places.
RENAMED = {
    ("job.submit", "config_data"): "conf_path",
    ("job.submit", "dsl_data"): "dsl_path",
    ("job.generate_dsl", "train_dsl"): "train_dsl_path",
    ("job.generate_dsl", "cpn"): None,
    **{
        (name, "config_data"): "conf_path"
        for name in (
            "data.download",
            "data.upload",
            "model.bind",
            "model.export_model",
            "model.homo_convert",
            "model.homo_deploy",
            "model.import_model",
            "model.load",
            "model.migrate",
        )
    },
}


def method(name: str) -> Any:
    group, _, attribute = name.partition(".")
    return getattr(getattr(FlowClient("127.0.0.1", 9380, "v1"), group), attribute)


@pytest.mark.parametrize("version", FACTS)
def test_the_client_takes_what_the_official_one_takes(version: str) -> None:
    ours = list(inspect.signature(FlowClient).parameters)
    official = [parameter["name"] for parameter in FACTS[version]["FlowClient"]]
    assert ours[: len(official)] == official


@pytest.mark.parametrize(("name", "official"), METHODS)
def test_arguments_are_taken_by_name(name: str, official: list[dict[str, Any]]) -> None:
    ours = inspect.signature(method(name)).parameters
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in ours.values())
    for parameter in official:
        if parameter.get("kind") != "keywords":
            assert parameter["name"] in ours or anything


@pytest.mark.parametrize(("name", "official"), METHODS)
def test_arguments_are_taken_in_order_with_their_defaults(
    name: str, official: list[dict[str, Any]]
) -> None:
    ours = [
        parameter
        for parameter in inspect.signature(method(name)).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    for place, parameter in enumerate(official):
        if parameter.get("kind"):
            break
        expected = RENAMED.get((name, parameter["name"]), parameter["name"])
        if expected is None:
            continue
        assert ours[place].name == expected
        if "default" in parameter and (name, expected) not in OTHER_DEFAULTS:
            assert ours[place].default == parameter["default"]


@pytest.mark.parametrize(("name", "official"), METHODS)
def test_nothing_is_required_that_was_not(name: str, official: list[dict[str, Any]]) -> None:
    theirs = {parameter["name"] for parameter in official}
    if any(parameter.get("kind") == "keywords" for parameter in official):
        return  # checked inside the official method, as here by the signature
    for parameter in inspect.signature(method(name)).parameters.values():
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            assert parameter.name in theirs


def sent(server: Server) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(server.requests[-1].read())
    return body


@pytest.fixture
def server() -> Server:
    return Server(envelope([]))


@pytest.fixture
def client(server: Server) -> FlowClient:
    return FlowClient("127.0.0.1", 9380, "v1", plugins=[server])


def test_a_query_has_the_component_before_the_status(client: FlowClient, server: Server) -> None:
    client.job.query("1", "guest", 9999, "hetero_lr_0", "success")
    assert sent(server) == {
        "job_id": "1",
        "role": "guest",
        "party_id": "9999",
        "component_name": "hetero_lr_0",
        "status": "success",
    }


def test_a_status_in_fourth_place_is_one(client: FlowClient, server: Server) -> None:
    client.job.query("1", "guest", 9999, "success")
    assert sent(server) == {"job_id": "1", "role": "guest", "party_id": "9999", "status": "success"}


def test_a_model_is_loaded_by_job_alone(client: FlowClient, server: Server) -> None:
    assert client.model.load(None, "202106010203040506070")["retcode"] == 0
    assert sent(server) == {"job_id": "202106010203040506070"}


def test_there_is_no_history_of_downloads(client: FlowClient, server: Server) -> None:
    assert client.data.download_history() is None
    assert not server.requests


def test_the_toy_job_can_be_had_without_submitting(client: FlowClient) -> None:
    conf = client.test.toy_conf("9999", "10000", task_cores=4, timeout=60)
    assert conf["role"] == {"guest": [9999], "host": [10000]}
    assert conf["job_parameters"]["common"] == {"task_cores": 4}
    assert list(client.test.toy_dsl()["components"]) == ["secure_add_example_0"]
