"""HTML and SVG made of elements; every text and every attribute is escaped, so that none can become markup."""

from __future__ import annotations

import re
from html import escape

__all__ = ["Markup", "element", "join"]

#: What XML has no place for, escaped or not.
IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Markup(str):
    """Markup that `element` made; any other text is escaped when it becomes part of an element."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: object) -> Markup:
    """Return an element.

    Args:
        tag: its name.
        children: elements, or texts, which are escaped.
        attributes: by name; an underscore stands for a hyphen, one at the end is dropped
            (``class_``). None leaves one out, True leaves its value out.
    """
    written = [
        f" {_name(name)}{_value(value)}" for name, value in attributes.items() if value is not None
    ]
    return Markup(f"<{tag}{''.join(written)}>{join(*children)}</{tag}>")


def join(*parts: str) -> Markup:
    """Return elements and texts one after the other; texts are escaped."""
    return Markup("".join(part if isinstance(part, Markup) else _text(part) for part in parts))


def _text(text: str) -> str:
    return escape(IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text))


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    if value is True:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f'="{_text(text)}"'
