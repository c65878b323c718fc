"""The OpenAPI document of the control API is valid, complete and true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from flowkit_mockserver import MockServer
from flowkit_mockserver.control.openapi import describe
from flowkit_mockserver.control.verbs import VERBS


@pytest.fixture(scope="module")
def document() -> Any:
    with MockServer() as mock:
        return mock.app.test_client().get("/_flowkit/openapi.json").json


def test_it_is_valid_and_served(document: Any) -> None:
    validate(document)
    assert document == json.loads(json.dumps(describe()))
    assert document["openapi"] == "3.1.0"


def test_every_verb_is_in_it_and_nothing_else(document: Any) -> None:
    found = {
        (operation["operationId"], method.upper(), path.removeprefix("/_flowkit"))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == {(verb.name, verb.method, verb.path) for verb in VERBS}


def test_bodies_and_queries_are_the_fields_of_the_table(document: Any) -> None:
    for verb in VERBS:
        operation = document["paths"][f"/_flowkit{verb.path}"][verb.method.lower()]
        names = {one["name"] for one in operation.get("parameters", ())}
        if verb.method == "POST":
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            names |= set(schema["properties"])
            required = {field.name for field in verb.fields if field.required}
            assert set(schema.get("required", ())) == required
            assert schema["additionalProperties"] is False
        if verb.method != "PUT":
            assert names == {field.name for field in verb.fields}, verb.name


def test_what_is_answered_has_the_members_that_it_names(document: Any) -> None:
    schemas = document["components"]["schemas"]
    with MockServer() as mock, mock.client() as flow:
        before = mock.snapshot()
        flow.tag.create("gold")
        (entry,) = mock.requests()
        difference = mock.diff(before)
    assert set(entry.to_document()) == set(schemas["Entry"]["properties"])
    assert set(difference.to_document()) == set(schemas["Difference"]["properties"])
    assert set(difference.to_document()["items"][0]) == set(schemas["Item"]["properties"])
    assert schemas["Entry"]["properties"]["retcode"] == {"type": ["integer", "string", "null"]}
