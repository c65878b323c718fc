"""Messages as JSON, the way the server renders them: what a component saves, and what a user sees of a model.

The rendering has every field, defaults included, 64-bit integers as text, numbers that JSON lacks as ``"NaN"`` and
``"Infinity"``, and leaves out sub-messages that were never set. It is made here rather than by the protobuf library,
which knows messages as bytes only and would have to be loaded for every component that saves a model; a test holds the
two to the same result.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from flowkit_mockserver.proto.catalogue import SCALARS, message_fields

__all__ = ["message"]


#: Digits of a number of single precision: as many as it surely has, and as many as tell it from its neighbours.
_SURE_DIGITS, _ALL_DIGITS = 6, 9


def _single(value: float) -> float:
    """Return the number with the fewest digits that single precision does not tell from `value`."""
    if not math.isfinite(value):
        return value
    (cut,) = struct.unpack("<f", struct.pack("<f", value))
    for digits in range(_SURE_DIGITS, _ALL_DIGITS):
        shown = float(f"{cut:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", shown))[0] == cut:
            return shown
    return float(f"{cut:.{_ALL_DIGITS}g}")


def _scalar(kind: str, value: Any) -> Any:
    if kind in {"double", "float"}:
        number = float(value) if kind == "double" else _single(float(value))
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
    fields = message_fields(name)
    if unknown := values.keys() - {field.json_name for field in fields}:
        raise KeyError(f"{name} has no {', '.join(sorted(unknown))}")
    document: dict[str, Any] = {}
    for field in fields:
        value, kind = values.get(field.json_name), field.kind
        if field.repeated:
            document[field.json_name] = [_scalar(kind, item) for item in value or ()]
        elif field.key is not None:
            document[field.json_name] = {
                str(key): _scalar(kind, item) for key, item in (value or {}).items()
            }
        elif kind in SCALARS:
            document[field.json_name] = SCALARS[kind] if value is None else _scalar(kind, value)
        elif value is not None:
            document[field.json_name] = value
    return document
