"""The names under which other parties know the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.party import Party

__all__ = ["anonymous_names", "first_names"]

#: Where the schema of a table keeps them: name of a column → name for others.
_KEY = "anonymous"


def first_names(header: Sequence[str], party: Party) -> dict[str, Any]:
    """Return what a reader adds to the schema of a table so that its columns keep their names for others."""
    role, party_id = party
    return {_KEY: {name: f"{role}_{party_id}_x{place}" for place, name in enumerate(header)}}


def anonymous_names(data: Instances, party: Party) -> dict[str, str]:
    """Return the names for others, by column in the order of the table.

    In the first lines a name is the place of the column in the table at hand (``host_9999_3``). In the later ones a
    column has the name of its place in the table that was read (``host_9999_x3``) wherever it goes.
    """
    role, party_id = party
    known = data.extra.get(_KEY)
    if known is None:
        return {name: f"{role}_{party_id}_{place}" for place, name in enumerate(data.header)}
    return {
        name: known.get(name, f"{role}_{party_id}_x{place}")
        for place, name in enumerate(data.header)
    }
