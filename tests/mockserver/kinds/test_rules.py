from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.kinds.rules import (
    Rule,
    among,
    at_least,
    cased,
    each,
    ensure,
    given,
    holds,
    instance,
    kind,
    lowered,
    need,
    nested,
    optional,
    respelled,
    run,
    when,
    whole_within,
    within,
)


def refusal(rule: Rule, **values: Any) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is tested
        rule(values)
    return str(caught.value)


def test_a_type_by_name_is_exact_and_an_instance_is_not() -> None:
    assert kind("int")(1)
    assert not kind("int")(True)
    assert instance(int)(True)


def test_tests_of_one_value() -> None:
    assert given(0)
    assert not given(None)
    assert among("a", "b")("b")
    assert at_least(2)(2)
    assert not within(0, 1)(1.5)
    assert whole_within(0, 63)(23)
    assert not whole_within(0, 63)(2.5)


def test_the_text_names_the_value() -> None:
    assert refusal(need("k", at_least(2), "k {} is too small"), k=1) == "k 1 is too small"


def test_null_passes_what_is_optional() -> None:
    rule = optional("k", at_least(2), "k {} is too small")
    rule({"k": None})
    assert refusal(rule, k=1) == "k 1 is too small"


def test_letters_are_put_right_for_the_rules_behind() -> None:
    values = {"mode": "STRICT", "penalty": "l2", "method": "paillier"}

    run(
        (
            lowered("mode", "mode", ["strict"]),
            cased("penalty", str.upper, ["L2"], "{}"),
            respelled("method", {"paillier": "Paillier"}, "{} is no cipher"),
        ),
        values,
    )

    assert values == {"mode": "strict", "penalty": "L2", "method": "Paillier"}


def test_a_spelling_that_nobody_knows_is_refused() -> None:
    rule = respelled("method", {"paillier": "Paillier"}, "{} is no cipher")
    rule({"method": None})
    assert refusal(rule, method="ROT13") == "rot13 is no cipher"


def test_every_element_is_tested() -> None:
    assert refusal(each("names", kind("str"), "{} is no name"), names=["a", 1]) == "1 is no name"


def test_parameters_can_depend_on_each_other() -> None:
    rule = when(
        holds("top", given), ensure(lambda values: values["top"] < values["all"], "{top} of {all}")
    )
    rule({"top": None, "all": 1})
    assert refusal(rule, top=2, all=1) == "2 of 1"


def test_nested_parameters_have_rules_of_their_own() -> None:
    rule = nested("inner", (need("k", at_least(2), "k {} is too small"),))
    assert refusal(rule, inner={"k": 0}) == "k 0 is too small"
