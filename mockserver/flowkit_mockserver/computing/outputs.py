"""Where a component's tables are put."""

from __future__ import annotations

import hashlib
from typing import TypedDict

from flowkit_mockserver.party import Party

__all__ = ["OutputTable", "table_name"]


class OutputTable(TypedDict):
    """A table that a component put out: its name in the DSL, and where it is."""

    data_name: str
    namespace: str
    name: str


def table_name(namespace: str, party: Party, alias: str) -> str:
    """Return the name of a table that a component puts out on a party."""
    # The real server draws 32 hexadecimal digits; here they follow from what the table is.
    return hashlib.sha256(f"{namespace}/{party.key}/{alias}".encode()).hexdigest()[:32]
