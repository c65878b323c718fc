"""What two snapshots differ in: jobs, tables, models, tags and the rest, in words and as data."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from flowkit_mockserver.columns.encoding import decode
from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError
from flowkit_mockserver.jobs.job import job_status
from flowkit_mockserver.jobs.store import job_from
from flowkit_mockserver.store import part_of, without_part

__all__ = ["Difference", "Item", "difference"]

#: By collection, what one of its documents is called; those that only go with others are left out.
_KINDS = {
    "jobs": "job",
    "tables": "table",
    "model_rows": "model",
    "tags": "tag",
    "permissions": "permission",
    "later_permissions": "permission",
    "providers": "provider",
    "services": "service",
    "servers": "server",
    "site_keys": "site key",
    "connectors": "connector",
}
_COMPANIONS = frozenset({"plans", "outputs", "metric_days", "models", "table_notes"})
_SHOWN = 5
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that differs.

    Attributes:
        kind: what it is: ``job``, ``table``, ``model``, ``tag`` …
        name: which one.
        change: ``added``, ``removed`` or ``changed``.
        details: what of it changed, a line each.
    """

    kind: str
    name: str
    change: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.kind} {self.name} {self.change}"
        return f"{text}: {'; '.join(self.details)}" if self.details else text


@dataclass(frozen=True, slots=True)
class Difference:
    """What two snapshots differ in; false when in nothing.

    Attributes:
        items: what was added, removed or changed, by kind.
    """

    items: tuple[Item, ...]

    def __bool__(self) -> bool:
        return bool(self.items)

    def of(self, kind: str, change: str | None = None) -> list[str]:
        """Return the names of what differs of one kind.

        Args:
            kind: ``job``, ``table``, ``model``, ``tag`` …
            change: ``added``, ``removed`` or ``changed``; None for all.
        """
        return [
            item.name for item in self.items if item.kind == kind and change in (None, item.change)
        ]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values, and in words."""
        items = [{**asdict(item), "details": list(item.details)} for item in self.items]
        return {"items": items, "text": str(self)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Difference:
        """Return the difference that `to_document` has put into JSON values."""
        items = document["items"]
        return cls(tuple(Item(**{**item, "details": tuple(item["details"])}) for item in items))

    def __str__(self) -> str:
        return "\n".join(map(str, self.items)) or "no difference"


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """Return what was added, removed and changed from one snapshot to another.

    Raises:
        SnapshotError: one that came from a file holds what no server writes.
    """
    try:
        return _difference(before, after)
    # Whatever a file makes go wrong is the fault of the file.
    except Exception as error:
        if before.trusted and after.trusted:
            raise
        text = f"a snapshot is damaged: {type(error).__name__}: {error}"
        raise SnapshotError(f"{text:.500}; take it again") from error


def _difference(before: Snapshot, after: Snapshot) -> Difference:
    names = dict.fromkeys((*_KINDS, *before.content["documents"], *after.content["documents"]))
    return Difference(
        tuple(
            item
            for name in names
            if name not in _COMPANIONS
            for item in _items(name, before, after)
        )
    )


def _items(collection: str, before: Snapshot, after: Snapshot) -> Iterator[Item]:
    kind = _KINDS.get(collection, collection)
    old, new = (dict(one.content["documents"].get(collection, ())) for one in (before, after))
    for key, document in old.items():
        if key not in new:
            yield Item(kind, _name(collection, key, document), "removed")
    for key, document in new.items():
        name = _name(collection, key, document)
        if key not in old:
            yield Item(kind, name, "added", tuple(_summary(collection, document, after)))
        elif details := tuple(_details(collection, key, (before, old[key]), (after, document))):
            yield Item(kind, name, "changed", details)


def _name(collection: str, key: str, document: Mapping[str, Any]) -> str:
    part = part_of(key)
    name = _name_in_part(collection, without_part(key), document)
    return name if part is None else f"{name} of party {part}"


def _name_in_part(collection: str, key: str, document: Mapping[str, Any]) -> str:
    if collection == "tables":
        return f"{document['namespace']}/{document['name']}"
    return str(document["name"]) if collection == "tags" else key


def _summary(collection: str, document: dict[str, Any], where: Snapshot) -> Iterator[str]:
    if collection == "jobs":
        yield _status(document, where)
    elif collection == "tables" and document["count"] is not None:
        yield f"{document['count']} rows"


def _status(document: dict[str, Any], where: Snapshot) -> str:
    job = job_from(document)
    return job_status(job, job.moment(int(where.now * 1000)))


def _details(
    collection: str, key: str, old: tuple[Snapshot, Any], new: tuple[Snapshot, Any]
) -> Iterator[str]:
    """Yield what of one document changed."""
    (before, first), (after, second) = old, new
    if collection == "jobs":
        was, now = _status(first, before), _status(second, after)
        if was != now:
            yield f"status {was} -> {now}"
        for component in _changed_outputs(key, before, after):
            yield f"outputs of {component} changed"
        if was == now and first["attempts"] != second["attempts"]:
            yield "tasks changed"
        if first["notes"] != second["notes"]:
            yield "description changed"
        return
    if collection == "tables":
        yield from _rows_changed(_rows(before, first), _rows(after, second))
        first, second = ({**one, "rows_id": None, "count": None} for one in (first, second))
    if collection == "model_rows" and _companion(before, "models", key) != _companion(
        after, "models", key
    ):
        yield "components changed"
    yield from islice(_changed_fields(first, second), _SHOWN)


def _companion(where: Snapshot, collection: str, key: str) -> Any:
    return dict(where.content["documents"].get(collection, ())).get(key)


def _changed_outputs(job_id: str, before: Snapshot, after: Snapshot) -> list[str]:
    old, new = (
        {
            key: value
            for key, value in one.content["documents"].get("outputs", ())
            if key.startswith(f"{job_id}/")
        }
        for one in (before, after)
    )
    keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
    return [key.partition("/")[2] for key in keys]


def _rows(where: Snapshot, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows of a table by their keys."""
    found: dict[str, Any] = {}
    if table["rows_id"] is None:
        return found
    for block in where.content["rows"][table["rows_id"]]:
        ((kind, rows),) = block.items()
        found.update(decode(base64.b64decode(rows)) if kind == "columns" else rows)
    return found


def _rows_changed(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    counts = {
        "added": len(new.keys() - old.keys()),
        "removed": len(old.keys() - new.keys()),
        "changed": sum(key in old and old[key] != value for key, value in new.items()),
    }
    if any(counts.values()):
        yield "rows: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _changed_fields(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Yield the fields in which two JSON values differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            yield from _changed_fields(
                old.get(name), new.get(name), f"{path}.{name}" if path else name
            )
    elif old != new:
        yield f"{path} {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
