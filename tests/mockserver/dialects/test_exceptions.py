"""Exceptions as the servers show them."""

from __future__ import annotations

import pytest

from flowkit_mockserver.dialects.exceptions import (
    class_of,
    server_text,
    show_exception,
    show_text,
    traceback_of,
)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (KeyError("role"), "KeyError('role')"),
        (
            TypeError("string indices must be integers, not 'str'"),
            "TypeError('string indices must be integers')",
        ),
        (
            AttributeError("'list' object has no attribute 'get'"),
            "AttributeError(\"'list' object has no attribute 'get'\")",
        ),
        (ValueError(), "ValueError()"),
    ],
)
def test_an_exception_shows_as_its_repr(error: Exception, shown: str) -> None:
    assert show_exception(error) == shown


def test_words_are_those_of_the_servers_python() -> None:
    text = "int() argument must be a string, a bytes-like object or a real number, not 'list'"
    assert server_text(TypeError(text)) == text.replace("real number", "number")


def test_a_sentence_that_is_an_exception_shows_as_one() -> None:
    assert show_text("no found task") == "Exception('no found task')"
    assert show_text("Input of component x should be dict") == "ComponentInputTypeError()"
    assert show_text("no find table") == "no find table"
    assert class_of("no find table") is None


def test_a_traceback_ends_in_the_exception() -> None:
    assert traceback_of("'list' object has no attribute 'keys'") == (
        "Traceback (most recent call last):\n"
        "AttributeError: 'list' object has no attribute 'keys'\n"
    )
    assert traceback_of("dsl' s mode should be train or predict").splitlines()[-1] == (
        "fate_flow.utils.dsl_exception.ModeError: dsl' s mode should be train or predict"
    )
