"""Tables by namespace and name, over rows that several tables may share."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flowkit_mockserver.columns.lines import UploadLines
from flowkit_mockserver.components.core.interface import TableData, cells, columns
from flowkit_mockserver.data.schemas import shown_schema
from flowkit_mockserver.data.stored import StoredRecords, StoredRows, StoredUpload
from flowkit_mockserver.store import RowStore, Store, StorePart
from flowkit_mockserver.store.interface import Lock

__all__ = ["SHOWN_ROWS", "Table", "Tables"]

_CHECKED_TABLES = 100
#: Rows that are shown of a table.
SHOWN_ROWS = 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table that the server knows.

    Attributes:
        namespace: first half of its identity.
        name: second half of its identity.
        kind: ``"text"``, ``"instance"`` or ``"prediction"``; says what values look like.
        schema: column names as the real server stores them.
        partitions: None for a table that is bound to data elsewhere.
        rows_id: the set of rows; None for a bound table.
        count: number of rows; None for a bound table.
        rows: where the rows are.
    """

    namespace: str
    name: str
    kind: str
    schema: dict[str, Any]
    partitions: int | None
    rows_id: int | None
    count: int | None
    rows: RowStore

    def records(self, limit: int | None = None) -> Iterator[tuple[str, Any]]:
        """Yield (key, value), at most `limit`; a value is a line of text or a list of columns."""
        return iter(()) if self.rows_id is None else self.rows.read(self.rows_id, limit)

    def header(self) -> list[str | None] | None:
        """Return the names of the columns, the key's first; None when there are none at all."""
        return columns(self.kind, self.schema)

    def cells(self, limit: int | None = None) -> Iterator[list[Any]]:
        """Yield rows as they are shown: the key, then each column."""
        for key, value in self.records(limit):
            yield cells(self.kind, self.schema, key, value)


