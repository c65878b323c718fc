"""From a state to a snapshot, and back.

In a snapshot jobs and plans are plain JSON, rows are numbered in the order of the tables that have them, and a file
that an unfinished upload waits for stands in it whole: no path in a snapshot is ever followed.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowkit.servers import line_of
from flowkit_mockserver.columns.encoding import PairRows, decode, encode
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError
from flowkit_mockserver.jobs.store import job_document, pack_plan, unpack_job, unpack_plan
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Store, without_part

__all__ = ["restore", "take_snapshot"]

Content = dict[str, Any]
Entries = list[tuple[str, dict[str, Any]]]


def take_snapshot(state: ServerState) -> Snapshot:
    """Return what a state remembers. Must be called under the server's lock, after `settle`."""
    store = state.store
    uploads: list[str] = []
    documents: dict[str, Entries] = {}
    for name in store.names():
        entries = (
            (key, json.loads(json.dumps(value))) for key, value in store.collection(name).items()
        )
        documents[name] = [(key, _plain(store, name, value, uploads)) for key, value in entries]
    places: dict[int, int] = {}
    for _, table in documents.get("tables", []):
        if table["rows_id"] is not None:
            table["rows_id"] = places.setdefault(table["rows_id"], len(places))
    content = {
        "fate_version": state.settings.fate_version,
        "now": state.clock.now(),
        "documents": {name: entries for name, entries in sorted(documents.items()) if entries},
        "rows": [list(_blocks(store, rows_id)) for rows_id in places],
        "files": {name: _encoded(store.blobs.read(name)) for name in store.blobs},
        "uploads": uploads,
    }
    return Snapshot(content, trusted=True)


def _plain(store: Store, name: str, document: dict[str, Any], uploads: list[str]) -> dict[str, Any]:
    """Return a document as a snapshot has it."""
    if name == "plans":
        plan: dict[str, Any] = unpack_plan(document["packed"])
        return plan
    if name == "jobs":
        document = job_document(unpack_job(document))
        path = document.get("content")
        if path is not None:
            document["content"] = len(uploads)
            uploads.append(_encoded(store.files.find(Path(path)).read_bytes()))
    return document


def _blocks(store: Store, rows_id: int) -> Iterator[dict[str, Any]]:
    texts: list[tuple[str, str]] = []
    for block in store.rows.blocks(rows_id):
        if isinstance(block, TextRows):
            texts += list(block)
            continue
        if isinstance(block, PairRows):
            yield {"pairs": list(block)}
        else:
            yield {"columns": _encoded(encode(block))}
    if texts:
        yield {"text": texts}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def restore(state: ServerState, snapshot: Snapshot) -> None:
    """Let a state remember what a snapshot says, and nothing else.

    Failures that were ordered and the journal are forgotten. A clock that stands still is set to the moment of the
    snapshot; any other goes on, and jobs that were running have run on meanwhile.

    Args:
        state: the state.
        snapshot: what takes its place.

    Raises:
        SnapshotError: it is of a server of another line, or no state at all; nothing has changed.
        NotStored: it cannot be written; nothing has changed.
    """
    own, other = state.settings.fate_version, snapshot.content["fate_version"]
    try:
        same = line_of(own) == line_of(other)
    except ValueError as error:
        raise SnapshotError(f"the snapshot is of an unknown server: {error}") from error
    if not same:
        text = f"the snapshot is of FATE {other}, and this server is {own}"
        raise SnapshotError(f"{text}: start it with that --fate-version")
    if not snapshot.trusted:
        _try(state, snapshot)
    with state.lock:
        state.replace_content(lambda store: _fill(store, snapshot.content), snapshot.now)


def _try(state: ServerState, snapshot: Snapshot) -> None:
    """Build a state from a snapshot, look at all of it, and throw it away.

    Raises:
        SnapshotError: it cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="flowkit-snapshot-") as scratch:
        settings = replace(state.settings, data=None, database=None)
        trial = ServerState(settings, scratch=Path(scratch), engine=ThreadEngine())
        try:
            trial.replace_content(lambda store: _fill(store, snapshot.content))
            jobs = trial.jobs
            for job_id in list(jobs.store):
                if jobs.store.get(job_id) is None or jobs.store.plan(job_id) is None:
                    raise LookupError(f"job {job_id} has no plan or no facts")
            for table in trial.tables:
                rows = sum(1 for _ in table.cells())
                if rows != (table.count or 0):
                    raise ValueError(
                        f"table {table.name} has {rows} rows in place of {table.count}"
                    )
            for number, tag in trial.store.collection("tags").items():
                _ = int(without_part(number)), str(tag["name"]), sum(tag["versions"].values())
            list(trial.models.read_pipelines())
        # Whatever a file makes go wrong is the fault of the file.
        except Exception as error:
            text = f"the snapshot is damaged: {type(error).__name__}: {error}"
            raise SnapshotError(f"{text:.500}; take it again") from error
        finally:
            trial.close()


def _fill(store: Store, content: Content) -> set[str]:
    """Put what a snapshot holds into a store that is empty, and return the names of its files."""
    numbers = [_write_rows(store, blocks) for blocks in content["rows"]]
    used: set[int] = set()
    for name, entries in content["documents"].items():
        collection = store.collection(name)
        for key, document in json.loads(json.dumps(entries)):
            if name == "tables" and document["rows_id"] is not None:
                number = numbers[document["rows_id"]]
                if number in used:
                    store.rows.share(number)
                else:  # from now on it outlives this server
                    store.rows.adopt(number)
                used.add(number)
                document["rows_id"] = number
            collection[key] = _stored(store, name, document, content["uploads"])
    for name, data in content["files"].items():
        store.blobs.write(name, base64.b64decode(data, validate=True))
    return set(content["files"])


def _stored(
    store: Store, name: str, document: dict[str, Any], uploads: list[str]
) -> dict[str, Any]:
    """Return a document of a snapshot as a store has it."""
    if name == "plans":
        return {"packed": pack_plan(document)}
    if name == "jobs":
        if document.get("content") is not None:
            path = store.new_file()
            path.write_bytes(base64.b64decode(uploads[document["content"]], validate=True))
            store.files.put(path)
            store.files.keep(path)
            document["content"] = str(path)
        if document["closed"]:
            return {"text": json.dumps(document, separators=(",", ":"))}
    return document


def _write_rows(store: Store, blocks: list[dict[str, Any]]) -> int:
    """Store a set of rows and return its number."""

    def records() -> Iterator[Any]:
        for block in blocks:
            ((kind, rows),) = block.items()
            if kind == "text":
                yield TextRows([str(key) for key, _ in rows], [str(line) for _, line in rows])
            elif kind == "pairs":
                yield PairRows((str(key), value) for key, value in rows)
            elif kind == "columns":
                yield decode(base64.b64decode(rows, validate=True))
            else:
                raise ValueError(f"there are no rows of kind {kind!r}")

    return store.rows.write(_Blocks(list(records())))[0]


class _Blocks(list[Any]):
    """Rows in blocks, as `RowStore.write` takes them."""

    def blocks(self) -> Iterator[Any]:
        """Yield the blocks."""
        return iter(self)
