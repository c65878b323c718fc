"""How large a run is: what is small computes where it is, what is large is worth some milliseconds of preparation."""

from __future__ import annotations

from collections.abc import Iterator

from flowkit_mockserver.components.core.interface import ComponentRun, TableData, columns

__all__ = ["input_tables", "is_large"]

#: Cells of all inputs from which on a run is worth the way to another process, which costs some milliseconds.
CELLS = 100_000


def is_large(run: ComponentRun) -> bool:
    """Say whether the inputs of a run have so many cells that computing takes long beside some milliseconds."""
    return sum(len(table.records) * _width(table) for table in input_tables(run)) >= CELLS


def input_tables(run: ComponentRun) -> Iterator[TableData]:
    """Yield the tables that a run is given, in an order that is always the same."""
    for by_key in run.inputs.values():
        for given in by_key.values():
            for _, table in given:
                yield table


def _width(table: TableData) -> int:
    return len(columns(table.kind, table.schema) or ()) or 1
