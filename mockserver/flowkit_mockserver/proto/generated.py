"""Python that knows the messages of a definition file, as archives of 1.7 and 1.8 carry it."""

from __future__ import annotations

from functools import cache

from flowkit_mockserver.proto.catalogue import fields_by_file, package_of
from flowkit_mockserver.proto.wire import described_file

__all__ = ["generated_python"]

_HEAD = """\
from google.protobuf import message, reflection, symbol_database

database = symbol_database.Default()
database.pool.AddSerializedFile({described!r})
"""
_MESSAGE = """
{name} = reflection.GeneratedProtocolMessageType(
    "{name}",
    (message.Message,),
    {{"DESCRIPTOR": database.pool.FindMessageTypeByName("{package}.{name}"), "__module__": "{module}"}},
)
database.RegisterMessage({name})
"""


@cache
def generated_python(file: str) -> str:
    """Return a module with a class for each message of a definition file.

    Args:
        file: its name, ``pipeline.proto``; the module is ``pipeline_pb2``.
    """
    module = file.replace("-", "_").removesuffix(".proto") + "_pb2"
    classes = (
        _MESSAGE.format(name=name, package=package_of(file), module=module)
        for name in fields_by_file()[file]
    )
    return _HEAD.format(described=described_file(file)) + "".join(classes)
