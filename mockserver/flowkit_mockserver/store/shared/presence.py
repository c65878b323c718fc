"""Which workers there are: each is heard of every other second, and what belongs to one that is not is given back."""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store.errors import Interrupted, NotStored, StoreInUse
from flowkit_mockserver.store.shared.engine import SharedEngine
from flowkit_mockserver.store.shared.objects import public_address

__all__ = ["Presence", "common_options"]

#: Seconds between two signs of life, and without one after which a worker is taken for dead.
BEAT, DEAD = 2.0, 30.0

#: What belongs to workers that are no more.
_LEFT_BEHIND = tuple(
    f"SELECT 1 FROM {table} WHERE owner <> '' AND owner NOT IN (SELECT owner FROM flowkit_workers)"
    " LIMIT 1"
    for table in ("flowkit_claims", "flowkit_pins", "flowkit_rowsets")
)

log = logging.getLogger(__name__)


class Presence:
    """Signs of life of one worker, given by a thread.

    Args:
        engine: the connections to the database.
        owner: the name of the worker.
        settings: what all workers on one state must have in common, as text.
        bury: called with the names of those that live when others were found dead.

    Raises:
        StoreInUse: workers with other settings are at work on the state.
    """

    def __init__(
        self,
        engine: SharedEngine,
        owner: str,
        settings: str,
        bury: Callable[[set[str]], None],
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._settings = settings
        self._bury = bury
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        # Of namespaces: connections, and what is called where something is left behind.
        self._watched: dict[SharedEngine, Callable[[set[str]], None]] = {}
        self._seen: set[str] = set()
        self._check()

    def start(self) -> None:
        """Give signs of life from now on."""
        self._thread = threading.Thread(target=self._run, name="flowkit-mock-presence", daemon=True)
        self._thread.start()

    def watch(self, engine: SharedEngine, bury: Callable[[set[str]], None]) -> None:
        """Look after the tables of a namespace as well, at once and whenever a worker has gone."""
        self._watched[engine] = bury
        self._bury_in(engine, bury)

    def unwatch(self, engine: SharedEngine) -> None:
        """Leave the tables of a namespace alone from now on."""
        self._watched.pop(engine, None)

    def _bury_in(self, engine: SharedEngine, bury: Callable[[set[str]], None]) -> None:
        if any(self._read(sql, engine) for sql in _LEFT_BEHIND):
            bury(self.living())

    def _run(self) -> None:
        while not self._closed.wait(BEAT):
            try:
                self.beat()
            except (Interrupted, NotStored) as error:
                log.warning("no sign of life: %s", error)

    def _read(
        self, sql: str, engine: SharedEngine | None = None, **parameters: object
    ) -> list[tuple[object, ...]]:
        connection = self._engine.connect()
        try:
            return (engine or self._engine).read(connection, sql, parameters)
        finally:
            if not connection.closed and not connection.invalidated:
                connection.close()

    def _check(self) -> None:
        for owner in self._dead():
            self._read("UPDATE flowkit_workers SET beat = 0 WHERE owner = :owner", owner=owner)
        sql = (
            "SELECT settings FROM flowkit_workers WHERE settings <> :settings"
            f" AND beat > {self._engine.now} - {DEAD}"
        )
        others = self._read(sql, settings=self._settings)
        if others:
            raise StoreInUse(
                f"{self._engine.name} is in use by a server with other settings ({others[0][0]});"
                f" these are {self._settings}"
            )

    def beat(self) -> None:
        """Give a sign of life, and bury those that have given none for long, or left while they were at work."""
        sql = (
            "INSERT INTO flowkit_workers (owner, beat, settings, machine, process)"
            f" VALUES (:owner, {self._engine.now}, :settings, :machine, :process)"
            " ON CONFLICT (owner) DO UPDATE SET beat = excluded.beat"
        )
        self._read(
            sql,
            owner=self._owner,
            settings=self._settings,
            machine=_machine(),
            process=os.getpid(),
        )
        for owner in self._dead():
            self._read("DELETE FROM flowkit_workers WHERE owner = :owner", owner=owner)
        self._bury_in(self._engine, self._bury)
        there = {str(owner) for (owner,) in self._read("SELECT owner FROM flowkit_workers")}
        if self._seen - there:
            for engine, bury in list(self._watched.items()):
                self._bury_in(engine, bury)
        self._seen = there

    def _dead(self) -> list[str]:
        """Return the workers that are not heard of, and those of this machine whose process is gone."""
        sql = (
            f"SELECT owner, machine, process, beat < {self._engine.now} - {DEAD}"
            " FROM flowkit_workers"
        )
        return [
            str(owner)
            for owner, machine, process, silent in self._read(sql)
            if silent or (machine == _machine() != "" and not _runs(int(str(process))))
        ]

    def living(self) -> set[str]:
        """Return the names of the workers that have given a sign of life lately."""
        sql = f"SELECT owner FROM flowkit_workers WHERE beat >= {self._engine.now} - {DEAD}"
        return {str(owner) for (owner,) in self._read(sql)} | {self._owner}

    def others(self) -> set[str]:
        """Return the names of the other workers that are there."""
        found = {str(owner) for (owner,) in self._read("SELECT owner FROM flowkit_workers")}
        return found.difference(self._dead(), [self._owner])

    def close(self) -> None:
        """Leave: what belongs to this worker is free at once. Harmless when repeated."""
        if self._closed.is_set():
            return
        self._closed.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        try:
            self._read("DELETE FROM flowkit_workers WHERE owner = :owner", owner=self._owner)
        except (Interrupted, NotStored) as error:
            log.warning("no word of leaving: %s", error)


@functools.cache
def _machine() -> str:
    """Return what tells this machine, and its numbers of processes, from others; empty where there is no such thing."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _runs(process: int) -> bool:
    """Say whether a process of this machine is there; one that has ended and that nobody has waited for is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def common_options(settings: Settings) -> str:
    """Return what all workers on one state must have in common, as options of the command line."""
    pace = settings.pace if settings.pace == "manual" else f"{settings.pace:g}"
    found = [f"--fate-version {settings.fate_version}", f"--pace {pace}", f"--seed {settings.seed}"]
    if settings.permissions:
        found.append("--permissions")
    if settings.storage is not None:
        found.append(f"--storage {public_address(settings.storage)}")
    if settings.own_party is not None:
        found.append("--own-party PARTY_ID")
    if settings.quirks:
        found.append("--quirks")
    if settings.keep_jobs is not None:
        found.append(f"--keep-jobs {settings.keep_jobs}")
    return " ".join(found)
