"""Texts of a server on a terminal: what would move its cursor, colour it or turn its writing round is shown."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["visible"]

#: The control characters of ASCII and of Latin 1, and those that change the direction of what follows.
_CONTROLS = (
    *(number for number in range(32) if chr(number) not in "\n\t"),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_SHOWN: Mapping[int, str] = {
    number: f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" for number in _CONTROLS
}
_IN_LINE: Mapping[int, str] = {**_SHOWN, ord("\n"): "\\n", ord("\t"): "\\t"}


def visible(text: str, *, line: bool = False) -> str:
    r"""Return a text with ``\x1b`` and the like in place of what no terminal should obey.

    Args:
        text: the text.
        line: whether it must stay in one line, and in one cell of a table with tabs.
    """
    return (
        text
        if text.isascii() and text.isprintable()
        else text.translate(_IN_LINE if line else _SHOWN)
    )
