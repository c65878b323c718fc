"""How values look on the pages: the filters of the templates."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from flask import Flask

__all__ = [
    "add_filters",
    "as_json",
    "show_moment",
    "show_number",
    "show_seconds",
    "show_time",
    "show_value",
]

#: The most characters of a document that a page shows; the rest is told to be there.
MOST_CHARACTERS = 400_000
#: Stands where there is no value.
DASH = "\N{EN DASH}"


def show_time(value: datetime | None) -> str:
    """Return a date to the second; a dash for none."""
    return DASH if value is None else value.strftime("%Y-%m-%d %H:%M:%S")


def show_moment(seconds: float) -> str:
    """Return a moment, given in seconds since 1970, in UTC."""
    try:
        return f"{show_time(datetime.fromtimestamp(seconds, UTC))} UTC"
    except (OverflowError, OSError, ValueError):  # a mock's time can be moved beyond any calendar
        return f"{seconds:.0f} seconds since 1970"


def show_seconds(value: float | None) -> str:
    """Return a duration: ``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 4 min``; a dash for none."""
    if value is None:
        return DASH
    if value < 10:
        return f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def show_number(value: Any) -> str:
    """Return a number with six digits at most; what is none as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return DASH if value is None else str(value)
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return f"{value:.6g}"


def show_value(value: Any) -> str:
    """Return a value of a document in one line: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def as_json(value: Any) -> str:
    """Return a value as indented JSON; of a very long one the beginning, and how much is left out."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    left_out = len(text) - MOST_CHARACTERS
    if left_out <= 0:
        return text
    return f"{text[:MOST_CHARACTERS]}\n… {left_out} more characters are not shown"


def add_filters(app: Flask) -> None:
    """Let the templates of an application use these."""
    app.jinja_env.filters.update(
        time=show_time,
        moment=show_moment,
        seconds=show_seconds,
        number=show_number,
        value=show_value,
        document=as_json,
    )
