"""The first place where two JSON values differ, in words."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["find_difference", "shorten"]

LONGEST = 80


def find_difference(recorded: Any, live: Any, where: str = "") -> str | None:
    """Return the first place where two JSON values differ; None when they are equal."""
    if isinstance(recorded, dict) and isinstance(live, dict):
        for name in sorted(recorded.keys() | live.keys()):
            path = f"{where}.{name}" if where else name
            if name not in live:
                return f"{path}: recorded {shorten(recorded[name])}, not sent now"
            if name not in recorded:
                return f"{path}: {shorten(live[name])} now, not recorded"
            if found := find_difference(recorded[name], live[name], path):
                return found
        return None
    if isinstance(recorded, list) and isinstance(live, list):
        if len(recorded) != len(live):
            return f"{where or 'list'}: {len(recorded)} items recorded, {len(live)} now"
        for place, (one, other) in enumerate(zip(recorded, live, strict=True)):
            if found := find_difference(one, other, f"{where}[{place}]"):
                return found
        return None
    if recorded == live and type(recorded) is type(live):
        return None
    return f"{where or 'value'}: recorded {shorten(recorded)}, now {shorten(live)}"


def shorten(value: Any) -> str:
    """Return a value as JSON text of at most 80 characters."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
