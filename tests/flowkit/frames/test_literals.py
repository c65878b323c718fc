"""Values as Python writes them."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit.frames.literals import parse_literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'0': 0.5}", {"0": 0.5}),
        ("{0: 1, 1: -2}", {"0": 1, "1": -2}),
        ("[1.5, 2]", [1.5, 2]),
        ("(1, 2)", [1, 2]),
        ("{'a': [1, {'b': None}]}", {"a": [1, {"b": None}]}),
        ("-inf", -float("inf")),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert parse_literal(text) == value


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd()", "{'a': open}", "[x for x in 'ab']", "{**{}}x", "", "1 +"]
)
def test_nothing_is_run(text: str) -> None:
    with pytest.raises(ValueError, match="is no value"):
        parse_literal(text)


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match=r"is no value|characters"):
        parse_literal("[" * 100_000)
    with pytest.raises(ValueError, match="1000001 characters"):
        parse_literal("1" * 1_000_001)
