"""client.table: what is known of tables, and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.inputs.arguments import Id, optional, refusal, text
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import TableInfo

__all__ = ["TableQuery"]


class TableQuery(Group):
    """Tables that are there."""

    def info(self, namespace: str, table_name: str) -> Reply[TableInfo]:
        """Describe a table; that there is none is an answer, too.

        Args:
            namespace: the table's namespace.
            table_name: its name.

        Returns:
            A reply whose data holds ``exist`` (0 or 1), ``count`` (rows), ``partition``,
            ``schema`` (``{"header": "y,x0,x1", "sid": "id"}``; None without a table),
            ``namespace`` and ``table_name``.

        Endpoint: ``POST table/table_info``.
        """
        return self._call(
            "table.info",
            namespace=text("namespace", namespace),
            table_name=text("table_name", table_name),
        )

    def delete(
        self,
        namespace: str | None = None,
        table_name: str | None = None,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        component_name: str | None = None,
    ) -> Reply[dict[str, Any]]:
        """Delete a table.

        The user guide also deletes by the component that put the table out, and the official SDK
        sends those fields, but servers up to 1.11 look at namespace and name only. For the table
        of a component, take both from ``client.component.output_data_table``.

        Args:
            namespace: the table's namespace.
            table_name: its name.
            job_id: job whose table it is.
            role: role of the party whose table it is.
            party_id: that party.
            component_name: component that put it out.

        Returns:
            A reply whose data is ``{"table_name": …, "namespace": …}``.

        Raises:
            ArgumentError: nothing was given that names a table.
            OperationError: there is no such table (101).

        Endpoint: ``POST table/delete``.
        """
        fields = {
            "namespace": optional(text, "namespace", namespace),
            "table_name": optional(text, "table_name", table_name),
            **filter_fields(job_id, role, party_id, component_name),
        }
        if all(value is None for value in fields.values()):
            raise refusal("namespace", None, "given, with table_name", "they name the table")
        return self._call("table.delete", **fields)

    def list(self, job_id: Id, role: str, party_id: Id) -> Reply[dict[str, Any]]:
        """List the tables that a job reads and writes.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.

        Returns:
            A reply whose data holds, for each component, ``input`` and ``output``: name and
            namespace by data name.

        Raises:
            OperationError: the server does not know the job (101).

        Endpoint: ``POST table/list``.
        """
        return self._call("table.list", **party_fields(job_id, role, party_id))
