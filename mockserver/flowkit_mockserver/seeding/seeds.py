"""What a server starts with: made by ordinary requests on a server of its own, and taken over as a snapshot."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit import FlowClient, FlowError, JobFailed
from flowkit_inprocess import InProcess
from flowkit_mockserver.app import create_app
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.control.snapshots.snapshot import FORMAT, Snapshot
from flowkit_mockserver.control.snapshots.states import restore, take_snapshot
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES
from flowkit_mockserver.seeding.cassettes import repeat_writes
from flowkit_mockserver.seeding.documents import (
    SeedError,
    parse_document,
    read_document,
    table_files,
)
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import EXTENSION

if TYPE_CHECKING:
    from flask import Flask

    from flowkit.clock import Clock
    from flowkit_mockserver.settings import Settings

__all__ = ["SeedError", "apply_seed_data", "seed_snapshot"]

_DOCUMENTS = (".json", ".yaml", ".yml")


def apply_seed_data(app: Flask, state: ServerState) -> None:
    """Let a server, and each namespace of it, start with the seed data of its settings.

    What a data directory or a database keeps from an earlier start stays as it is.

    Raises:
        SeedError: seed data cannot be used.
        SnapshotError: a snapshot cannot be used.
    """
    found = seed_snapshot(state.settings, state.base_clock)
    app.extensions[NAMESPACES].start = found
    # Workers that start together find each other's.
    with state.lock:
        if state.is_empty():
            restore(state, found)


def seed_snapshot(settings: Settings, clock: Clock | None = None) -> Snapshot:
    """Return what the seed data of some settings amount to.

    Args:
        settings: the choices made for a server.
        clock: its clock.

    Raises:
        SeedError: seed data cannot be used.
        SnapshotError: a snapshot cannot be used.
    """
    plain = replace(
        settings,
        pace=0.0,
        data=None,
        database=None,
        require_auth=None,
        fault_rules=None,
        permissions=False,
        keep_jobs=None,
    )
    with tempfile.TemporaryDirectory(prefix="flowkit-seed-") as scratch:
        state = ServerState(plain, clock=clock, scratch=Path(scratch), engine=ThreadEngine())
        try:
            app = create_app(state)
            with FlowClient(
                "flowkit.mock", plugins=[InProcess(app)], clock=state.clock, proxy=""
            ) as flow:
                for path in settings.seed_data:
                    _add(app, flow, path)
            state.settle()
            with state.lock:
                return take_snapshot(state)
        finally:
            state.close()


def _add(app: Flask, flow: FlowClient, path: Path) -> None:
    """Add what one folder or file holds."""
    if path.is_dir():
        documents = sorted(one for one in path.iterdir() if one.suffix in _DOCUMENTS)
        tables = list(table_files(path))
        if not documents and not tables:
            raise SeedError(f"{path} holds neither CSV files nor seed documents")
        _add_entries(flow, path, {"tables": tables})
        for document in documents:
            _add_document(app, flow, document)
    elif path.suffix == ".csv":
        table = {"namespace": path.resolve().parent.name, "name": path.stem, "file": path.name}
        _add_entries(flow, path, {"tables": [table]})
    elif path.suffix == ".gz":
        _restore(app, Snapshot.load(path), path)
    elif path.suffix in _DOCUMENTS:
        _add_document(app, flow, path)
    else:
        raise SeedError(f"{path} must be a folder, a CSV, YAML or JSON file, or a snapshot")


def _restore(app: Flask, snapshot: Snapshot, path: Path) -> None:
    state = app.extensions[EXTENSION].world
    if not state.is_empty():
        raise SeedError(f"{path} is a snapshot, which must come before all other seed data")
    restore(state, snapshot)


def _add_document(app: Flask, flow: FlowClient, path: Path) -> None:
    document = parse_document(path)
    if isinstance(document, dict) and document.get("format") == FORMAT:
        _restore(app, Snapshot.from_document(document, str(path)), path)
    elif isinstance(document, dict) and "interactions" in document:
        repeat_writes(app, path, document["interactions"])
    else:
        _add_entries(flow, path, read_document(path, document))


def _add_entries(
    flow: FlowClient, path: Path, document: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Carry out the entries of a document: tables, models and tags before jobs, which may need them."""
    for section, add in _ADDERS.items():
        for number, entry in enumerate(document.get(section, ()), 1):
            try:
                add(flow, path.parent if path.is_file() else path, entry)
            except (FlowError, OSError, SeedError) as error:
                raise SeedError(f"{path}: {section}, entry {number}: {error}") from error


def _add_table(flow: FlowClient, folder: Path, entry: Mapping[str, Any]) -> None:
    conf = {
        "namespace": entry["namespace"],
        "table_name": entry["name"],
        "head": entry.get("head", 1),
        "partition": entry.get("partition", 4),
        "work_mode": 0,
    }
    if "file" in entry:
        _upload(flow, {**conf, "file": str(folder / entry["file"])})
        return
    with tempfile.TemporaryDirectory(prefix="flowkit-seed-") as scratch:
        file = Path(scratch) / "rows.csv"
        file.write_text("".join(f"{line}\n" for line in entry["rows"]), encoding="utf-8")
        _upload(flow, {**conf, "file": str(file)})


def _upload(flow: FlowClient, conf: dict[str, Any]) -> None:
    job = flow.data.upload(conf)
    _require_status(flow, job.job_id, "success")


def _add_job(flow: FlowClient, folder: Path, entry: Mapping[str, Any]) -> None:
    conf, dsl = (_given(folder, entry.get(name)) for name in ("conf", "dsl"))
    job_id = flow.job.submit(conf, dsl).job_id
    _require_status(flow, job_id, entry.get("status", "success"))
    for tag in entry.get("tags", ()):
        flow.model.tag_model(job_id, tag)


def _given(folder: Path, value: Any) -> Any:
    return parse_document(folder / value) if isinstance(value, str) else value


def _require_status(flow: FlowClient, job_id: str, wanted: str) -> None:
    try:
        status = flow.job.wait(job_id).data["status"]
    except JobFailed as failure:
        if wanted == "failed":
            return
        raise SeedError(str(failure)) from failure
    if status != wanted:
        raise SeedError(f"the job ended with status {status} in place of {wanted}")


def _add_model(flow: FlowClient, folder: Path, entry: Mapping[str, Any]) -> None:
    flow.model.import_model({**entry, "file": str(folder / entry["file"])})


def _add_tag(flow: FlowClient, folder: Path, entry: Mapping[str, Any]) -> None:
    flow.tag.create(entry["name"], entry.get("description"))


_ADDERS = {"tables": _add_table, "models": _add_model, "tags": _add_tag, "jobs": _add_job}
