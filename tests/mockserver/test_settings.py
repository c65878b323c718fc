"""What a server is told when it is made."""

from __future__ import annotations

import pytest

from flowkit_mockserver.settings import parse_pace


@pytest.mark.parametrize(
    ("value", "pace"),
    [("instant", 0.0), ("manual", "manual"), ("0.3", 0.3), (2, 2.0), (0.0, 0.0)],
)
def test_a_pace_is_a_word_or_seconds(value: str | float, pace: object) -> None:
    assert parse_pace(value) == pace


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf", -0.5, ""])
def test_any_other_pace_is_refused(value: str | float) -> None:
    with pytest.raises(ValueError, match="pace must be"):
        parse_pace(value)
