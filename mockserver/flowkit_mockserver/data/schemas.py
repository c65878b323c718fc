"""What the schema of a table says on the later lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["anonymous_schema", "shown_schema"]

_ANONYMOUS_LABEL = "y"


def anonymous_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a table with a meta: the names of features and label apart, and names without meaning."""
    names = str(schema["header"]).split(",")
    meta = schema["meta"]
    label = meta["label_name"] if meta.get("with_label") else None
    features = [name for name in names if name != label]
    found: dict[str, Any] = {
        "anonymous_header": [f"x{index}" for index in range(len(features))],
        "header": features,
        "meta": meta,
        "original_index_info": {
            "header_index": [index for index, name in enumerate(names) if name != label]
        },
        "sid": schema["sid"],
    }
    if label in names:
        found["original_index_info"]["label_index"] = names.index(label)
        found |= {"anonymous_label": _ANONYMOUS_LABEL, "label_name": label}
    return found


def shown_schema(schema: Mapping[str, Any], notes: Mapping[str, Any], *, described: bool) -> Any:
    """Return the schema of a table as its description shows it.

    Args:
        schema: as it is kept.
        notes: what has been noted about the table.
        described: whether the server keeps what the columns of the table are, as from 1.9 on; servers before it show
            the schema as it is, ``{}`` where the upload named no columns.
    """
    if not described:
        return schema
    if schema.get("meta") and not notes.get("recovered"):
        return anonymous_schema(schema)
    return {"header": "", "meta": {}, "sid": "", **schema}
