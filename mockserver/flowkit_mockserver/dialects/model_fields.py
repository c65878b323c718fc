"""Which fields of messages came with a line of servers: those before it save models without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from flowkit.servers import ServerLine, line_of
from flowkit_mockserver.proto.catalogue import Field, message_fields, shown_name

__all__ = ["leave_out"]

#: Message → field, as JSON spells it → the first line that has it.
_SINCE: Mapping[str, Mapping[str, str]] = {
    "BoostingTreeModelMeta": {"boostingStrategy": "1.8", "module": "1.8"},
    "DataTransformParam": {"anonymousHeader": "1.9"},
    "FeatureBinningMeta": {"optimalMetricMethod": "1.10"},
    "FeatureBinningParam": {
        "transformBinningResult": "1.9",
        "transformHostResults": "1.9",
        "transformMultiClassResult": "1.9",
    },
    "FeatureSelectionParam": {"colNameToAnonymDict": "1.9"},
    "HeteroNNMeta": {"module": "1.8"},
    "HeteroNNModelParam": {"coaeBytes": "1.9"},
    "IVParam": {"optimalMetricArray": "1.10"},
    "LRModelMeta": {"module": "1.8"},
    "LinRModelMeta": {"revealStrategy": "1.8"},
    "LinRModelParam": {"encryptedWeight": "1.8", "cipher": "1.8"},
    "NNModelMeta": {"module": "1.8"},
    "NodeParam": {"moWeight": "1.8"},
}


def leave_out(message: str, document: Any, line: ServerLine) -> None:
    """Take the fields out of a document that a line does not have yet.

    Args:
        message: the message that the document is of; one that is not in the catalogue keeps all its fields.
        document: the buffer as JSON; it is changed.
        line: the line of the server.
    """
    gone, nested = _of(message, line)
    if not isinstance(document, dict) or not (gone or nested):
        return
    for name in gone:
        document.pop(name, None)
    for field in nested:
        for one in _values(document.get(field.json_name), field):
            leave_out(field.kind, one, line)


def _values(value: Any, field: Field) -> Iterator[Any]:
    if field.key is not None and isinstance(value, dict):
        yield from value.values()
    elif field.repeated and isinstance(value, list):
        yield from value
    else:
        yield value


@cache
def _of(message: str, line: ServerLine) -> tuple[tuple[str, ...], tuple[Field, ...]]:
    """Return the fields of a message that a line does not have, and those that hold such messages."""
    since = _SINCE.get(shown_name(message), {})
    gone = tuple(name for name, first in since.items() if line < line_of(first))
    try:
        fields = message_fields(message)
    except KeyError:
        return gone, ()
    return gone, tuple(
        field for field in fields if field.kind != message and any(_of(field.kind, line))
    )
