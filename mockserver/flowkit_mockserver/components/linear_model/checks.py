"""What the hetero regressions refuse, and which column of theirs is no feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.federation import Tables
from flowkit_mockserver.components.core.guards import check_overflow, check_table, guarded

__all__ = ["check_tables", "exposure_column"]


def exposure_column(module: str, asked: Mapping[str, Any]) -> str | None:
    """Return the name of the guest's exposure column, which only Poisson regression has."""
    return asked.get("exposure_colname") if module == "HeteroPoisson" else None


def check_tables(module: str, tables: Tables, *, training: bool) -> None:
    """Refuse what FATE refuses; see `guards`.

    Raises:
        ComponentFailed: a table of a party is refused.
    """
    for party, table in tables.items():
        with guarded(party):
            check_table(table)
            if training and module == "HeteroLR":
                check_overflow(table)
