"""component/validate: one component's parameters, checked on their own."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl import validate_component
from flowkit_mockserver.errors import HttpRefusal


def body(**more: Any) -> dict[str, Any]:
    return {
        "component_name": "lr_0",
        "component_module_name": "HeteroLR",
        "role": {"guest": [1], "host": [2]},
        "dsl_version": 2,
        "component_parameters": {"common": {"lr_0": {"max_iter": 3}}},
    } | more


def refusal(sent: Any) -> tuple[int, str]:
    with pytest.raises(HttpRefusal) as caught:
        validate_component(sent)
    return caught.value.code, caught.value.retmsg


def test_good_parameters_pass() -> None:
    validate_component(body())


def test_version_1_has_its_own_layout() -> None:
    sent = body(
        dsl_version="1",
        role_parameters={"host": {"lr_0": {"max_iter": [4]}}},
        algorithm_parameters={},
    )

    validate_component(sent)
    del sent["algorithm_parameters"]
    assert refusal(sent) == (400, "required parameters are missing: algorithm_parameters;")


@pytest.mark.parametrize("sent", [None, {}, [], "x"])
def test_there_has_to_be_a_body(sent: Any) -> None:
    assert refusal(sent) == (400, "bad request")


def test_the_version_has_to_be_known() -> None:
    assert refusal({"component_name": "a"}) == (400, "unsupported dsl_version")
    assert refusal(body(dsl_version="x")) == (500, "invalid literal for int() with base 10: 'x'")


def test_what_is_wrong_is_told_as_at_a_submit() -> None:
    wrong = body(component_parameters={"common": {"lr_0": {"max_iter": "bad"}}})

    assert refusal(wrong) == (
        400,
        "Component lr_0, module HeteroLR, does not pass component check,"
        " error msg is logistic_param's max_iter bad not supported, should be int type",
    )


def test_the_body_is_not_changed() -> None:
    sent = body(local={"x": 1}, component_parameters={"common": {"lr_0": {"alpha": 1}}})

    validate_component(sent)

    assert sent["local"] == {"x": 1}
