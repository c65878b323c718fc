"""The model buffers: every protobuf message a component saves, as the server renders it to JSON.

`messages.json` lists the fields of each message in order, with their types: ``[T]`` is a repeated field, ``map<K,V>``
a map, any name that is itself listed a sub-message. The rendering has every field, defaults included, 64-bit integers
as text, and leaves out sub-messages that were never set.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["fields_of", "message"]

_DEFAULTS: dict[str, Any] = {
    "string": "",
    "bool": False,
    "double": 0.0,
    "int32": 0,
    "uint32": 0,
    "int64": "0",
    "bytes": "",
}


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("messages.json").read_text(encoding="utf-8")
    catalogue: dict[str, dict[str, str]] = json.loads(text)
    return catalogue


def fields_of(name: str) -> dict[str, str]:
    """Return the fields of a message, name → type, in the order of their declaration.

    Raises:
        KeyError: no component saves such a message.
    """
    return _catalogue()[name]


def _scalar(kind: str, value: Any) -> Any:
    if kind == "double":
        number = float(value)
        if math.isfinite(number):
            return number
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if kind == "int64":
        return str(int(value))
    if kind in {"int32", "uint32"}:
        return int(value)
    if kind == "bool":
        return bool(value)
    return value


def message(name: str, /, **values: Any) -> dict[str, Any]:
    """Return a message as JSON: `values` where given (None means unset), defaults elsewhere.

    Args:
        name: the message, e.g. ``LRModelMeta``.
        values: by field name, as in JSON (lowerCamelCase).

    Raises:
        KeyError: the message is unknown, or has no field of such a name.
    """
    fields = fields_of(name)
    if unknown := values.keys() - fields.keys():
        raise KeyError(f"{name} has no {', '.join(sorted(unknown))}")
    document: dict[str, Any] = {}
    for field, kind in fields.items():
        value = values.get(field)
        if kind.startswith("["):
            inner = kind[1:-1]
            document[field] = [_scalar(inner, item) for item in value or ()]
        elif kind.startswith("map<"):
            inner = kind[4:-1].split(",")[1].strip()
            document[field] = {str(k): _scalar(inner, v) for k, v in (value or {}).items()}
        elif kind in _DEFAULTS:
            document[field] = _DEFAULTS[kind] if value is None else _scalar(kind, value)
        elif value is not None:
            document[field] = value
    return document
