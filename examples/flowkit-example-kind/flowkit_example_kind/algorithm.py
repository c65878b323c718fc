"""The algorithm of RowCount."""

from __future__ import annotations

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.party import Party

__all__ = ["count_rows"]


def count_rows(run: ComponentRun) -> dict[Party, PartyResult]:
    """Count the rows of each party's table and hand the table on."""
    results = {}
    for party in run.parties:
        table = first_table(run, party, "data")
        if table is None:
            raise ComponentFailed("input data is None", party)
        count, least = len(table.records), parameter(run, party)["at_least"]
        if count < least:
            raise ComponentFailed(f"the table has {count} rows, fewer than {least}", party)
        results[party] = PartyResult([table], summary={"count": count})
    return results
