"""Quantiles of the columns of a table, bins of values, and the columns that a user chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.partition import rows_by_partition
from flowkit_mockserver.components.core.quantile_summaries import (
    BATCH,
    COMPRESS_FROM,
    QuantileSummary,
)

__all__ = [
    "Partitions",
    "bin_numbers",
    "chosen_columns",
    "chosen_places",
    "column_summaries",
    "order_warnings",
    "row_partitions",
]

Floats = NDArray[np.float64]
#: So many cells are summarised at a time; copies of them are made on the way.
_CELLS = 4_000_000
_FEW = 64


def row_partitions(data: Instances) -> list[NDArray[np.intp]]:
    """Return the positions of the samples of each partition of a table, in their order there."""
    keys: list[Any] = data.ids.tolist()
    if data.extra.get("int_keys"):
        keys = [int(key) for key in keys]
    return rows_by_partition(keys, data.partitions)


class Partitions:
    """The partitions of tables, worked out once for tables of the same samples."""

    def __init__(self) -> None:
        self._known: tuple[Instances, list[NDArray[np.intp]]] | None = None

    def of(self, data: Instances) -> list[NDArray[np.intp]]:
        """Return the positions of the samples of each partition."""
        if self._known is not None:
            other, parts = self._known
            same = other.partitions == data.partitions and np.array_equal(other.ids, data.ids)
            if same and bool(other.extra.get("int_keys")) == bool(data.extra.get("int_keys")):
                return parts
        self._known = data, row_partitions(data)
        return self._known[1]


def column_summaries(
    data: Instances,
    values: Floats,
    error: float = 1e-4,
    *,
    sparse: bool = False,
    batch: int = BATCH,
    compress_from: int = COMPRESS_FROM,
    partitions: Partitions | None = None,
) -> list[QuantileSummary]:
    """Return the summary of every column of a table.

    Args:
        data: the table, whose ids say which partition a sample lies in.
        values: shape (n, d): the columns, NaN where a value is missing.
        error: allowed error of a rank, as share of all.
        sparse: whether zeros are left out and only counted.
        batch: how many values are inserted at a time (``head_size``).
        compress_from: from how many kept values on they are merged after a batch (``compress_thres``).
        partitions: those of tables that are summarised as well.
    """
    # So few values that no rank may be off: then it does not show in which partition they lie.
    exact = 2 * error * len(data) < 1 and len(data) < batch
    parts = [np.arange(len(data))] if exact else (partitions or Partitions()).of(data)
    found: list[QuantileSummary] = []
    together = max(1, _CELLS // max(1, len(data)))
    for start in range(0, values.shape[1], together):
        columns = np.ascontiguousarray(values[:, start : start + together].T)
        found += QuantileSummary.of(
            list(columns), parts, error, sparse=sparse, batch=batch, compress_from=compress_from
        )
    return found


def order_warnings(values: Floats, names: Sequence[str]) -> list[str]:
    """Return what to tell of columns whose missing values have no place in the order of the others.

    Args:
        values: shape (n, d).
        names: of the d columns.
    """
    missing: NDArray[np.bool_] = np.any(np.isnan(values), axis=0)
    listed = [name for name, found in zip(names, missing.tolist(), strict=True) if found]
    if not listed:
        return []
    return [
        f"missing values are left out of the order of {', '.join(listed)};"
        " FATE 1.6.1 gives them an arbitrary place in it"
    ]


def bin_numbers(
    column: Floats, points: Sequence[float] | Floats, *, missing_apart: bool = False
) -> NDArray[np.intp]:
    """Return the number of the bin each value falls into.

    Whatever is above the last bound but one is in the last bin, and a missing value is in the first.

    Args:
        column: shape (n,).
        points: the upper bounds of the bins, in order.
        missing_apart: whether missing values are in a bin of their own instead, behind the last one.
    """
    if missing_apart:
        missing = np.isnan(column)
        if missing.any():
            numbers = bin_numbers(column, points)
            numbers[missing] = len(points)
            return numbers
    inner = np.asarray(points, dtype=np.float64)[:-1]
    if len(inner) <= _FEW:
        # Comparing all values with one bound after the other is faster than searching each among few.
        passed = np.zeros(len(column), dtype=np.uint8)
        for bound in inner:
            passed += column > bound
        return passed.astype(np.intp)
    numbers = np.searchsorted(inner, column, side="left")
    numbers[np.isnan(column)] = 0
    return numbers


def chosen_places(header: Sequence[str], indexes: Any, names: Sequence[str] | None) -> list[int]:
    """Return the places of the columns a user chose by index (-1: all) and name, in the order of the choice.

    What is not in the header is left out.
    """
    if indexes == -1:
        return list(range(len(header)))
    at = {name: place for place, name in enumerate(header)}
    chosen = dict.fromkeys(index for index in indexes or [] if index < len(header))
    chosen.update(dict.fromkeys(at[name] for name in names or [] if name in at))
    return list(chosen)


def chosen_columns(header: Sequence[str], indexes: Any, names: Sequence[str] | None) -> list[str]:
    """Return the names of the columns a user chose, as `chosen_places`.

    Raises:
        ValueError: an index is beyond the header.
    """
    if indexes != -1 and any(index >= len(header) for index in indexes or []):
        raise ValueError("Adding a index that out of header's bound")
    return [header[place] for place in chosen_places(header, indexes, names)]
