"""Dense lines of text as features: lines in, one matrix out.

Where all columns are floats, lines are parsed block by block into one array, so that of a large table no more than a
block is there as text. Other types go the long way, over all fields as texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import methodcaller
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import Ids, as_ids
from flowkit_mockserver.columns.parts import ZERO_IS_INTEGER, Matrix
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.feature.imputer import (
    Imputed,
    Replacement,
    contains,
    exactly,
    impute,
    mark,
    parse_floats,
    parse_known,
)
from flowkit_mockserver.components.util.feature_readers import (
    FLOATS,
    ZERO,
    dense_values,
    sparse_values,
    split_cells,
)

__all__ = ["DenseLines", "DenseTable"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DenseLines:
    """How lines are to be read.

    Attributes:
        delimiter: between the fields.
        place: of the label among the fields, or None.
        width: the number of features.
        data_type: of the features.
        sparse: whether the features become sparse vectors.
        missing: what reads as missing in the end.
        exclusive: types of single features by place.
        fill: what replaces missing values, or None.
        clean: what replaces outliers, or None.
        partitions: of the table.
        mixed: whether missing values are NaN where features have types of their own too, as in the later lines.
    """

    delimiter: str
    place: int | None
    width: int
    data_type: str
    sparse: bool
    missing: Any
    exclusive: Mapping[int, str] = field(default_factory=dict)
    fill: Replacement | None = None
    clean: Replacement | None = None
    partitions: int = 4
    mixed: bool = False

    def read(self, blocks: Iterable[TextRows], count: int) -> DenseTable:
        """Return what `count` rows, which come in blocks, hold.

        Raises:
            IndexError: a line has no label.
            ValueError: a line has the wrong number of fields, or a field does not read as its type.
        """
        idle = [one is not None and one.idle for one in (self.fill, self.clean)]
        if any(idle):
            fill, clean = (
                None if rests else one
                for one, rests in zip((self.fill, self.clean), idle, strict=True)
            )
            table = replace(self, fill=fill, clean=clean).read(blocks, count)
            return replace(
                table,
                filled=self._untouched(self.fill) if idle[0] else table.filled,
                cleaned=self._untouched(self.clean) if idle[1] else table.cleaned,
            )
        if self.data_type in FLOATS and (self.sparse or not self.exclusive) and self.width:
            return _FloatReading(self, count).read(blocks)
        ids: list[Ids] = []
        lines: list[str] = []
        for block in blocks:
            ids.append(as_ids(block.keys))
            lines.extend(block.lines)
        cells, labels = split_cells(lines, self.delimiter, self.place, self.width)
        filled = cleaned = None
        if self.fill is not None:
            cells, filled = impute(cells, self.fill)
        if self.clean is not None:
            cells, cleaned = impute(cells, self.clean)
        matrix = (
            sparse_values(cells, self.data_type, self.missing)
            if self.sparse
            else dense_values(cells, self.data_type, self.missing, self.exclusive, mixed=self.mixed)
        )
        return DenseTable(np.concatenate(ids), labels, matrix, filled, cleaned)

    def _untouched(self, wish: Replacement | None) -> Imputed:
        """Return what is told of a replacement that replaces nothing."""
        unwanted = [] if wish is None else wish.unwanted
        return Imputed([0] * self.width, [0.0] * self.width, unwanted)


@dataclass(frozen=True)
class DenseTable:
    """What was read of n lines.

    Attributes:
        ids: shape (n,).
        labels: n texts, none without a label.
        matrix: the features, shape (n, d).
        filled: what replaced missing values, if they were replaced.
        cleaned: what replaced outliers, if they were replaced.
    """

    ids: Ids
    labels: list[str]
    matrix: Matrix
    filled: Imputed | None
    cleaned: Imputed | None


class _FloatReading:
    """The lines of one table on their way to floats.

    `missing` and `outliers` mark cells by what their text was; they stay None until a cell is marked.
    """

    def __init__(self, how: DenseLines, count: int) -> None:
        self.how = how
        self.numbers = np.empty((count, how.width))
        self.missing: Mask | None = None
        self.uncounted: Mask | None = None
        self.outliers: Mask | None = None
        self.labels: list[str] = []
        self.ids: list[Ids] = []
        fill, clean = how.fill, how.clean
        self._missing = how.missing if fill is None else fill.unwanted
        unwanted = [self._missing] if clean is None else [self._missing, clean.unwanted]
        #: True when a cell that reads as a number cannot be an unwanted one.
        self._distinct = len(how.delimiter) == 1 and not any(map(_may_be_number, unwanted))

    def read(self, blocks: Iterable[TextRows]) -> DenseTable:
        start = 0
        for block in blocks:
            self.ids.append(as_ids(block.keys))
            rows = slice(start, start + len(block))
            if not (self._distinct and self._parse(block.lines, rows)):
                self._mark_and_parse(block.lines, rows)
            start += len(block)
        filled, cleaned = self._fill(), None
        if self.how.clean is not None:
            cleaned = self._clean(self.how.clean, filled)
        elif filled is None and self.missing is not None:
            self.numbers[self.missing] = np.nan
        return DenseTable(np.concatenate(self.ids), self.labels, self._matrix(), filled, cleaned)

    def _parse(self, lines: Sequence[str], rows: slice) -> bool:
        """Read a block of nothing but numbers; return False when it is not one."""
        how = self.how
        fields = how.width + (how.place is not None)
        between = how.delimiter
        if set(map(methodcaller("count", between), lines)) != {fields - 1}:
            return False
        if fields == 1 and not all(map(str.strip, lines)):
            return False  # numpy would leave these lines out
        places = None if how.place is None else [i for i in range(fields) if i != how.place]
        try:
            found = np.loadtxt(lines, delimiter=between, comments=None, usecols=places, ndmin=2)
        except ValueError:
            return False
        if len(found) != len(lines):
            return False
        self.numbers[rows] = found
        if how.place == 0:
            self.labels.extend([line.partition(between)[0] for line in lines])
        elif how.place is not None:
            self.labels.extend([line.split(between, how.place + 1)[how.place] for line in lines])
        return True

    def _mark_and_parse(self, lines: Sequence[str], rows: slice) -> None:
        how = self.how
        cells, labels = split_cells(lines, how.delimiter, how.place, how.width)
        self.labels.extend(labels)
        flat = cells.ravel().tolist()
        missing = mark(flat, self._missing)
        outliers = None if how.clean is None else mark(flat, how.clean.unwanted)
        if how.fill is not None and how.fill.statistic:
            uncounted = mark(flat, exactly(how.fill.unwanted))
            self.uncounted = self._noted(self.uncounted, uncounted, rows)
            numbers = parse_known(flat, uncounted)
        elif how.clean is not None and how.clean.statistic and outliers is not None:
            skip = outliers | missing if how.fill is not None else outliers
            numbers = parse_known(flat, skip)
        else:
            numbers = parse_floats(flat, missing if outliers is None else missing | outliers)
        self.numbers[rows] = numbers.reshape(cells.shape)
        self.missing = self._noted(self.missing, missing, rows)
        if outliers is not None:
            self.outliers = self._noted(self.outliers, outliers, rows)

    def _noted(self, mask: Mask | None, marked: Mask, rows: slice) -> Mask | None:
        if not marked.any():
            return mask
        if mask is None:
            mask = np.zeros(self.numbers.shape, dtype=np.bool_)
        mask[rows] = marked.reshape(-1, self.how.width)
        return mask

    def _fill(self) -> Imputed | None:
        fill = self.how.fill
        if fill is None:
            return None
        done = self._imputed(fill, self.missing, self.uncounted)
        if self.missing is not None:
            self._replace(self.missing, done)
        return done

    def _clean(self, clean: Replacement, filled: Imputed | None) -> Imputed:
        outliers = self.outliers
        if self.missing is not None and filled is not None:
            # A cell that was filled has the text of its filling now.
            again = np.array([contains(clean.unwanted, text) for text in filled.texts])
            known = outliers if outliers is not None else np.zeros_like(self.missing)
            outliers = np.where(self.missing, again, known)
        done = self._imputed(clean, outliers, outliers)
        if filled is None and self.missing is not None:
            self.numbers[self.missing] = np.nan
        if outliers is not None:
            self._replace(outliers, done)
        return done

    def _imputed(self, wish: Replacement, marked: Mask | None, uncounted: Mask | None) -> Imputed:
        wanted = np.ones((1, 1), dtype=np.bool_) if uncounted is None else ~uncounted
        known = np.broadcast_to(wanted, self.numbers.shape)
        ids = np.concatenate(self.ids) if self.ids else None
        values = wish.values(self.numbers, known, ids, self.how.partitions)
        rates = np.zeros(self.how.width) if marked is None else marked.mean(axis=0)
        return Imputed(values, rates.tolist(), wish.unwanted)

    def _replace(self, marked: Mask, done: Imputed) -> None:
        for place in np.flatnonzero(marked.any(axis=0)).tolist():
            text = done.texts[place]
            nothing = contains(self.how.missing, text)
            self.numbers[marked[:, place], place] = np.nan if nothing else float(text)

    def _matrix(self) -> Matrix:
        if not self.how.sparse:
            return Matrix(self.numbers)
        self.numbers[np.abs(self.numbers) < ZERO] = 0
        return Matrix(self.numbers, np.full(self.how.width, ZERO_IS_INTEGER, dtype=np.uint8))


def _may_be_number(unwanted: Any) -> bool:
    if not isinstance(unwanted, list | tuple):
        return True
    for text in unwanted:
        try:
            if isinstance(text, str):
                float(text)
                return True
        except ValueError:
            continue
    return False
