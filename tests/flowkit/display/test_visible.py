"""What a terminal must not obey, as what it shows."""

from __future__ import annotations

import pytest

from flowkit.display.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is", "as it is"),
        ("größe ✓ 三", "größe ✓ 三"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b2J\r\x08\x7f", "\\x9b2J\\x0d\\x08\\x7f"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
    ],
)
def test_control_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_line_stays_one() -> None:
    assert visible("a\tb\nc", line=True) == "a\\tb\\nc"
