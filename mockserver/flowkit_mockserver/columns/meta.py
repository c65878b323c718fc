"""What the meta of a table says of its columns, on the lines that keep one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["column_meta"]

_DEFAULTS: Mapping[str, Any] = {
    "data_type": "float64",
    "delimiter": ",",
    "id_range": 0,
    "input_format": "dense",
    "label_name": "y",
    "label_type": "int",
    "tag_value_delimiter": ":",
    "tag_with_value": False,
    "with_label": False,
    "with_match_id": False,
}


def column_meta(given: Mapping[str, Any], *, numbered: bool) -> dict[str, Any]:
    """Return the meta of a table: what was given, and the defaults for the rest.

    Args:
        given: what the request says; a value that is null is left out.
        numbered: whether the rows are numbered, so that their own keys are match ids.
    """
    meta = {**_DEFAULTS, **given}
    if numbered:
        meta["with_match_id"] = True
    if not meta["with_label"]:
        meta |= {"label_name": None, "label_type": None}
    return {name: value for name, value in meta.items() if value is not None}
