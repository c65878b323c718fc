"""client.table: whether tables may be used, and where they were used; servers from 1.7 or 1.8 on."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs.arguments import optional, refusal, text
from flowkit.reply import Reply

__all__ = ["TableUsage"]

Tables = list[dict[str, str]]


class TableUsage(Group):
    """The use of tables."""

    def disable(self, namespace: str | None = None, table_name: str | None = None) -> Reply[Tables]:
        """Keep tables from being used by jobs; servers from 1.8 on.

        Args:
            namespace: only tables of this namespace.
            table_name: only tables of this name.

        Returns:
            A reply whose data is a list of ``table_name`` and ``namespace``.

        Raises:
            ArgumentError: neither was given: that would be every table.
            OperationError: there is no such table (101).

        Endpoint: ``POST table/disable``.
        """
        return self._call("table.disable", **_named(namespace, table_name))

    def enable(self, namespace: str | None = None, table_name: str | None = None) -> Reply[Tables]:
        """Let disabled tables be used again; servers from 1.8 on.

        Args:
            namespace: only tables of this namespace.
            table_name: only tables of this name.

        Returns:
            A reply whose data is a list of ``table_name`` and ``namespace``.

        Raises:
            ArgumentError: neither was given: that would be every table.
            OperationError: there is no such table (101).

        Endpoint: ``POST table/enable``.
        """
        return self._call("table.enable", **_named(namespace, table_name))

    def disable_delete(self) -> Reply[Tables]:
        """Delete all tables that are disabled; servers from 1.8 on.

        Returns:
            A reply whose data is a list of ``table_name`` and ``namespace``.

        Endpoint: ``POST table/disable/delete``.
        """
        return self._call("table.disable_delete")

    def tracking_source(self, namespace: str, table_name: str) -> Reply[Tables]:
        """List the tables that a table was made from; servers from 1.7 on.

        Args:
            namespace: the table's namespace.
            table_name: its name.

        Returns:
            A reply whose data is a list of the parents' names and namespaces.

        Endpoint: ``POST table/tracking/source``.
        """
        return self._call("table.tracking_source", **_table(namespace, table_name))

    def tracking_job(self, namespace: str, table_name: str) -> Reply[dict[str, Any]]:
        """List the jobs that used a table; servers from 1.7 on.

        Args:
            namespace: the table's namespace.
            table_name: its name.

        Returns:
            A reply whose data is ``{"count": n, "job": [...]}``.

        Endpoint: ``POST table/tracking/job``.
        """
        return self._call("table.tracking_job", **_table(namespace, table_name))


def _table(namespace: str, table_name: str) -> dict[str, str]:
    """Return the fields that name one table."""
    return {
        "namespace": text("namespace", namespace),
        "table_name": text("table_name", table_name),
    }


def _named(namespace: str | None, table_name: str | None) -> dict[str, str | None]:
    """Return the fields that name some tables; never all of them."""
    if namespace is None and table_name is None:
        raise refusal("namespace", None, "given, or table_name", "without them it is every table")
    return {
        "namespace": optional(text, "namespace", namespace),
        "table_name": optional(text, "table_name", table_name),
    }
