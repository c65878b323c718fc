"""The three ways of writing a sample as text, and how each becomes features: dense, sparse (libsvm) and tags."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["TagText", "convert", "numbers", "read_label", "read_sparse", "sparse_width"]

_NOTHING = {"", "NULL", "null", "NA"}
_FLOATS = {"float", "float64", "double"}
_INTEGERS = {"int", "int64", "long"}
_ZERO = 1e-8


def read_label(text: str, label_type: str) -> Any:
    """Return a label as the type the user declared.

    Raises:
        ValueError: the text does not read as such.
    """
    if label_type == "int":
        return int(text)
    if label_type in {"float", "float64"}:
        return float(text)
    return text


def convert(text: str, data_type: str) -> Any:
    """Return one feature as the type the user declared."""
    if data_type in _FLOATS:
        return float(text)
    if data_type in _INTEGERS:
        return int(float(text))
    return text


def numbers(
    row: list[str],
    data_type: str,
    *,
    sparse: bool,
    missing: set[str] | None = None,
    exclusive: Mapping[int, str] | None = None,
) -> list[Any]:
    """Return a dense row of text as features; what is missing becomes NaN, what is sparse and zero becomes 0."""
    nothing = _NOTHING if missing is None else missing
    if data_type in _FLOATS and not exclusive and not sparse and nothing.isdisjoint(row):
        return [float(text) for text in row]
    features: list[Any] = []
    for i, text in enumerate(row):
        kind = (exclusive or {}).get(i, data_type)
        if text in nothing and kind in _FLOATS | _INTEGERS:
            features.append(math.nan)
            continue
        value = convert(text, kind)
        if sparse and isinstance(value, float | int) and abs(value) < _ZERO:
            value = 0
        features.append(value)
    return features


def _pair(text: str, delimiter: str) -> tuple[str, str]:
    name, value = text.split(delimiter)
    return name, value


def sparse_width(lines: list[str], delimiter: str) -> int:
    """Return the number of features of libsvm lines: one more than the highest index.

    Raises:
        ValueError: a line is empty, or no line has a feature.
    """
    highest = -1
    for line in lines:
        if not line.strip():
            raise ValueError("find an empty line, please check!!!")
        indices = [int(cell.split(":")[0]) for cell in line.split(delimiter)[1:]]
        highest = max([highest, *indices])
    if highest < 0:
        raise ValueError("no feature value in input data, please check!")
    return highest + 1


def read_sparse(line: str, delimiter: str, data_type: str, width: int) -> tuple[str, list[Any]]:
    """Return the label text and the features of a libsvm line; indices beyond `width` are dropped."""
    label, *cells = line.split(delimiter)
    features: list[Any] = [0] * width
    for cell in cells:
        index, value = _pair(cell, ":")
        if int(index) < width:
            features[int(index)] = convert(value, data_type)
    return label, features


class TagText:
    """Lines of tags, ``red,blue`` or ``red:3,blue:1``, with an optional label in front.

    Args:
        delimiter: between the tags.
        value_delimiter: between a tag and its value, or None when tags have no values.
        labelled: whether the first field is a label.
    """

    def __init__(self, delimiter: str, value_delimiter: str | None, *, labelled: bool) -> None:
        self._delimiter, self._value_delimiter = delimiter, value_delimiter
        self._skip = 1 if labelled else 0

    def _cells(self, line: str) -> list[tuple[str, str]]:
        fields = line.split(self._delimiter)[self._skip :]
        if self._value_delimiter is None:
            return [(field, "1") for field in fields]
        return [_pair(field, self._value_delimiter) for field in fields]

    def label(self, line: str) -> str | None:
        """Return the label text of a line, if it has one."""
        return line.partition(self._delimiter)[0] if self._skip else None

    def tags(self, lines: list[str]) -> list[str]:
        """Return all tags that occur, sorted: the header."""
        return sorted({tag for line in lines for tag, _ in self._cells(line)})

    def texts(self, line: str, at: Mapping[str, int]) -> list[str]:
        """Return the values of a line by tag position, empty where a tag does not occur."""
        row = [""] * len(at)
        for tag, value in self._cells(line):
            if tag in at:
                row[at[tag]] = value
        return row

    def features(self, line: str, at: Mapping[str, int], data_type: str) -> list[Any]:
        """Return the features of a line, zero where a tag does not occur."""
        absent: Any = 0.0 if data_type in _FLOATS else 0
        return [convert(text, data_type) if text else absent for text in self.texts(line, at)]
