"""What a value may be, in the words of JSON Schema: they check values, and stand in the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Field", "Schema", "check_fields", "check_value", "from_text"]

Schema = Mapping[str, Any]

_NAMES = {
    "string": "a text",
    "number": "a number",
    "integer": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "none",
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request.

    Attributes:
        name: what it is called.
        schema: what it may be; ``type``, ``enum``, ``minimum``, ``maximum``, ``maxLength``, ``pattern`` and ``items``
            are checked.
        meaning: what it is for, in a few words.
        required: whether it must be there.
    """

    name: str
    schema: Schema
    meaning: str
    required: bool = False


def check_fields(fields: Iterable[Field], given: Mapping[str, Any]) -> None:
    """Check the fields of a request.

    Raises:
        ValueError: one is missing, unknown, or none that it can be; the text names it.
    """
    known = {field.name: field for field in fields}
    required = {field.name for field in known.values() if field.required}
    if missing := sorted(required - given.keys()):
        raise ValueError(f"{', '.join(missing)} is missing")
    # A document of YAML can have keys that are no texts.
    if unknown := sorted(f"{name!s:.100}" for name in given.keys() - known.keys()):
        raise ValueError(f"{', '.join(unknown)} is unknown; known: {', '.join(sorted(known))}")
    for name, value in given.items():
        check_value(name, known[name].schema, value)


def check_value(name: str, schema: Schema, value: object) -> None:
    """Check one value.

    Raises:
        ValueError: it is none that the schema allows; the text names it and says what it may be.
    """
    if not _fits(schema, value):
        shown = repr(value)
        shown = shown if len(shown) <= 100 else f"{shown[:100]}…"
        raise ValueError(f"{name} must be {_describe(schema)}, got {shown}")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value, 1):
            check_value(f"{name}, item {number}", schema["items"], item)


def from_text(schema: Schema, text: str) -> Any:
    """Return the value that a text of a query stands for; the text itself where it is no such value."""
    kinds = _kinds(schema)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    for kind, read in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return read(text)
            except ValueError:
                continue
    return text


def _kinds(schema: Schema) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _fits(schema: Schema, value: object) -> bool:
    if "enum" in schema:
        return value in schema["enum"] and not isinstance(value, bool)
    kinds = _kinds(schema)
    if kinds and not any(_is_kind(kind, value) for kind in kinds):
        return False
    if isinstance(value, str):
        short = len(value) <= schema.get("maxLength", len(value))
        return short and re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Written so that a NaN is not within any bounds.
        above = "minimum" not in schema or value >= schema["minimum"]
        return above and ("maximum" not in schema or value <= schema["maximum"])
    return True


def _is_kind(kind: str, value: object) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES[kind])


def _describe(schema: Schema) -> str:
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    text = " or ".join(dict.fromkeys(_NAMES[kind] for kind in _kinds(schema)))
    if "minimum" in schema and "maximum" in schema:
        text += f" from {schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        text += f" from {schema['minimum']} on"
    if "maxLength" in schema:
        text += f" of at most {schema['maxLength']} characters"
    if "pattern" in schema:
        text += f" like {schema['pattern']}"
    return text
