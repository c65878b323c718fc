"""Computed tables as a description and the bytes of its arrays."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.parts import Constant, Matrix, Part, Scores, Values
from flowkit_mockserver.columns.records import Columns

__all__ = ["describe", "restore"]

Description = dict[str, Any]


def describe(block: Columns, buffers: list[bytes]) -> Description:
    """Return the description of a block, and add the bytes of its arrays to `buffers`."""
    ids = _describe_array(block.ids, buffers)
    return {"ids": ids, "parts": [_describe(part, buffers) for part in block.parts]}


def restore(description: Description, data: bytes, start: int) -> Columns:
    """Return the block that `describe` had described; its arrays lie in `data` from `start` on."""
    reader = _Reader(data, start)
    ids = reader.array(description["ids"])
    return Columns(ids, [_restore(part, reader) for part in description["parts"]])


def _describe_array(array: NDArray[Any], buffers: list[bytes]) -> Description:
    if array.dtype == object:
        raw = json.dumps(array.tolist(), separators=(",", ":")).encode()
        kind = "json"
    elif array.dtype.kind == "U":
        # Four bytes a character would be mostly zeros.
        raw = json.dumps(array.tolist(), separators=(",", ":")).encode()
        kind = "text"
    else:
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        raw = array.tobytes()
        kind = array.dtype.str
    buffers.append(raw)
    return {"kind": kind, "shape": array.shape, "size": len(raw)}


class _Reader:
    """Takes one array after the other out of a block of bytes."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._place = data, start

    def array(self, description: Description) -> NDArray[Any]:
        kind, size = description["kind"], description["size"]
        start = self._place
        self._place += size
        shape = tuple(description["shape"])
        if kind in {"json", "text"}:
            values = json.loads(self._data[start : start + size])
            if kind == "text":
                return np.array(values, dtype=np.str_ if values else "<U1").reshape(shape)
            array = np.empty(shape, dtype=object)
            if array.size:
                array[:] = values
            return array
        dtype = np.dtype(kind)
        count = size // dtype.itemsize
        # A copy is aligned and can be written to.
        return np.frombuffer(self._data, dtype, count, start).reshape(shape).copy()


def _describe(part: Part, buffers: list[bytes]) -> Description:
    if isinstance(part, Values):
        return {"part": "values", "array": _describe_array(part.array, buffers)}
    if isinstance(part, Constant):
        return {"part": "constant", "value": part.value, "count": part.count}
    if isinstance(part, Scores):
        array = _describe_array(part.data, buffers)
        return {"part": "scores", "names": part.names, "array": array}
    if isinstance(part, Matrix):
        forms = None if part.forms is None else part.forms.tolist()
        return {"part": "matrix", "forms": forms, "array": _describe_array(part.data, buffers)}
    raise TypeError(f"no bytes are known for a part of kind {type(part).__name__}")


def _restore(description: Description, reader: _Reader) -> Part:
    kind = description["part"]
    if kind == "constant":
        return Constant(description["value"], description["count"])
    array = reader.array(description["array"])
    if kind == "values":
        return Values(array)
    if kind == "scores":
        return Scores(description["names"], array)
    forms = description["forms"]
    return Matrix(array, None if forms is None else np.array(forms, dtype=np.uint8))
