"""The catalogue of protobuf messages: every message that a component saves, and the definition files of FATE 1.6.1.

`catalogue.json` beside this file lists, for each file, its messages, and for each message its fields as
``[name, number, type]``; `catalogue_later.json` has the messages of kinds that came later. A message that a later line
has under the name of an earlier one has that behind its name here (``HomoNNParam@later``), and only here:
`shown_name` is what the world sees. JSON (`documents`), bytes (`wire`) and the texts of the files all follow from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

__all__ = [
    "SCALARS",
    "Field",
    "definition_files",
    "fields_by_file",
    "later_message",
    "message_fields",
    "package_of",
    "shown_name",
    "wider_message",
]

#: The scalar types that occur, each with what JSON shows of a field that was never set.
SCALARS: Mapping[str, Any] = MappingProxyType(
    {
        "string": "",
        "bytes": "",
        "bool": False,
        "double": 0.0,
        "float": 0.0,
        "int32": 0,
        "uint32": 0,
        "int64": "0",
    }
)


#: What stands behind the name of a message that the later lines have otherwise.
_LATER = "@later"
#: The two files of FATE that say `common` where all others say `core`.
_PACKAGES = {
    "sir-meta.proto": "com.webank.ai.fate.common.mlmodel.buffer",
    "sir-param.proto": "com.webank.ai.fate.common.mlmodel.buffer",
}
_PACKAGE = "com.webank.ai.fate.core.mlmodel.buffer"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Attributes:
        name: as the definition spells it, ``loss_history``.
        json_name: as JSON spells it, ``lossHistory``.
        number: its number on the wire.
        kind: a scalar type (``double``) or the name of a message; for a map, of its values.
        key: type of the keys of a map, else None.
        repeated: whether it is a list.
    """

    name: str
    json_name: str
    number: int
    kind: str
    key: str | None = None
    repeated: bool = False


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _field(name: str, number: int, kind: str) -> Field:
    if kind.startswith("map<"):
        key, value = kind[4:-1].split(",")
        return Field(name, _camel(name), number, value, key=key)
    if kind.startswith("repeated "):
        return Field(name, _camel(name), number, kind.removeprefix("repeated "), repeated=True)
    return Field(name, _camel(name), number, kind)


@cache
def _table() -> dict[str, dict[str, list[tuple[str, int, str]]]]:
    return _read("catalogue.json")


def _read(name: str) -> dict[str, dict[str, list[tuple[str, int, str]]]]:
    table: dict[str, dict[str, list[tuple[str, int, str]]]] = json.loads(
        Path(__file__).with_name(name).read_text(encoding="utf-8")
    )
    return table


@cache
def fields_by_file() -> Mapping[str, Mapping[str, tuple[Field, ...]]]:
    """Return the fields of every message: name of a definition file → name of a message → fields."""
    return MappingProxyType(
        {
            file: {
                message: tuple(_field(*field) for field in fields)
                for message, fields in messages.items()
            }
            for file, messages in (_table() | _read("catalogue_later.json")).items()
        }
    )


@cache
def _messages() -> Mapping[str, tuple[Field, ...]]:
    return MappingProxyType(
        {
            message: fields
            for messages in fields_by_file().values()
            for message, fields in messages.items()
        }
    )


def message_fields(message: str) -> tuple[Field, ...]:
    """Return the fields of a message in the order of their definition.

    Raises:
        KeyError: there is no such message.
    """
    return _messages()[message]


def package_of(file: str) -> str:
    """Return the protobuf package that a definition file declares; one of its own for those of later lines."""
    if file.endswith(_LATER):
        return f"{_PACKAGE}.later"
    return _PACKAGES.get(file, _PACKAGE)


def shown_name(message: str) -> str:
    """Return the name of a message as archives and definitions show it."""
    return message.removesuffix(_LATER)


def later_message(message: str) -> str:
    """Return the message that the later lines have under a name: their own, or that of all lines."""
    own = f"{message}{_LATER}"
    return own if own in _messages() else message


@cache
def wider_message(message: str) -> str:
    """Return the later message of a name where it has all fields of the first and more; else the message itself."""
    own = later_message(message)
    return own if _has_all_fields(own, message) else message


def _has_all_fields(own: str, first: str) -> bool:
    if own == first or first not in _messages():
        return True
    fields = {field.name: field for field in message_fields(own)}
    for field in message_fields(first):
        there = fields.get(field.name)
        if there is None or replace(there, kind=field.kind) != field:
            return False
        if field.kind in SCALARS or there.kind in SCALARS:
            if field.kind != there.kind:
                return False
        elif shown_name(there.kind) != shown_name(field.kind) or not _has_all_fields(
            there.kind, field.kind
        ):
            return False
    return True


@cache
def definition_files() -> Mapping[str, str]:
    """Return the definition files, name → text, that an archive carries in ``define/proto/``."""
    return MappingProxyType({name: _text(name) for name in _table()})


def _text(name: str) -> str:
    lines = ['syntax = "proto3";', "", f"package {package_of(name)};"]
    for message, fields in _table()[name].items():
        lines += ["", f"message {message} {{"]
        for field, number, kind in fields:
            lines.append(f"    {kind.replace(',', ', ')} {field} = {number};")
        lines.append("}")
    return "\n".join(lines) + "\n"
