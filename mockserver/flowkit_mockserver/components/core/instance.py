"""Instance tables as columns: ids, features, labels and weights, what every algorithm works on.

Shapes: n samples, d features.

============  =======================  ====================================================================
ids           (n,) text                in the order of tables: by length, then by bytes
features      (n, d) float64           NaN where a value is missing; object where a column holds text
forms         (d,) uint8, or None      how each column shows: FLOAT, INTEGER or ZERO_IS_INTEGER; None: all FLOAT
labels        (n,) int64, float64 or   as the user declared them; None when the table has none
              object
weights       (n,) float64 or int64    None when the table has none
============  =======================  ====================================================================

Integers and the zeros of sparse tables are floats here as well; `forms` keeps how they show. Arrays may be shared with
other tables: whoever changes one copies it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.blocks import load
from flowkit_mockserver.columns.ids import Ids, as_ids, positions_of
from flowkit_mockserver.columns.parts import (
    FLOAT,
    INTEGER,
    ZERO_IS_INTEGER,
    Forms,
    Matrix,
    Part,
    Values,
    values_array,
)
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.interface import TableData

__all__ = ["FLOAT", "INTEGER", "ZERO_IS_INTEGER", "Instances", "first_instances"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


#: What a schema says of the columns, which instances know themselves.
_OF_COLUMNS = frozenset({"header", "labelled", "weighted", "matched"})


@dataclass(frozen=True, eq=False)
class Instances:
    """An instance table; the module says what the arrays hold.

    Attributes:
        header: the names of the features.
        extra: further entries of the schema (`sid_name`, `label_name`, `sparse`, `int_keys`).
    """

    ids: Ids
    features: Array
    labels: Array | None = None
    weights: Array | None = None
    header: list[str] = field(default_factory=list)
    extra: Mapping[str, Any] = field(default_factory=dict)
    partitions: int = 4
    forms: Forms | None = None
    match_ids: Array | None = None

    @classmethod
    def of(cls, table: TableData) -> Instances:
        """Return `table` taken apart, its samples in their canonical order.

        Raises:
            ValueError: the table holds no instances.
        """
        if table.kind != "instance":
            raise ValueError(f"a table of instances is needed, not one of kind {table.kind!r}")
        schema = table.schema
        header = list(schema.get("header") or [])
        extra = {k: v for k, v in schema.items() if k not in _OF_COLUMNS}
        labelled, weighted = bool(schema.get("labelled")), bool(schema.get("weighted"))
        records = load(table.records)
        if not isinstance(records, Columns):
            records = _columns(
                [(key, value) for key, value in records], labelled, weighted, len(header)
            )
        if not schema.get("int_keys"):
            records = records.in_order()
        parts = list(records.parts)
        match_ids = _array(parts.pop(0)) if schema.get("matched") else None
        labels = _array(parts.pop(0)) if labelled else None
        place = 0 if schema.get("weight_first") else -1
        weights = _array(parts.pop(place)) if weighted else None
        (matrix,) = parts
        assert isinstance(matrix, Matrix)
        return cls(
            records.ids,
            matrix.data,
            labels,
            weights,
            header,
            extra,
            table.partitions,
            matrix.forms,
            match_ids,
        )

    @classmethod
    def from_rows(
        cls,
        keys: Sequence[str],
        rows: Sequence[Sequence[Any]],
        labels: Sequence[Any] | None = None,
        weights: Sequence[float] | None = None,
        header: Sequence[str] = (),
        extra: Mapping[str, Any] | None = None,
        partitions: int = 4,
    ) -> Instances:
        """Return samples given as plain values, row by row; they show as exactly these values."""
        width = len(rows[0]) if rows else len(header)
        matrix = Matrix.of_rows(rows, width)
        return cls(
            as_ids(keys),
            matrix.data,
            None if labels is None else values_array(labels),
            None if weights is None else values_array(weights),
            list(header),
            extra or {},
            partitions,
            matrix.forms,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def width(self) -> int:
        """The number of features."""
        return int(self.features.shape[1])

    @property
    def numbers(self) -> Floats:
        """The features as float64, shape (n, d).

        Raises:
            ValueError: a feature is text that is no number.
        """
        return self.features.astype(np.float64, copy=False)

    @property
    def sparse(self) -> bool:
        """Whether the table is one of sparse vectors: a zero is a value that is not there."""
        return bool(self.extra.get("sparse"))

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the table these instances make."""
        return {
            **self.extra,
            "header": self.header,
            "labelled": self.labels is not None,
            "weighted": self.weights is not None,
            **({} if self.match_ids is None else {"matched": True}),
        }

    def table(self) -> TableData:
        """Return the instances as a table again."""
        return TableData("instance", self.schema, self.columns(), self.partitions)

    def columns(self) -> Columns:
        """Return the rows as they are stored: labels (when there are), features, weights (when there are)."""
        parts: list[Part] = [Matrix(self.features, self.forms)]
        if self.weights is not None:
            # The later lines show it behind the label.
            parts.insert(0 if self.extra.get("weight_first") else 1, Values(self.weights))
        if self.labels is not None:
            parts.insert(0, Values(self.labels))
        if self.match_ids is not None:
            parts.insert(0, Values(self.match_ids))
        return Columns(self.ids, parts)

    def column(self, name: str) -> Array:
        """Return one feature by name, shape (n,).

        Raises:
            ValueError: there is no feature of that name.
        """
        if name not in self.header:
            raise ValueError(f"there is no feature {name!r}; there are {self.header}")
        column: Array = self.features[:, self.header.index(name)]
        return column

    def take(self, selection: Sequence[int] | Array | slice) -> Instances:
        """Return the samples at positions, in that order, or where a mask says so."""
        chosen = selection if isinstance(selection, slice) else _selection(selection)
        return replace(
            self,
            ids=self.ids[chosen],
            features=self.features[chosen],
            labels=None if self.labels is None else self.labels[chosen],
            weights=None if self.weights is None else self.weights[chosen],
            match_ids=None if self.match_ids is None else self.match_ids[chosen],
        )

    def take_ids(self, ids: Ids) -> Instances:
        """Return the samples of `ids` in their order, those that this table has."""
        places = positions_of(ids, self.ids)
        return self.take(places[places >= 0])

    def with_features(
        self,
        features: Array,
        header: Sequence[str] | None = None,
        forms: Forms | Sequence[int] | None = None,
    ) -> Instances:
        """Return the same samples with other features.

        Args:
            features: shape (n, d).
            header: the names of the d features; the present ones when None.
            forms: how each of the d features shows; all as floats when None, or as a sparse table shows them when
                this is one.
        """
        if forms is None and self.sparse:
            forms = np.full(features.shape[1], ZERO_IS_INTEGER, dtype=np.uint8)
        return replace(
            self,
            features=features,
            header=self.header if header is None else list(header),
            forms=None if forms is None else np.asarray(forms, dtype=np.uint8),
        )

    def select(self, places: Sequence[int] | Array) -> Instances:
        """Return the same samples with the features at `places`, in that order."""
        chosen = _selection(places)
        return replace(
            self,
            features=self.features[:, chosen],
            header=[self.header[place] for place in chosen.tolist()],
            forms=None if self.forms is None else self.forms[chosen],
        )

    def without(self, name: str) -> Instances:
        """Return the same samples without one feature."""
        return self.select([i for i, other in enumerate(self.header) if other != name])

    def aligned(self, header: Sequence[str]) -> Instances:
        """Return the features in the order of `header`; the same object when nothing has to move.

        Raises:
            ValueError: a feature of `header` is missing.
        """
        if list(header) == self.header:
            return self
        at = {name: i for i, name in enumerate(self.header)}
        if any(name not in at for name in header):
            raise ValueError("fit & transform data' header should be same")
        return self.select([at[name] for name in header])


def first_instances(tables: Sequence[tuple[str, TableData]] | None) -> Instances | None:
    """Return the first of the tables of a data key as instances, or None."""
    return Instances.of(tables[0][1]) if tables else None


def _selection(places: Sequence[int] | Array) -> Array:
    return places if isinstance(places, np.ndarray) else np.asarray(places, dtype=np.intp)


def _array(part: Part) -> Array:
    if isinstance(part, Values):
        return part.array
    return values_array([cell for (cell,) in part.cells()])


def _columns(
    pairs: Sequence[tuple[str, Any]], labelled: bool, weighted: bool, width: int
) -> Columns:
    """Return rows that somebody wrote down one by one as columns."""
    rows = [list(value) for _, value in pairs]
    parts: list[Part] = []
    if labelled:
        parts.append(Values(values_array([row.pop(0) for row in rows])))
    weights = values_array([row.pop() for row in rows]) if weighted else None
    parts.append(Matrix.of_rows(rows, len(rows[0]) if rows else width))
    if weights is not None:
        parts.append(Values(weights))
    return Columns(as_ids([key for key, _ in pairs]), parts)
