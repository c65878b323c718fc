"""client.table: data tables on the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.inputs.arguments import Id, integer, mapping, optional, refusal, switch, text
from flowkit.reply import Reply

__all__ = ["Table"]


class Table(Group):
    """Data tables, by namespace and name; ``client.data.upload`` makes them."""

    def info(self, namespace: str, table_name: str) -> Reply[dict[str, Any]]:
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

    def bind(
        self,
        engine: str,
        name: str,
        namespace: str,
        address: Mapping[str, Any],
        partitions: int | None = None,
        head: bool | int | None = None,
        id_delimiter: str | None = None,
        in_serialized: bool | None = None,
        drop: bool | int | None = None,
        id_column: str | None = None,
        feature_column: str | None = None,
        **more: Any,
    ) -> Reply[dict[str, str]]:
        """Register a table where it lies; no data is copied.

        Args:
            engine: storage engine: STANDALONE, EGGROLL, MYSQL, HDFS, FILE, PATH, HIVE ….
            name: name that the table gets.
            namespace: namespace that it gets.
            address: where it lies, in the engine's own fields.
            partitions: number of partitions.
            head: 1 when the first line is a header; required by 1.6, with `id_delimiter`.
            id_delimiter: what stands between the fields.
            in_serialized: whether the records are serialized.
            drop: 1 forgets an earlier table of that name.
            id_column: name of the id column (1.11).
            feature_column: names of the feature columns, with commas (1.11).
            more: further fields, such as ``id_name`` and ``feature_name`` (1.6) or ``schema``.

        Returns:
            A reply whose data is ``{"table_name": …, "namespace": …}``.

        Raises:
            OperationError: there is such a table already (100), or something is missing (100;
                1.11: 101).

        Endpoint: ``POST table/bind``.
        """
        return self._call(
            "table.bind",
            engine=text("engine", engine),
            name=text("name", name),
            namespace=text("namespace", namespace),
            address=mapping("address", address),
            partitions=optional(integer, "partitions", partitions),
            head=optional(switch, "head", head),
            id_delimiter=id_delimiter,
            in_serialized=in_serialized,
            drop=optional(switch, "drop", drop),
            id_column=id_column,
            feature_column=feature_column,
            **mapping("more", more),
        )

    def add(
        self, engine: str, name: str, namespace: str, address: Mapping[str, Any], **more: Any
    ) -> Reply[dict[str, str]]:
        """Register a table where it lies: `bind` under the name it bears in servers up to 1.6.

        Args:
            engine: storage engine.
            name: name that the table gets.
            namespace: namespace that it gets.
            address: where it lies, in the engine's own fields.
            more: further fields, as for `bind`.

        Returns:
            A reply whose data is ``{"table_name": …, "namespace": …}``.

        Raises:
            OperationError: there is such a table already, or something is missing (100).

        Endpoint: ``POST table/add``.
        """
        return self._call(
            "table.add",
            engine=text("engine", engine),
            name=text("name", name),
            namespace=text("namespace", namespace),
            address=mapping("address", address),
            **mapping("more", more),
        )

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
