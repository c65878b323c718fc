"""What a row shows beside its id, column by column: the parts of which `Columns` consist.

Every part knows its number of rows, hands out a slice or a selection of them, and lists them as what a user sees
(plain Python values, a list a row).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FLOAT",
    "INTEGER",
    "ZERO_IS_INTEGER",
    "Constant",
    "Forms",
    "Matrix",
    "Part",
    "Scores",
    "Selection",
    "Values",
    "values_array",
]

#: How a column of a float64 matrix shows: as floats ("3.0"); as integers ("3", where it is one); as floats but for
#: zero ("0"), as sparse tables do.
FLOAT, INTEGER, ZERO_IS_INTEGER = 0, 1, 2
Forms = NDArray[np.uint8]
Selection = slice | NDArray[Any]
_EXACT = 2**53


class Part(Protocol):
    """Some columns of a table."""

    def __len__(self) -> int:
        """How many rows there are."""

    def take(self, selection: Selection) -> Part:
        """Return some of the rows."""

    def cells(self) -> list[list[Any]]:
        """Return what each row shows, as plain values."""


def values_array(values: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Return values as an array that gives exactly them back: int64, float64, or object where neither does."""
    if isinstance(values, np.ndarray):
        return values
    kinds = set(map(type, values))
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return np.array(values, dtype=np.int64)
    if kinds == {float}:
        return np.array(values, dtype=np.float64)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


class Values:
    """One column.

    Args:
        array: shape (n,); int64, float64, text, or object for anything else.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def take(self, selection: Selection) -> Values:
        """Return some of the rows."""
        return Values(self.array[selection])

    def cells(self) -> list[list[Any]]:
        """Return the value of each row."""
        return [[value] for value in self.array.tolist()]


class Constant:
    """One column that shows the same in every row.

    Args:
        value: what it shows.
        count: the number of rows.
    """

    def __init__(self, value: Any, count: int) -> None:
        self.value, self.count = value, count

    def __len__(self) -> int:
        return self.count

    def take(self, selection: Selection) -> Constant:
        """Return some of the rows."""
        if isinstance(selection, slice):
            return Constant(self.value, len(range(*selection.indices(self.count))))
        count = np.count_nonzero(selection) if selection.dtype == bool else len(selection)
        return Constant(self.value, int(count))

    def cells(self) -> list[list[Any]]:
        """Return the value for each row."""
        return [[self.value] for _ in range(self.count)]


class Matrix:
    """Several columns of one table: the features.

    Args:
        data: shape (n, d); float64, or object where a column holds text.
        forms: shape (d,): how each column of a float64 matrix shows (FLOAT, INTEGER, ZERO_IS_INTEGER); all FLOAT
            when None.
    """

    def __init__(self, data: NDArray[Any], forms: Forms | None = None) -> None:
        self.data = data
        self.forms = None if forms is None or not forms.any() else forms

    def __len__(self) -> int:
        return len(self.data)

    def take(self, selection: Selection) -> Matrix:
        """Return some of the rows."""
        return Matrix(self.data[selection], self.forms)

    def cells(self) -> list[list[Any]]:
        """Return the features of each row."""
        if self.forms is None or self.data.dtype == object:
            rows: list[list[Any]] = self.data.tolist()
            return rows
        shown = self.data.astype(object)
        whole = (self.forms == INTEGER) & np.isfinite(self.data)
        whole |= (self.forms == ZERO_IS_INTEGER) & (self.data == 0)
        shown[whole] = self.data[whole].astype(np.int64)
        return list(shown.tolist())

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]], width: int) -> Matrix:
        """Return rows of plain values as a matrix that shows exactly them."""
        if not rows or not width:
            return cls(np.empty((len(rows), width), dtype=np.float64))
        data = np.empty((len(rows), width), dtype=object)
        data[:] = rows
        return cls.of_objects(data)

    @classmethod
    def of_objects(cls, data: NDArray[np.object_]) -> Matrix:
        """Return an array of plain values, shape (n, d), as a matrix that shows exactly them."""
        forms = np.zeros(data.shape[1], dtype=np.uint8)
        for place in range(data.shape[1]):
            form = _form_of(data[:, place])
            if form is None:
                return cls(data)
            forms[place] = form
        return cls(data.astype(np.float64), forms)


def _form_of(column: NDArray[Any]) -> int | None:
    """Return how a column of plain values shows, or None when no form of floats says so."""
    kinds = set(map(type, column))
    if kinds == {float}:
        return FLOAT
    if not kinds <= {int, float}:
        return None
    floats = [value for value in column if type(value) is float]
    integers = [value for value in column if type(value) is int]
    if all(value != value for value in floats):
        return INTEGER if all(abs(value) <= _EXACT for value in integers) else None
    if not any(integers) and 0.0 not in floats:
        return ZERO_IS_INTEGER
    return None


class Scores:
    """One column of objects with the same names in each row: the detail of a prediction.

    Args:
        names: what the values of a row are called, texts or (one-vs-rest models) integers.
        data: shape (n, len(names)), float64 or object.
    """

    def __init__(self, names: Sequence[str | int], data: NDArray[Any]) -> None:
        self.names = list(names)
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def take(self, selection: Selection) -> Scores:
        """Return some of the rows."""
        return Scores(self.names, self.data[selection])

    def cells(self) -> list[list[Any]]:
        """Return the object of each row."""
        names = self.names
        return [[dict(zip(names, row, strict=True))] for row in self.data.tolist()]
