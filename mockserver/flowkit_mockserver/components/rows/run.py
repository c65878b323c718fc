"""How component kinds that go row by row read their run."""

from __future__ import annotations

from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.components.core.run import (
    data_keys,
    first_table,
    parameter,
    parties,
    party_order,
    pass_through,
    switched_off,
)
from flowkit_mockserver.components.rows.instance import Instances, first_instances
from flowkit_mockserver.party import Party

__all__ = [
    "data_keys",
    "first_table",
    "instances",
    "parameter",
    "parties",
    "party_order",
    "pass_through",
    "switched_off",
]


def instances(run: ComponentRun, party: Party, *keys: str) -> Instances | None:
    """Return the first table a party got under one of `keys`, as rows."""
    given = run.inputs.get(party, {})
    return next((first_instances(given[key]) for key in keys if given.get(key)), None)
