"""The OpenAPI document: valid, true of what the server answers, and nothing that fits it breaks the server."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import validate

from flowkit import OPERATIONS
from flowkit.servers import LINES
from flowkit_mockserver import MockServer, Settings, create_app
from flowkit_mockserver.settings import Demand
from flowkit_mockserver.wire.service.openapi import describe

FIRST, SIXTH, LAST = "1.5", "1.6.1", "1.11"
#: Requests of each kind to each operation.
EXAMPLES = 4
CHECKS = (
    "content_type_conformance",
    "not_a_server_error",
    "response_schema_conformance",
    "status_code_conformance",
)
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def document(version: str) -> dict[str, Any]:
    with MockServer(fate_version=version) as mock:
        return describe(mock.app, mock.state.dialect)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_it_is_valid_and_has_every_operation_and_route_of_the_line(line: Any) -> None:
    found = document(line.name)
    validate(found)
    described = {one["operationId"] for path in found["paths"].values() for one in path.values()}
    with MockServer(fate_version=line.name) as mock:
        adapter = mock.app.url_map.bind("x")
        for operation in OPERATIONS:
            if operation.is_on(line):
                _, method, path = operation.route_on(line)
                # Two operations may share a place; the first of the table gives it its name.
                place = found["paths"].get(f"/v1/{path}", {})
                shared = method.lower() in place or "<" in path
                assert (
                    operation.name in described or shared or not adapter.test(f"/v1/{path}", method)
                )
        for rule in mock.app.url_map.iter_rules():
            if rule.rule.startswith("/v1/") and "<" not in rule.rule:
                assert rule.rule in found["paths"]


def test_it_says_what_is_known_of_an_operation() -> None:
    submit = document(SIXTH)["paths"]["/v1/job/submit"]["post"]
    assert submit["operationId"] == "job.submit"
    assert submit["tags"] == ["job"]
    schema = submit["requestBody"]["content"]["application/json"]["schema"]
    assert {name: one["type"] for name, one in schema["properties"].items()} == {
        "job_dsl": "object",
        "job_runtime_conf": "object",
    }


def test_what_a_line_checks_first_is_required_there_and_optional_before() -> None:
    def required(version: str) -> list[str]:
        post = document(version)["paths"]["/v1/job/url/get"]["post"]
        schema = post["requestBody"]["content"]["application/json"]["schema"]
        found: list[str] = schema.get("required", [])
        return found

    assert required(SIXTH) == []
    assert required(LAST) == ["job_id", "role", "party_id"]


def test_it_is_served_to_anybody() -> None:
    web = create_app(Settings(require_auth=Demand("bearer", "", "s3cret"))).test_client()
    answer = web.get("/openapi.json", headers={"Host": "docs.example"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["info"]["title"].startswith("FATE Flow 1.6")


# schemathesis does not close an answer that is a file.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", list(schemathesis.GenerationMode), ids=lambda kind: kind.name)
@pytest.mark.parametrize("version", [FIRST, SIXTH, LAST])
def test_generated_requests_are_answered_as_it_says(version: str, kind: Any) -> None:
    app = create_app(Settings(fate_version=version))
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    checks = [one for one in schemathesis.checks.CHECKS.get_all() if one.__name__ in CHECKS]
    assert len(checks) == len(CHECKS)
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @GENERATED
        @given(case=operation.as_strategy(generation_mode=kind))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call()
            documented = str(answer.status_code) in case.operation.definition.raw["responses"]
            case.validate_response(
                answer,
                checks=[
                    one
                    for one in checks
                    if not (documented and one.__name__ == "not_a_server_error")
                ],
            )

        try:
            ask()
        except Unsatisfiable:
            assert (
                kind is schemathesis.GenerationMode.NEGATIVE
            )  # it takes no body, whatever is in it
    assert asked > EXAMPLES * 50
