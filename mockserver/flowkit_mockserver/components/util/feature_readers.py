"""The three ways of writing a sample as text, and how each becomes features: dense, sparse (libsvm) and tags."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.parts import ZERO_IS_INTEGER, Matrix, values_array
from flowkit_mockserver.components.feature.imputer import contains

__all__ = [
    "FLOATS",
    "INTEGERS",
    "NOTHING",
    "TagText",
    "convert",
    "dense_values",
    "read_labels",
    "read_sparse",
    "sparse_values",
    "sparse_width",
    "split_cells",
]

#: What reads as missing when the user names nothing and nothing is filled.
NOTHING = ("", "NULL", "null", "NA")
FLOATS = frozenset({"float", "float64", "double"})
INTEGERS = frozenset({"int", "int64", "long"})
#: Below it a number is a zero of a sparse vector.
ZERO = 1e-8

Array = NDArray[Any]


def read_labels(texts: Sequence[str], label_type: str) -> Array:
    """Return labels as the type the user declared, shape (n,).

    Raises:
        ValueError: a text does not read as such.
    """
    if label_type == "int":
        return values_array(list(map(int, texts)))
    if label_type in {"float", "float64"}:
        return values_array(list(map(float, texts)))
    return values_array(list(texts))


def split_cells(
    lines: Sequence[str], delimiter: str, place: int | None, width: int
) -> tuple[Array, list[str]]:
    """Return lines as fields, and the field at `place` (the label) apart.

    Args:
        lines: n of them.
        delimiter: between the fields.
        place: of the field to take out; None for none.
        width: the number of fields without that one; a table without features has no fields at all.

    Returns:
        Object array of texts, shape (n, width), and n texts (none without a place).

    Raises:
        IndexError: a line has no field at `place`.
        ValueError: a line has another number of fields.
    """
    rows = [line.split(delimiter) for line in lines]
    labels: list[str] = []
    if place is not None:
        labels = [row.pop(place) for row in rows]
    elif not width:
        rows = [[] for _ in lines]
    for row in rows:
        if len(row) != width:
            raise ValueError(f"features shape {len(row)} not equal to header shape {width}")
    cells = np.empty((len(rows), width), dtype=object)
    if width:
        cells[:] = rows
    return cells, labels


def convert(text: str, data_type: str) -> Any:
    """Return one feature as the type the user declared.

    Raises:
        ValueError: the text does not read as such.
    """
    if data_type in FLOATS:
        return float(text)
    if data_type in INTEGERS:
        return int(text)
    return text


def _exclusive(text: str, data_type: Any) -> Any:
    if not isinstance(data_type, str):
        raise TypeError("getattr(): attribute name must be string")
    if data_type not in FLOATS | INTEGERS | {"str"}:
        raise ValueError(f"module 'numpy' has no attribute '{data_type}'")
    return convert(text, data_type)


def dense_values(
    cells: Array,
    data_type: str,
    missing: Any,
    exclusive: Mapping[int, str],
    *,
    mixed: bool = False,
) -> Matrix:
    """Return fields as dense features of any type.

    Args:
        cells: texts, shape (n, d).
        data_type: of all columns.
        missing: what reads as NaN, when the type is one of numbers.
        exclusive: the types of single columns by place; where there is one, nothing reads as missing, unless `mixed`.
        mixed: whether columns of numbers have missing values beside columns of other types.

    Raises:
        ValueError: a text does not read as its type; a missing value has none among integers.
    """
    values = np.empty(cells.shape, dtype=object)
    for place in range(cells.shape[1]):
        column = cells[:, place].tolist()
        kind = exclusive.get(place, data_type)
        if exclusive and mixed and kind in FLOATS | INTEGERS:
            values[:, place] = [
                math.nan if contains(missing, text) else _exclusive(text, kind) for text in column
            ]
        elif exclusive:
            values[:, place] = [_exclusive(text, kind) for text in column]
        elif kind in FLOATS:
            values[:, place] = [math.nan if contains(missing, t) else float(t) for t in column]
        elif kind in INTEGERS:
            values[:, place] = [_integer(text, missing) for text in column]
        else:
            values[:, place] = column
    return Matrix.of_objects(values)


def _integer(text: str, missing: Any) -> int:
    if contains(missing, text):
        raise ValueError("cannot convert float NaN to integer")
    return int(text)


def sparse_values(cells: Array, data_type: str, missing: Any) -> Matrix:
    """Return fields as the features of sparse vectors: zeros are not there and show as ``0``.

    Args:
        cells: texts, shape (n, d).
        data_type: of all columns.
        missing: what reads as NaN.

    Raises:
        ValueError: a text does not read as the type.
    """

    def read(text: str) -> Any:
        if contains(missing, text):
            return math.nan
        value = convert(text, data_type)
        zero = value == 0 if data_type in INTEGERS else data_type in FLOATS and abs(value) < ZERO
        return 0 if zero else value

    values = np.empty(cells.shape, dtype=object)
    for place in range(cells.shape[1]):
        values[:, place] = [read(text) for text in cells[:, place].tolist()]
    return Matrix.of_objects(values)


def _pair(text: str, delimiter: str) -> tuple[str, str]:
    name, value = text.split(delimiter)
    return name, value


def sparse_width(lines: Sequence[str], delimiter: str) -> int:
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


def read_sparse(
    lines: Sequence[str], delimiter: str, data_type: str, width: int
) -> tuple[list[str], Matrix]:
    """Return the label texts and the features of libsvm lines; indices beyond `width` are dropped."""
    labels: list[str] = []
    rows: list[int] = []
    places: list[int] = []
    values: list[Any] = []
    for number, line in enumerate(lines):
        label, *cells = line.split(delimiter)
        labels.append(label)
        for cell in cells:
            index, value = _pair(cell, ":")
            if int(index) < width:
                rows.append(number)
                places.append(int(index))
                values.append(convert(value, data_type))
    return labels, _scattered((len(lines), width), rows, places, values, 0)


def _scattered(
    shape: tuple[int, int], rows: list[int], places: list[int], values: list[Any], absent: Any
) -> Matrix:
    """Return a matrix that shows `values` at their places and `absent` elsewhere."""
    if set(map(type, values)) == {float} and (absent or 0.0 not in values):
        data = np.zeros(shape)
        data[rows, places] = values
        forms = np.full(shape[1], ZERO_IS_INTEGER, dtype=np.uint8)
        return Matrix(data, forms)
    objects = np.full(shape, absent, dtype=object)
    objects[rows, places] = values_array(values)
    return Matrix.of_objects(objects)


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

    def labels(self, lines: Sequence[str]) -> list[str]:
        """Return the label text of each line."""
        return [line.partition(self._delimiter)[0] for line in lines]

    def tags(self, lines: Sequence[str]) -> list[str]:
        """Return all tags that occur, sorted: the header."""
        return sorted({tag for line in lines for tag, _ in self._cells(line)})

    def texts(self, lines: Sequence[str], at: Mapping[str, int]) -> Array:
        """Return the values of lines by tag position, empty where a tag does not occur; shape (n, number of tags)."""
        cells = np.full((len(lines), len(at)), "", dtype=object)
        for number, line in enumerate(lines):
            for tag, value in self._cells(line):
                if tag in at:
                    cells[number, at[tag]] = value
        return cells

    def features(
        self, lines: Sequence[str], at: Mapping[str, int], data_type: str, *, sparse: bool
    ) -> Matrix:
        """Return the features of lines, zero where a tag does not occur."""
        texts = self.texts(lines, at)
        absent: Any = 0.0 if data_type in FLOATS and not sparse else 0
        if data_type in FLOATS and not sparse:
            there = texts != ""
            data = np.zeros(texts.shape)
            data[there] = [float(text) for text in texts[there].tolist()]
            return Matrix(data)
        values = np.empty(texts.shape, dtype=object)
        for place in range(texts.shape[1]):
            values[:, place] = [
                convert(text, data_type) if text else absent for text in texts[:, place].tolist()
            ]
        return Matrix.of_objects(values)