class Tables:
    """All tables of a server. Used under its lock; only what stores rows ahead of their table may run without.

    Args:
        store: where they are kept.
        lock: the server's lock.
        at: returns the tables of a party's server, by party id; None where one server is that of all parties.

    Attributes:
        lock: the server's lock.
        rows: the rows of all tables.
    """

    def __init__(
        self, store: Store | StorePart, lock: Lock, at: Callable[[str], Tables] | None = None
    ) -> None:
        self.lock = lock
        self._at = at
        self._store = store
        self._rows = self.rows = store.rows
        self._tables = store.collection("tables")
        # What the later lines know of a table beside the rest: origin, address, disabled, extend_sid, its first rows.
        self._notes = store.collection("table_notes")
        # Rows of files that were read ahead of the job that stores them, by file: set and count.
        self._prepared: dict[Path, tuple[int, int]] = {}
        self._check()

    def at(self, site: str) -> Tables:
        """Return the tables of the server of a party; these, where one server is that of all parties."""
        return self if self._at is None else self._at(site)

    def share_prepared(self, others: Tables) -> None:
        """Have the rows that were prepared from files in common with the tables of another server on this state."""
        self._prepared = others._prepared

    def _check(self) -> None:
        """Look whether what a store holds can be tables, as far as the newest of them show it.

        Raises:
            ValueError: it cannot.
        """
        for key in islice(reversed(self._tables), _CHECKED_TABLES):
            if not isinstance(self._tables[key].get("rows_id", ""), int | None):
                raise ValueError(f"table {key} has no rows")

    def get(self, namespace: str | None, name: str | None) -> Table | None:
        """Return a table, or None."""
        document = self._tables.get(_key(namespace, name))
        return None if document is None else Table(rows=self._rows, **document)

    def __iter__(self) -> Iterator[Table]:
        for document in self._tables.values():
            yield Table(rows=self._rows, **document)

    def __len__(self) -> int:
        return len(self._tables)

    def __contains__(self, identity: object) -> bool:
        """Return whether a table, given as (namespace, name), is there."""
        return isinstance(identity, tuple) and _key(*identity) in self._tables

    def put(
        self,
        table: TableData,
        namespace: str,
        name: str,
        partitions: int | None = None,
        *,
        stored: StoredRows | None = None,
    ) -> Table:
        """Keep what a component put out; rows that are here already are shared, not copied.

        Args:
            table: the table.
            namespace: first half of its identity.
            name: second half.
            partitions: how many partitions it has; None for as many as `table` says.
            stored: its rows, if `store_rows` has stored them.
        """
        if stored is None or stored.undone != self._rows.undone:
            stored = self.store_rows(table)
        rows_id, count = stored.rows_id, stored.count
        if stored.shared:
            self._rows.share(rows_id)
        return self._register(
            namespace,
            name,
            kind=table.kind,
            schema=dict(table.schema),
            partitions=table.partitions if partitions is None else partitions,
            rows_id=rows_id,
            count=count,
        )

    def store_rows(self, table: TableData) -> StoredRows:
        """Store the rows of a table ahead of `put`. This may be called without the server's lock."""
        records = table.records
        if isinstance(records, StoredRecords) and records.rows is self._rows:
            return StoredRows(records.rows_id, len(records), self._rows.undone, shared=True)
        undone = self._rows.undone
        return StoredRows(*self._rows.write(records), undone)

    def drop_rows(self, stored: StoredRows) -> None:
        """Drop rows that no table is going to have."""
        if not stored.shared and stored.undone == self._rows.undone:
            self._rows.release(stored.rows_id)

    def upload(self, namespace: str, name: str, table: TableData, destroy: bool) -> int:
        """Store an uploaded table from a stream of rows, in the order of its keys.

        Args:
            namespace: first half of the table's identity.
            name: second half.
            table: its records may be any iterable; the last of several rows with one key wins.
            destroy: False adds to the rows of a table of that name, where there is one.

        Returns:
            The number of distinct keys.
        """
        return self.register_upload(self.store_upload(namespace, name, table, destroy))

    def store_upload(
        self, namespace: str, name: str, table: TableData, destroy: bool
    ) -> StoredUpload:
        """Store the rows of an upload ahead of `register_upload`; see `upload`.

        This may be called without the server's lock.
        """
        path = getattr(table.records, "path", None)
        with self.lock:
            base = self._base(namespace, name, destroy)
            prepared = self._prepared.pop(path, None) if isinstance(path, Path) else None
            if base is not None and prepared is not None:
                self._rows.release(prepared[0])
            undone = self._rows.undone
            pin = None if base is None else self._rows.pin(base)
        try:
            if base is not None:
                written = self._rows.write_by_key(_both(self._rows.read(base), table.records))
            else:
                written = prepared or self._rows.write_by_key(table.records)
        finally:
            if pin is not None:
                self._rows.unpin(pin)
        return StoredUpload(namespace, name, table, destroy, base, StoredRows(*written, undone))

    def register_upload(self, upload: StoredUpload) -> int:
        """Let an uploaded table be there whose rows are stored; return the number of its keys."""
        namespace, name, table = upload.namespace, upload.name, upload.table
        lost = upload.rows.undone != self._rows.undone
        if lost or self._base(namespace, name, upload.destroy) != upload.base:
            # The rows are gone, or the table that they add to is another by now.
            self.drop_rows(upload.rows)
            upload = self.store_upload(namespace, name, table, upload.destroy)
        self._register(
            namespace,
            name,
            kind=table.kind,
            schema=dict(table.schema),
            partitions=table.partitions,
            rows_id=upload.rows.rows_id,
            count=upload.rows.count,
        )
        if isinstance(table.records, UploadLines):
            self.note(namespace, name, **table.records.notes(SHOWN_ROWS))
        return upload.rows.count

    def first_rows(
        self, table: Table, limit: int = SHOWN_ROWS, source: tuple[str, str] | None = None
    ) -> Iterator[list[Any]]:
        """Yield the first rows as the later lines show them: of an upload in the order of its file.

        Args:
            table: the table.
            limit: how many rows at most.
            source: namespace and name of the table that it was read from, if it is a copy.
        """
        place = source or (table.namespace, table.name)
        origin = table if source is None else self.get(*place)
        first = self.notes(*place).get("first")
        if first is None or origin is None or origin.rows_id != table.rows_id:
            yield from table.cells(limit)
            return
        for key, value in first[:limit]:
            yield cells(table.kind, table.schema, key, value)

    def _base(self, namespace: str, name: str, destroy: bool) -> int | None:
        """Return the set of rows that an upload adds to; None when it begins a table."""
        there = None if destroy else self.get(namespace, name)
        return there.rows_id if there is not None and there.count else None

    def prepare(self, lines: UploadLines) -> None:
        """Store the rows of a file ahead of the job that uploads it, and leave that nothing to do.

        This may be called without the server's lock: a large file then holds nobody up. Should
        the server end before the job runs, the job reads the file itself.

        Raises:
            ValueError: the file is not text in UTF-8.
        """
        prepared = self._rows.write_by_key(lines)
        with self.lock:
            for path in [path for path in self._prepared if not path.exists()]:
                self.forget(path)
            self._prepared[lines.path] = prepared

    def keep_file(self, path: Path | None) -> str | None:
        """Keep a file that came with a request, if one did, for the job that uploads it; return how it is called."""
        if path is None:
            return None
        self._store.files.keep(path)
        return str(path)

    def find_file(self, path: Path) -> Path:
        """Return where the file of an upload is now, which may have come to another worker."""
        return self._store.files.find(path)

    def drop_prepared(self, names: Container[str]) -> None:
        """Drop rows that were prepared from files, by the names of these, which another worker has uploaded."""
        for path in [path for path in self._prepared if path.name in names]:
            self._rows.release(self._prepared.pop(path)[0])

    def forget(self, path: Path) -> None:
        """Drop a file with the next commit, and the rows prepared from it, because no job will want them."""
        prepared = self._prepared.pop(path, None)
        if prepared is not None:
            self._rows.release(prepared[0])
        self._store.discard(path)

    def bind(
        self, namespace: str, name: str, schema: Mapping[str, Any], partitions: int | None
    ) -> Table:
        """Register a table whose data lies elsewhere: it exists, and has no rows here."""
        return self._register(
            namespace,
            name,
            kind="text",
            schema=dict(schema),
            partitions=partitions,
            rows_id=None,
            count=None,
        )

    def _register(self, namespace: str, name: str, **values: Any) -> Table:
        self.delete(namespace, name)
        document = {"namespace": namespace, "name": name, **values}
        self._tables[_key(namespace, name)] = document
        if document["rows_id"] is not None:
            self._rows.adopt(document["rows_id"])
        return Table(rows=self._rows, **document)

    def delete(self, namespace: str | None, name: str | None) -> bool:
        """Forget a table, and its rows with the last that has them; return whether it was there."""
        document = self._tables.pop(_key(namespace, name), None)
        if document is None:
            return False
        self._notes.pop(_key(namespace, name), None)
        if document["rows_id"] is not None:
            self._rows.release(document["rows_id"])
        return True

    def info(self, namespace: str | None, name: str | None) -> dict[str, Any]:
        """Return what `table/table_info` says of a table, whether it exists or not."""
        table = self.get(namespace, name)
        return {
            "table_name": name,
            "namespace": namespace,
            "exist": 0 if table is None else 1,
            "count": 0 if table is None else table.count,
            "partition": None if table is None else table.partitions,
            "schema": None if table is None else table.schema,
        }

    def later_info(
        self, namespace: str | None, name: str | None, *, described: bool = True
    ) -> dict[str, Any]:
        """Return what `table/table_info` of the later lines says of a table; see `shown_schema`."""
        info = self.info(namespace, name)
        notes = self.notes(namespace, name)
        exists = bool(info["exist"])
        own = {
            "connector_name": None,
            "home": None,
            "name": name,
            "namespace": namespace,
            "storage_type": "LMDB",
        }
        if exists:
            # Nobody has counted, or described, a table that lies elsewhere.
            described = described and info["count"] is not None
            info["schema"] = shown_schema(info["schema"] or {}, notes, described=described)
        return info | {
            "address": notes.get("address", own) if exists else None,
            "enable": not notes.get("disabled", False),
            "extend_sid": notes.get("extend_sid", False),
            "origin": notes.get("origin", "upload") if exists else None,
        }

    def notes(self, namespace: str | None, name: str | None) -> dict[str, Any]:
        """Return what has been noted about a table; see `note`."""
        found: dict[str, Any] = self._notes.get(_key(namespace, name), {})
        return found

    def note(self, namespace: str, name: str, **values: Any) -> None:
        """Note something about a table: `origin`, `address`, `disabled`, `extend_sid`."""
        self._notes[_key(namespace, name)] = {**self.notes(namespace, name), **values}

    def set_schema(self, namespace: str, name: str, schema: Mapping[str, Any]) -> None:
        """Put another schema in place of a table's."""
        key = _key(namespace, name)
        self._tables[key] = {**self._tables[key], "schema": dict(schema)}

    def as_data(self, table: Table) -> TableData:
        """Return a table as components take it, its records fetched as they are gone through."""
        if table.rows_id is None:
            return TableData(table.kind, table.schema, [], table.partitions or 4)
        records = StoredRecords(self._rows, table.rows_id, table.count or 0)
        return TableData(table.kind, table.schema, records, table.partitions or 4)

    def read(self, namespace: str, name: str) -> TableData | None:
        """Return the table of that name as components take it, or None."""
        table = self.get(namespace, name)
        return None if table is None else self.as_data(table)


def _key(namespace: object, name: object) -> str:
    # A unit separator occurs in no name that a client can type.
    return f"{namespace}\x1f{name}"


def _both(
    first: Iterable[tuple[str, Any]], second: Iterable[tuple[str, Any]]
) -> Iterator[tuple[str, Any]]:
    yield from first
    yield from second
