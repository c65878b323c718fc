"""client.table: registering tables where they lie, and connectors to where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs.arguments import integer, mapping, optional, switch, text
from flowkit.reply import Reply

__all__ = ["TableRegistration"]


class TableRegistration(Group):
    """Tables that are registered, not copied."""

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

    def connector_create(
        self, connector_name: str, engine: str, connector_info: Mapping[str, Any]
    ) -> Reply[None]:
        """Store under a name where tables of an engine lie; servers from 1.7.2 on.

        Args:
            connector_name: the name; what was stored under it before is replaced.
            engine: storage engine: MYSQL, HIVE, HDFS ….
            connector_info: address and credentials, in the engine's own fields.

        Raises:
            OperationError: the server refuses the engine or its fields (100).

        Endpoint: ``POST table/connector/create``.
        """
        return self._call(
            "table.connector_create",
            connector_name=text("connector_name", connector_name),
            engine=text("engine", engine),
            connector_info=mapping("connector_info", connector_info),
        )

    def connector_query(self, connector_name: str) -> Reply[dict[str, Any]]:
        """Show what is stored under the name of a connector; servers from 1.7.2 on.

        Args:
            connector_name: the name.

        Returns:
            A reply whose data is what `connector_create` was given, credentials included.

        Endpoint: ``POST table/connector/query``.
        """
        return self._call(
            "table.connector_query", connector_name=text("connector_name", connector_name)
        )
