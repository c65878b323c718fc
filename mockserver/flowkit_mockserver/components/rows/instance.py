"""Instance tables row by row, for algorithms that have not moved to columns yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flowkit_mockserver.components.core import instance as columnar
from flowkit_mockserver.components.core.interface import TableData, order_of

__all__ = ["PREDICTION_HEADER", "Instances", "first_instances", "prediction_table"]

PREDICTION_HEADER = ["label", "predict_result", "predict_score", "predict_detail", "type"]


@dataclass(frozen=True)
class Instances:
    """An instance table, taken apart.

    Attributes:
        keys: sample ids in table order.
        rows: the features of each sample, dense.
        labels: one a sample, or None when the table has none.
        weights: one a sample, or None.
        header: feature names.
        extra: further entries of the schema (`sid_name`, `label_name`, `sparse`, `int_keys`).
    """

    keys: list[str]
    rows: list[list[Any]]
    labels: list[Any] | None = None
    weights: list[float] | None = None
    header: list[str] = field(default_factory=list)
    extra: Mapping[str, Any] = field(default_factory=dict)
    partitions: int = 4

    @classmethod
    def of(cls, table: TableData) -> Instances:
        """Return `table` taken apart, its records in their canonical order.

        Raises:
            ValueError: the table holds no instances.
        """
        if table.kind != "instance":
            raise ValueError(f"a table of instances is needed, not one of kind {table.kind!r}")
        schema = table.schema
        records = sorted(table.records, key=lambda record: order_of(record[0]))
        if schema.get("int_keys"):
            records = list(table.records)
        keys = [key for key, _ in records]
        values = [value for _, value in records]
        labels = weights = None
        if schema.get("weighted"):
            weights = [value[-1] for value in values]
            values = [value[:-1] for value in values]
        if schema.get("labelled"):
            labels = [value[0] for value in values]
            values = [value[1:] for value in values]
        extra = {k: v for k, v in schema.items() if k not in {"header", "labelled", "weighted"}}
        return cls(
            keys, values, labels, weights, list(schema.get("header") or []), extra, table.partitions
        )

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def ids(self) -> list[str]:
        """The keys, under the name that columns have for them."""
        return self.keys

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the table these instances make."""
        return {
            **self.extra,
            "header": self.header,
            "labelled": self.labels is not None,
            "weighted": self.weights is not None,
        }

    def table(self) -> TableData:
        """Return the instances as a table again."""
        return columnar.Instances.from_rows(
            self.keys,
            self.rows,
            self.labels,
            self.weights,
            self.header,
            self.extra,
            self.partitions,
        ).table()

    def columns(self) -> list[list[Any]]:
        """Return the features by column."""
        if not self.rows:
            return [[] for _ in self.header]
        return [list(column) for column in zip(*self.rows, strict=True)]

    def with_rows(self, rows: list[list[Any]], header: Sequence[str] | None = None) -> Instances:
        """Return the same samples with other features."""
        return replace(self, rows=rows, header=self.header if header is None else list(header))

    def with_columns(self, columns: Sequence[Sequence[Any]], header: Sequence[str]) -> Instances:
        """Return the same samples with other features, given by column."""
        rows = (
            [list(row) for row in zip(*columns, strict=True)]
            if columns
            else [[] for _ in self.keys]
        )
        return replace(self, rows=rows, header=list(header))

    def take(self, positions: Sequence[int]) -> Instances:
        """Return the samples at `positions`, in that order."""
        return replace(
            self,
            keys=[self.keys[i] for i in positions],
            rows=[self.rows[i] for i in positions],
            labels=None if self.labels is None else [self.labels[i] for i in positions],
            weights=None if self.weights is None else [self.weights[i] for i in positions],
        )

    def aligned(self, header: Sequence[str]) -> Instances:
        """Return the features in the order of `header`; the same object when nothing has to move.

        Raises:
            ValueError: a feature of `header` is missing.
        """
        if list(header) == self.header:
            return self
        at = {name: i for i, name in enumerate(self.header)}
        if missing := [name for name in header if name not in at]:
            raise ValueError(f"features {missing} of the model are not in the data")
        order = [at[name] for name in header]
        return self.with_rows([[row[i] for i in order] for row in self.rows], header)


def first_instances(tables: Sequence[tuple[str, TableData]] | None) -> Instances | None:
    """Return the first of the tables of a data key as instances, or None."""
    return Instances.of(tables[0][1]) if tables else None


def prediction_table(
    data: Instances, values: Sequence[list[Any]], *, int_detail: bool = False
) -> TableData:
    """Return a prediction table over the samples of `data`."""
    schema: dict[str, Any] = {"header": PREDICTION_HEADER, "sid_name": data.extra.get("sid_name")}
    if int_detail:
        schema["int_detail"] = True
    if data.extra.get("int_keys"):
        schema["int_keys"] = True
    return TableData(
        "prediction", schema, list(zip(data.keys, values, strict=True)), data.partitions
    )
