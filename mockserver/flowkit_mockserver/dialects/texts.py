"""What the checks of parameters say in the later lines where they say something else than 1.6.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["later_text"]

#: How a text of 1.6.1 begins → what stands in its place; parameters in braces.
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"^logistic_param's penalty not supported,.*$"),
        "penalty {penalty} not supported, penalty should be 'L1', 'L2' or 'NONE'",
    ),
    (
        re.compile(r"^penalty .* not supported, penalty should be 'L1', 'L2' or 'none'$"),
        "penalty {penalty} not supported, penalty should be 'L1', 'L2' or 'NONE'",
    ),
    (re.compile(r"^logistic_param's "), "linear model param's "),
)


def later_text(text: str, values: Mapping[str, Any]) -> str:
    """Return a text as the later lines have it.

    Args:
        text: the text of 1.6.1.
        values: the parameters that were checked.
    """
    # It is told as it was compared, in capitals.
    shown = {**values, "penalty": str(values.get("penalty")).upper()}
    for pattern, replacement in _TEXTS:
        if pattern.search(text):
            return pattern.sub(lambda _, new=replacement: new.format_map(shown), text)  # type: ignore[misc]
    return text
