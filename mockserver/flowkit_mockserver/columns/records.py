"""The rows of a computed table: ids, and parts that stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from flowkit_mockserver.columns.ids import Ids, order_positions
from flowkit_mockserver.columns.parts import Constant, Matrix, Part, Scores, Selection, Values

__all__ = ["Columns"]

#: Rows that are turned into plain values at a time when a table is shown.
SHOWN_AT_ONCE = 4096


class Columns:
    """Rows by column; equal when they show the same.

    Gone through, they yield pairs of an id and a list of plain values, as every kind of rows does.

    Args:
        ids: shape (n,).
        parts: the columns, each with n rows; what a row shows is what its parts show, in their order.
    """

    def __init__(self, ids: Ids, parts: Sequence[Part]) -> None:
        self.ids = ids
        self.parts = tuple(parts)
        if any(len(part) != len(ids) for part in parts):
            raise ValueError(f"parts of {[len(part) for part in parts]} rows for {len(ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        for start in range(0, len(self), SHOWN_AT_ONCE):
            block = self.slice(start, start + SHOWN_AT_ONCE)
            shown = [part.cells() for part in block.parts]
            keys: list[str] = block.ids.tolist()
            if len(shown) == 1:
                yield from zip(keys, shown[0], strict=True)
            else:
                for place, key in enumerate(keys):
                    yield key, [cell for part in shown for cell in part[place]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Columns) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def slice(self, start: int, stop: int) -> Columns:
        """Return the rows from `start` to before `stop`."""
        return self.take(slice(start, stop))

    def take(self, selection: Selection) -> Columns:
        """Return the rows at some positions, or where a mask says so."""
        return Columns(self.ids[selection], [part.take(selection) for part in self.parts])

    def in_order(self) -> Columns:
        """Return the rows in the order of tables; the same object when they are."""
        order = order_positions(self.ids)
        return self if order is None else self.take(order)

    @classmethod
    def joined(cls, blocks: Iterable[Columns], count: int) -> Columns:
        """Return the rows of several blocks of the same shape under each other.

        Args:
            blocks: gone through once, so that a block can be dropped as soon as it is copied.
            count: the number of rows of them all.

        Raises:
            ValueError: the blocks have different parts.
        """
        ids: list[Ids] = []
        parts: list[_Joining] = []
        for block in blocks:
            if not ids:
                if len(block) == count:
                    return block
                parts = [_Joining(count) for _ in block.parts]
            ids.append(block.ids)
            for joining, part in zip(parts, block.parts, strict=True):
                joining.add(part)
        return cls(np.concatenate(ids), [joining.part() for joining in parts])


class _Joining:
    """One part of a table that comes in blocks; a matrix of floats is filled in, all else gathered."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._parts: list[Part] = []
        self._matrix: Matrix | None = None
        self._filled = 0

    def add(self, part: Part) -> None:
        if isinstance(part, Matrix) and part.data.dtype == np.float64:
            if self._matrix is None and not self._parts:
                data = np.empty((self._count, part.data.shape[1]))
                self._matrix = Matrix(data, part.forms)
            if self._matrix is not None and _forms(part) == _forms(self._matrix):
                self._matrix.data[self._filled : self._filled + len(part)] = part.data
                self._filled += len(part)
                return
        if self._matrix is not None:
            self._parts.append(self._matrix.take(slice(0, self._filled)))
            self._matrix = None
        self._parts.append(part)

    def part(self) -> Part:
        return _joined(self._parts) if self._matrix is None else self._matrix


def _joined(parts: Sequence[Part]) -> Part:
    first = parts[0]
    if isinstance(first, Constant) and all(
        isinstance(part, Constant) and part.value == first.value for part in parts
    ):
        return Constant(first.value, sum(map(len, parts)))
    if isinstance(first, Values | Constant):
        arrays = [
            part.array
            if isinstance(part, Values)
            else np.array([cell for (cell,) in part.cells()], dtype=object)
            for part in parts
        ]
        alike = len({array.dtype.kind for array in arrays}) == 1
        return Values(np.concatenate(arrays if alike else [a.astype(object) for a in arrays]))
    if isinstance(first, Scores):
        scores = [part for part in parts if isinstance(part, Scores) and part.names == first.names]
        if len(scores) == len(parts):
            return Scores(first.names, np.concatenate([part.data for part in scores]))
        objects = np.empty(sum(map(len, parts)), dtype=object)
        objects[:] = [cell for part in parts for (cell,) in part.cells()]
        return Values(objects)
    if isinstance(first, Matrix):
        matrices = [part for part in parts if isinstance(part, Matrix)]
        forms = [_forms(part) for part in matrices]
        if all(part.data.dtype == first.data.dtype for part in matrices) and len(set(forms)) == 1:
            return Matrix(np.concatenate([part.data for part in matrices]), first.forms)
        rows = [row for part in matrices for row in part.cells()]
        return Matrix.of_rows(rows, first.data.shape[1])
    raise ValueError(f"parts of kind {type(first).__name__} cannot be joined")


def _forms(part: Matrix) -> bytes:
    return b"" if part.forms is None else part.forms.tobytes()
