"""Messages as bytes and back, by way of their JSON: what an archive of a model holds.

The protobuf library does it, with descriptors made from the catalogue when the first message is packed or read. The
library is imported then and not before: a server that only runs jobs does without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.proto.catalogue import (
    SCALARS,
    Field,
    fields_by_file,
    package_of,
    shown_name,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto
    from google.protobuf.message import Message

__all__ = [
    "WireError",
    "append_bytes_field",
    "decode",
    "described_file",
    "encode",
    "read_bytes_field",
]


class WireError(ValueError):
    """The bytes are not a message of that kind, or a document does not fit the message."""


def encode(message: str, document: Mapping[str, Any]) -> bytes:
    """Return the bytes of a message; fields that have their default are left out.

    Args:
        message: its name, e.g. ``LRModelParam``.
        document: its JSON; members that the message does not have are ignored.

    Raises:
        KeyError: there is no such message.
        WireError: a member has a value that its field cannot hold.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    packed = _message_types()[message]()
    try:
        ParseDict(dict(document), packed, ignore_unknown_fields=True)
    except ParseError as error:
        raise WireError(f"{message} cannot hold what it was given: {error}") from error
    return packed.SerializeToString(deterministic=True)


def decode(message: str, data: bytes) -> dict[str, Any]:
    """Return the JSON of a message with defaults filled in; unknown fields are ignored.

    Raises:
        KeyError: there is no such message.
        WireError: the bytes are no such message.
    """
    from google.protobuf.json_format import MessageToDict

    unpacked = _parse(_message_types()[message], data)
    return MessageToDict(unpacked, always_print_fields_with_no_presence=True)


def append_bytes_field(data: bytes, number: int, value: bytes) -> bytes:
    """Return the bytes of a message with one more field of type bytes, which its definition need not know."""
    extra = _single_field(number)(value=value)
    return data + extra.SerializeToString()


def read_bytes_field(data: bytes, number: int) -> bytes:
    """Return a field of type bytes from a message, known to its definition or not; empty if it is not set.

    Raises:
        WireError: the bytes are no message.
    """
    found: bytes = _parse(_single_field(number), data).value  # type: ignore[attr-defined]
    return found


def _parse(kind: type[Message], data: bytes) -> Message:
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise WireError(f"not the bytes of a message {kind.DESCRIPTOR.name}") from error


@cache
def _message_types() -> Mapping[str, type[Message]]:
    """Return the classes of all messages of the catalogue, by name."""
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    home = _files_of_messages()
    pool = DescriptorPool()
    for file in fields_by_file():
        pool.AddSerializedFile(described_file(file))
    return {
        message: GetMessageClass(
            pool.FindMessageTypeByName(f"{package_of(file)}.{shown_name(message)}")
        )
        for message, file in home.items()
    }


def _files_of_messages() -> Mapping[str, str]:
    return {message: file for file, messages in fields_by_file().items() for message in messages}


def described_file(file: str) -> bytes:
    """Return the bytes of the descriptor of a definition file."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    home, messages = _files_of_messages(), fields_by_file()[file]
    described = FileDescriptorProto(name=file, package=package_of(file), syntax="proto3")
    used = {field.kind for fields in messages.values() for field in fields} - SCALARS.keys()
    described.dependency.extend(sorted({home[kind] for kind in used} - {file}))
    for message, fields in messages.items():
        _describe(described.message_type.add(name=shown_name(message)), fields, home)
    return described.SerializeToString()


def _describe(message: DescriptorProto, fields: tuple[Field, ...], home: Mapping[str, str]) -> None:
    for field in fields:
        repeated = field.repeated or field.key is not None
        label = "LABEL_REPEATED" if repeated else "LABEL_OPTIONAL"
        entry = message.field.add(name=field.name, number=field.number, json_name=field.json_name)
        entry.label = getattr(entry, label)
        if field.key is not None:
            pair = message.nested_type.add(name=_entry_name(field.name))
            pair.options.map_entry = True
            _describe(
                pair,
                (Field("key", "key", 1, field.key), Field("value", "value", 2, field.kind)),
                home,
            )
            entry.type, entry.type_name = entry.TYPE_MESSAGE, pair.name
        elif field.kind in SCALARS:
            entry.type = getattr(entry, f"TYPE_{field.kind.upper()}")
        else:
            entry.type = entry.TYPE_MESSAGE
            entry.type_name = f".{package_of(home[field.kind])}.{shown_name(field.kind)}"


def _entry_name(field: str) -> str:
    """Return the name that protobuf demands of the message behind a map."""
    return "".join(part[:1].upper() + part[1:] for part in field.split("_")) + "Entry"


@cache
def _single_field(number: int) -> type[Message]:
    """Return the class of a message with nothing but a field `value` of type bytes."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    described = FileDescriptorProto(name="single.proto", syntax="proto3")
    message = described.message_type.add(name="Single")
    entry = message.field.add(name="value", number=number)
    entry.type, entry.label = entry.TYPE_BYTES, entry.LABEL_OPTIONAL
    pool = DescriptorPool()
    pool.AddSerializedFile(described.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("Single"))
