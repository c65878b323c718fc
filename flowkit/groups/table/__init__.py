"""client.table: data tables on the server."""

from __future__ import annotations

from flowkit.groups.table.query import TableQuery
from flowkit.groups.table.registration import TableRegistration
from flowkit.groups.table.usage import TableUsage

__all__ = ["Table"]


class Table(TableQuery, TableRegistration, TableUsage):
    """Data tables, by namespace and name; ``client.data.upload`` makes them."""
