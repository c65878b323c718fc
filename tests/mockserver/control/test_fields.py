"""Values are checked by schemas, and the text says what a value may be."""

from __future__ import annotations

import pytest

from flowkit_mockserver.control.fields import Field, check_fields, check_value, from_text

FIELDS = (
    Field("seconds", {"type": "number", "minimum": 0}, "how long", required=True),
    Field("role", {"enum": ["guest", "host"]}, "where"),
    Field("names", {"type": "array", "items": {"type": "string"}}, "who"),
)


def test_fields_that_fit_pass() -> None:
    check_fields(FIELDS, {"seconds": 1.5, "role": "guest", "names": ["a", "b"]})


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "seconds is missing"),
        ({"seconds": 1, "minutes": 2}, "minutes is unknown; known: names, role, seconds"),
        ({"seconds": "1"}, "seconds must be a number from 0 on, got '1'"),
        ({"seconds": True}, "seconds must be a number from 0 on, got True"),
        ({"seconds": float("nan")}, "seconds must be a number from 0 on, got nan"),
        ({"seconds": 1, "role": "judge"}, "role must be one of guest, host, got 'judge'"),
        ({"seconds": 1, "names": "a"}, "names must be a list, got 'a'"),
        ({"seconds": 1, "names": ["a", 2]}, "names, item 2 must be a text, got 2"),
    ],
)
def test_others_are_named(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=r"^") as raised:
        check_fields(FIELDS, given)
    assert str(raised.value) == why


def test_a_text_has_a_length_and_a_form() -> None:
    schema = {"type": "string", "maxLength": 3, "pattern": "^[a-z]+$"}

    check_value("name", schema, "abc")
    with pytest.raises(ValueError, match="name must be a text of at most 3 characters like"):
        check_value("name", schema, "abcd")
    with pytest.raises(ValueError, match="got 'A'"):
        check_value("name", schema, "A")


def test_what_is_shown_of_a_value_is_short() -> None:
    with pytest.raises(ValueError, match=r"^") as raised:
        check_value("name", {"type": "number"}, "x" * 10_000)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", "a", "a"),
        ("number", "1.5", 1.5),
        ("boolean", "true", True),
        ("boolean", "yes", "yes"),
        ("string", "12", "12"),
    ],
)
def test_a_query_holds_texts(kind: str, text: str, value: object) -> None:
    assert from_text({"type": [kind, "null"]}, text) == value
