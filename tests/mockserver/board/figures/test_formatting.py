"""How values look on the pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowkit_mockserver.board.figures.formatting import (
    DASH,
    MOST_CHARACTERS,
    as_json,
    show_moment,
    show_number,
    show_seconds,
    show_time,
    show_value,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, DASH), (0.04, "0.0 s"), (9.96, "10.0 s"), (12.4, "12 s"), (185, "3 min 5 s"), (7440, "2 h 4 min")],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert show_seconds(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8696428571, "0.869643"), (1e-9, "1e-09"), (1234567, "1234567"), (float("nan"), "nan"),
        (float("-inf"), "-inf"), (True, "True"), ("<b>", "<b>"), (None, DASH),
    ],
)  # fmt: skip
def test_numbers(value: object, text: str) -> None:
    assert show_number(value) == text


def test_moments() -> None:
    assert show_time(datetime(2026, 11, 28, 2, 3, 4, 567000, UTC)) == "2026-11-28 02:03:04"
    assert show_time(None) == DASH
    assert show_moment(0.0) == "1970-01-01 00:00:00 UTC"
    assert show_moment(1e300).endswith(" seconds since 1970")


def test_values_and_documents() -> None:
    assert show_value("as it is") == "as it is"
    assert show_value({"0": 0.5}) == '{"0": 0.5}'
    assert as_json({"ä": [1]}) == '{\n  "ä": [\n    1\n  ]\n}'


def test_what_is_left_out_of_a_long_document_is_counted() -> None:
    text = as_json("x" * (MOST_CHARACTERS + 10))

    assert text.endswith("12 more characters are not shown")
