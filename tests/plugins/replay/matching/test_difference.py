"""The first difference of two JSON values, in words."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_replay.matching.difference import find_difference


@pytest.mark.parametrize(
    ("recorded", "live", "words"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]: recorded 2, now 3"),
        ({"a": 1}, {}, "a: recorded 1, not sent now"),
        ({}, {"a": 1}, "a: 1 now, not recorded"),
        ([1], [1, 2], "list: 1 items recorded, 2 now"),
        ({"a": 1}, {"a": "1"}, 'a: recorded 1, now "1"'),
        ("ä", "ö", 'value: recorded "ä", now "ö"'),
        ({"a": 1}, {"a": 1}, None),
    ],
)
def test_it_is_reported_path_by_path(recorded: Any, live: Any, words: str | None) -> None:
    assert find_difference(recorded, live) == words


def test_long_values_are_shortened() -> None:
    found = find_difference({"a": "x" * 1000}, {"a": "y"})
    assert found == f'a: recorded "{"x" * 78}…, now "y"'
