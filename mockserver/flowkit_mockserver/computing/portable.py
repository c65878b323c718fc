"""Runs that leave the server's process: what they consist of on the way, and which of them go.

A run goes without the way to the server's tables and files, and with the rows of its inputs as they are stored. Its
result comes back the same way; a table that was handed on comes back as the number of the input that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from flowkit import __version__
from flowkit_mockserver.columns.blocks import blocks_of
from flowkit_mockserver.columns.encoding import EncodedRows, encode
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    Records,
    TableData,
)
from flowkit_mockserver.computing.engine import Results, ThreadEngine, computes_long
from flowkit_mockserver.computing.size import input_tables
from flowkit_mockserver.data.stored import StoredRecords
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

__all__ = ["PortableRun", "compute", "is_worth_sending"]

#: Rows in one block of a result, as in the store.
_BLOCK_ROWS = 8 * 1024


def is_worth_sending(run: ComponentRun) -> bool:
    """Say whether a run can compute in another process, and has so many cells that it should."""
    return not any(run.caches.values()) and computes_long(run)


class _HandedOn:
    """Stands for the rows of an input in a result.

    Args:
        number: which input.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(())


@dataclass(frozen=True)
class PortableRun:
    """A run on its way.

    Attributes:
        run: the run, with encoded rows and without the callables that need the server.
        version: the version of flowkit that sends it.
    """

    run: ComponentRun
    version: str

    @classmethod
    def of(cls, run: ComponentRun) -> PortableRun:
        """Return what is sent of a run; its rows are read here."""
        sent: dict[int, EncodedRows] = {}

        def pack(table: TableData) -> TableData:
            rows = sent.get(id(table.records))
            if rows is None:
                rows = sent[id(table.records)] = _encoded(table.records)
            return replace(table, schema=dict(table.schema), records=rows)

        module = run.module
        return cls(
            replace(
                run,
                inputs=_replaced(run.inputs, pack),
                read_table=_Refusal(module, "read_table"),
                write_table=_Refusal(module, "write_table"),
                locate=_Refusal(module, "locate"),
                write_file=_Refusal(module, "write_file"),
                store_model=_Refusal(module, "store_model"),
                restore_model=_Refusal(module, "restore_model"),
                find_caches=_Refusal(module, "find_caches"),
                load_model=_Refusal(module, "load_model"),
            ),
            __version__,
        )

    @staticmethod
    def unpack(run: ComponentRun, results: Results) -> Results:
        """Return results as they came back, with the inputs of `run` in place of those that were handed on."""
        given = [table.records for table in input_tables(run)]
        for result in results.values():
            result.tables = [
                replace(table, records=given[table.records.number])
                if isinstance(table.records, _HandedOn)
                else table
                for table in result.tables
            ]
        return results


def compute(portable: PortableRun) -> Results:
    """Carry a run out in this process, which is not that of the server.

    Raises:
        ComponentFailed: the component failed; or this process is no place for it, and the text says why.
    """
    run = portable.run
    if portable.version != __version__:
        text = f"the worker has flowkit {__version__}, and the server {portable.version}; install the same"
        raise ComponentFailed(text, run.parties[0])
    if find_kind(run.module) is None:
        text = f"the worker has no component kind {run.module}; install there what the server has"
        raise ComponentFailed(text, run.parties[0])
    results = ThreadEngine().compute(run)
    numbers = {id(table.records): number for number, table in enumerate(input_tables(run))}
    return {party: _packed(result, numbers) for party, result in results.items()}


def _packed(result: PartyResult, numbers: Mapping[int, int]) -> PartyResult:
    def pack(table: TableData) -> TableData:
        number = numbers.get(id(table.records))
        rows = _encoded(table.records) if number is None else _HandedOn(number)
        return replace(table, schema=dict(table.schema), records=rows)

    return replace(result, tables=[pack(table) for table in result.tables])


def _encoded(records: Records) -> EncodedRows:
    if isinstance(records, EncodedRows):
        return records
    if isinstance(records, StoredRecords):
        return records.encoded()
    chunks = []
    count = 0
    for block in blocks_of(records):
        for start in range(0, len(block), _BLOCK_ROWS):
            piece = block.slice(start, start + _BLOCK_ROWS)
            chunks.append(encode(piece))
            count += len(piece)
    return EncodedRows(chunks, count)


Inputs = Mapping[Party, Mapping[str, list[tuple[str, TableData]]]]


def _replaced(inputs: Inputs, pack: Callable[[TableData], TableData]) -> Inputs:
    return {
        party: {
            key: [(source, pack(table)) for source, table in given] for key, given in by_key.items()
        }
        for party, by_key in inputs.items()
    }


class _Refusal:
    """Stands where a callable would be that needs the server.

    Args:
        module: the kind.
        name: the callable.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *arguments: Any, **named: Any) -> NoReturn:
        raise RuntimeError(
            f"{self._module} uses {self._name} of its run outside of the server's process:"
            " its Kind has to say in_server=True"
        )
