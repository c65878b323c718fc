"""Protocol buffers, as much of them as model buffers need: messages to bytes and back, by way of JSON.

The JSON is the canonical one with defaults filled in, which is what `component/output/model` shows: names in
lowerCamelCase, 64-bit integers as text, bytes in base64, absent sub-messages left out.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from flowkit_mockserver.models.definitions import Field, message_fields

__all__ = ["DecodeError", "decode", "encode", "encode_bytes_field", "scan"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_INTEGERS = {"int32", "int64", "uint32"}
_WIDE = {"int64"}
_SCALARS: dict[str, Any] = {
    "string": "",
    "bytes": "",
    "bool": False,
    "double": 0.0,
    "int32": 0,
    "uint32": 0,
    "int64": "0",
}
#: Nothing that FATE defines nests deeper than this; a buffer that does was made to exhaust the stack.
_DEEPEST = 16


class DecodeError(ValueError):
    """The bytes are not a message of that kind."""


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_bytes_field(number: int, value: bytes) -> bytes:
    """Return a field of type bytes (or string, or a message) on its own."""
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def encode(message: str, document: Mapping[str, Any]) -> bytes:
    """Return the bytes of a message; fields that have their default are left out.

    Args:
        message: its name, e.g. ``LRModelParam``.
        document: its JSON; members that the message does not have are ignored.

    Raises:
        KeyError: there is no such message.
    """
    return b"".join(
        _encode_field(field, document[field.json_name])
        for field in message_fields(message)
        if document.get(field.json_name) is not None
    )


def _encode_field(field: Field, value: Any) -> bytes:
    if field.key is not None:
        key_field = Field("key", "key", 1, field.key)
        value_field = Field("value", "value", 2, field.kind)
        return b"".join(
            encode_bytes_field(
                field.number,
                _encode_single(key_field, key) + _encode_single(value_field, item),
            )
            for key, item in value.items()
        )
    if field.repeated:
        if field.kind in _SCALARS and field.kind not in {"string", "bytes"}:
            packed = b"".join(_payload(field.kind, item) for item in value)
            return encode_bytes_field(field.number, packed) if packed else b""
        return b"".join(_encode_single(field, item) for item in value)
    if field.kind in _SCALARS and _is_default(field.kind, value):
        return b""
    return _encode_single(field, value)


def _is_default(kind: str, value: Any) -> bool:
    if kind == "double":
        number = float(value)
        return number == 0 and math.copysign(1, number) > 0
    if kind in _INTEGERS:
        return int(value) == 0
    return not value


def _encode_single(field: Field, value: Any) -> bytes:
    kind = field.kind
    if kind == "string":
        return encode_bytes_field(field.number, str(value).encode())
    if kind == "bytes":
        return encode_bytes_field(field.number, base64.b64decode(value))
    if kind not in _SCALARS:
        return encode_bytes_field(field.number, encode(kind, value))
    wire = _FIXED64 if kind == "double" else _VARINT
    return _varint(field.number << 3 | wire) + _payload(kind, value)


def _payload(kind: str, value: Any) -> bytes:
    return struct.pack("<d", float(value)) if kind == "double" else _varint(int(value))


def scan(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and the raw value of each field, known or not.

    Raises:
        DecodeError: the bytes end in the middle of a field, or are no message at all.
    """
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _read_varint(data, position)
            yield number, value
            continue
        if wire == _BYTES:
            size, position = _read_varint(data, position)
        elif wire == _FIXED64:
            size = 8
        elif wire == _FIXED32:
            size = 4
        else:
            raise DecodeError(f"unknown wire type {wire}")
        end = position + size
        if number == 0 or end > len(data):
            raise DecodeError("the message is cut off")
        yield number, data[position:end]
        position = end


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, position
        shift += 7
    raise DecodeError("the message is cut off")


def decode(message: str, data: bytes, *, depth: int = 0) -> dict[str, Any]:
    """Return the JSON of a message with defaults filled in; unknown fields are ignored.

    Raises:
        DecodeError: the bytes are no such message.
        KeyError: there is no such message.
    """
    if depth > _DEEPEST:
        raise DecodeError("the message is nested too deeply")
    fields = {field.number: field for field in message_fields(message)}
    document: dict[str, Any] = {}
    for field in fields.values():
        if field.key is not None:
            document[field.json_name] = {}
        elif field.repeated:
            document[field.json_name] = []
        elif field.kind in _SCALARS:
            document[field.json_name] = _SCALARS[field.kind]
    for number, raw in scan(data):
        if number in fields:
            _read_field(fields[number], raw, document, depth)
    return document


def _read_field(field: Field, raw: int | bytes, document: dict[str, Any], depth: int) -> None:
    name = field.json_name
    if field.key is not None:
        key: Any = _SCALARS[field.key]
        value: Any = _SCALARS.get(field.kind, {})
        for number, part in scan(_as_bytes(raw)):
            if number == 1:
                key = _value(field.key, part, depth)
            elif number == 2:
                value = _value(field.kind, part, depth)
        document[name][str(key)] = value
    elif not field.repeated:
        document[name] = _value(field.kind, raw, depth)
    elif (
        isinstance(raw, bytes) and field.kind in _SCALARS and field.kind not in {"string", "bytes"}
    ):
        document[name].extend(_unpack(field.kind, raw, depth))
    else:
        document[name].append(_value(field.kind, raw, depth))


def _unpack(kind: str, data: bytes, depth: int) -> Iterator[Any]:
    """Yield the numbers of a packed list, or the one number of an unpacked element."""
    if kind == "double":
        for start in range(0, len(data), 8):
            yield _value(kind, data[start : start + 8], depth)
        return
    position = 0
    while position < len(data):
        value, position = _read_varint(data, position)
        yield _value(kind, value, depth)


def _as_bytes(raw: int | bytes) -> bytes:
    if isinstance(raw, int):
        raise DecodeError("a number stands where bytes belong")
    return raw


def _value(kind: str, raw: int | bytes, depth: int) -> Any:
    if kind == "string":
        try:
            return _as_bytes(raw).decode()
        except UnicodeDecodeError as error:
            raise DecodeError("a text is not UTF-8") from error
    if kind == "bytes":
        return base64.b64encode(_as_bytes(raw)).decode()
    if kind not in _SCALARS:
        return decode(kind, _as_bytes(raw), depth=depth + 1)
    if kind == "double":
        data = _as_bytes(raw)
        if len(data) != 8:
            raise DecodeError("the message is cut off")
        return _json_double(struct.unpack("<d", data)[0])
    if isinstance(raw, bytes):
        raise DecodeError("bytes stand where a number belongs")
    if kind == "bool":
        return raw != 0
    number = raw - (1 << 64) if kind != "uint32" and raw >> 63 else raw
    return str(number) if kind in _WIDE else number


def _json_double(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
