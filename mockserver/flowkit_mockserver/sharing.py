"""A server as one worker among others: what it does when others change the state, and what they have to know of it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from flowkit_mockserver.clock import ServerClock
from flowkit_mockserver.control.journal.shared import SharedJournal
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.faults import Faults
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.progress import Progress
from flowkit_mockserver.settings import Pace, Settings
from flowkit_mockserver.store import Dropped, Interrupted, Outdated, Store
from flowkit_mockserver.store.files import SharedFiles
from flowkit_mockserver.store.shared.batches import Batches
from flowkit_mockserver.store.shared.blobs import SharedBlobs
from flowkit_mockserver.store.shared.claims import SharedClaims, bury
from flowkit_mockserver.store.shared.database import Changes, SharedDatabase
from flowkit_mockserver.store.shared.lock import SharedLock
from flowkit_mockserver.store.shared.object_rows import ObjectRows, open_object_rows
from flowkit_mockserver.store.shared.objects import ObjectStorage
from flowkit_mockserver.store.shared.presence import Presence, common_options
from flowkit_mockserver.store.shared.rows import SharedRows
from flowkit_mockserver.store.shared.table_sets import TableSet, TableSets

__all__ = ["Place", "Server", "Sharing"]

log = logging.getLogger(__name__)

#: A question is asked so often before its worker keeps all others from changing what it looks at.
_QUESTIONS = 3
_CONTROL = "server"


class Server(Protocol):
    """What sharing needs of the state of a server.

    Attributes:
        settings: the choices that count now.
        started_with: those made at the start.
        clock: the server's time.
        faults: failures on demand.
        jobs: its jobs.
        tables: its tables.
        progress: brings its jobs forward.
    """

    settings: Settings
    started_with: Settings
    clock: ServerClock
    faults: Faults
    jobs: Jobs
    tables: Tables
    progress: Progress

    def set_pace(self, pace: Pace) -> None:
        """Let the tasks of new jobs take so long."""

    def build_services(self) -> None:
        """Make the services anew from what is in the store."""

    def unsettled(self) -> bool:
        """Say whether jobs may have to be brought up to the present moment."""

    def commit(self) -> None:
        """Make what changed last."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the world of a namespace is.

    Attributes:
        server: the part of the server itself in its own world.
        name: the name of the namespace.
        tables: its tables.
    """

    server: Sharing
    name: str
    tables: TableSet


class Sharing:
    """One worker's part in a state that several share.

    Args:
        server: the worker.
        address: the URL of the database.
        scratch: a directory for what is not shared; None makes one and removes it on `close`.
        place: where the world is, for a namespace; None for the server's own.

    Attributes:
        table_sets: the tables of namespaces.
        lock: held around whatever changes the state; among all workers one has it at a time.
        store: the shared store.
        journal: the requests that all workers answered.

    Raises:
        StoreUnreachable: the database does not answer.
        StoreInUse: workers with other settings use it.
        StateDamaged: a newer version wrote the state.
        ValueError: the URL is none of a database that can be shared.
    """

    def __init__(
        self, server: Server, address: str, scratch: Path | None, place: Place | None = None
    ) -> None:
        self._server, self._address, self._place = server, address, place
        if place is None:
            self._database = SharedDatabase(address)
        else:
            self._database = SharedDatabase(address, place.server._database, place.tables)
        self.table_sets = TableSets(self._database.engine)
        try:
            self._presence = self._make_presence()
            self._objects = open_object_rows(self._database, server.settings.storage)
            if place is None:
                self._batches = Batches(
                    address,
                    lambda: self._database.owner,
                    self._others,
                    fresh=self._database.fresh,
                )
                self.journal = SharedJournal(self._batches)
            else:
                self.journal = SharedJournal(
                    place.server._batches, place.name, topic=place.tables.topic
                )
        except BaseException:
            self._database.close()
            raise
        self.lock = SharedLock(self._database, self._learn, self._finish)
        self.store = Store(None, self.lock.inner, scratch, self._database)
        store = self.store
        store.rows = self._objects or SharedRows(self._database)
        store.claims = SharedClaims(self._database)
        store.files = SharedFiles(store.spool, store.rows, store.collection("files"))
        store.blobs = SharedBlobs(store.home / "blobs", store.rows, store.collection("blobs"))
        self._control = store.collection("control")
        # What others know of the clock, the faults and the ids of this server.
        self._told: dict[str, Any] = {}
        # The workers that have taken part, dead ones perhaps.
        self._serving: list[str] = []
        # Which world it is: what is computed for one has no place in the next.
        self._world = ""
        self._opened = False
        self._gone: set[str] = set()

    def _make_presence(self) -> Presence:
        """Return the signs of life of this worker, which are the same for all of its namespaces."""
        if self._place is not None:
            return self._place.server._presence
        database, settings = self._database, self._server.started_with
        return Presence(database.engine, database.owner, common_options(settings), self._bury)

    def open(self) -> None:
        """Take part from now on: the services are there."""
        self._opened = True
        if self._place is None:
            self._presence.beat()
        else:
            self._presence.watch(self._database.engine, self._bury)
        with self.lock:
            serving = self._presence.others().intersection(self._told.get("serving", ()))
            if not serving:  # whatever was counted is of a server that has ended
                self._server.faults.begin()
            self._serving = sorted({*serving, self._database.owner})
        if self._objects is not None:
            self._objects.sweep(self._presence.living)
        if self._place is None:
            self._presence.start()

    def drop(self, name: str, idle: float | None = None) -> bool:
        """Forget a namespace for all workers; return whether there was one.

        Args:
            name: its name.
            idle: only if no worker has used it for so many seconds; None for now.
        """
        tables = self.table_sets.drop(name, idle)
        if tables is None:
            return False
        self._batches.drop_topics(tables.topics)
        # What is nobody's any more in a storage; whoever has the set next does not mind.
        if (storage := self._server.settings.storage) is not None:
            database = SharedDatabase(self._address, self._database, tables)
            rows = ObjectRows(database, ObjectStorage(storage))
            rows.remove_dropped()
            rows.close()
        return True

    def take(self, name: str, most: int) -> tuple[Place, bool]:
        """Return where the world of a namespace is, which is made if there is none of that name.

        Args:
            name: its name.
            most: how many namespaces there may be.

        Returns:
            the place, and whether it was made just now.

        Raises:
            TooManyNamespaces: there are as many as there may be.
        """
        tables, made = self.table_sets.take(name, most)
        return Place(self, name, tables), made

    def _others(self) -> set[str]:
        """Return the names of the other workers."""
        return self._presence.others()

    @property
    def alone(self) -> bool:
        """Whether this thread may change the state."""
        return self._database.alone

    # Looking

    def look(self, arrived: float | None = None) -> None:
        """Bring the state up to what had been committed when a request came; None: until now."""
        with self.lock.reading(arrived):
            pass

    def ask(
        self, view: Callable[[], Any], arrived: float | None, *, settled: bool
    ) -> tuple[bool, Any]:
        """Ask a view that only looks at the state, without keeping others from changing it.

        Args:
            view: the view.
            arrived: when the request came, in seconds of `time.monotonic`; None: now.
            settled: whether it is of no interest that jobs are due.

        Returns:
            whether it could be asked: no job was due, and it did look only; and what it returned.
        """
        for _ in range(_QUESTIONS):
            try:
                with self.lock.reading(arrived):
                    if not settled and self._server.unsettled():
                        return False, None
                    try:
                        return True, view()
                    except Outdated as outdated:
                        if outdated.question:
                            # What it changed in memory before it was found out is no more.
                            self._database.undo()
                            return False, None
                        raise
            except Outdated:
                arrived = None
        return False, None

    # Hearing of others, and telling them

    def _learn(self, changes: Changes) -> None:
        if not self._opened:
            return
        if changes is None:
            self.store.forget(None)
            self._told = {}
            self.hear()
            self._server.build_services()
            self.hear_of_jobs()
        else:
            self._learn_some(changes)
        if self._gone and self.alone:
            self._server.tables.drop_prepared(self._gone)
            self._gone.clear()

    def _learn_some(self, changes: frozenset[tuple[str, str]]) -> None:
        if changes:
            self.store.forget(changes)
            if ("control", _CONTROL) in changes:
                self.hear()
                self.hear_of_jobs()
            jobs = {key for collection, key in changes if collection in ("jobs", "plans")}
            if jobs:
                self._renew(jobs)
            self._drop_files({key for collection, key in changes if collection == "files"})

    def _renew(self, job_ids: Iterable[str]) -> None:
        """Take over jobs as another worker left them."""
        jobs = self._server.jobs
        jobs.scheduler.renew({job_id: jobs.store.renew(job_id) for job_id in job_ids})

    def hear(self) -> None:
        """Take over the clock and the faults of the others."""
        told = self._control.get(_CONTROL)
        if told is not None:
            self._told = told
            self._serving = told.get("serving", [])
            if told.get("world", "") != self._world:
                self._world = told["world"]
                if self._opened:
                    self._server.progress.reset()
            self._server.clock.load(told["clock"])
            self._server.faults.load(told["faults"])

    def hear_of_jobs(self) -> None:
        """Take over the newest id of a job, so that nobody else bears it, and the pace of new ones."""
        server = self._server
        server.jobs.ids.last = max(server.jobs.ids.last, self._told.get("last_id", -1))
        pace = self._told.get("pace", server.settings.pace)
        if pace != server.settings.pace:
            server.set_pace(pace)

    def _drop_files(self, names: set[str]) -> None:
        """Remove copies of files that no job waits for any more, and soon what was prepared from them."""
        for name in names:
            if name not in self.store.collection("files"):
                (self.store.spool / name).unlink(missing_ok=True)
                self._gone.add(name)

    def begin_world(self) -> None:
        """Let the others know, with the next commit, that all there was has been replaced."""
        self._world = uuid.uuid4().hex

    def tell(self) -> None:
        """Let the others know, with the next commit, how clock, faults and ids are."""
        server = self._server
        telling = {
            "clock": server.clock.to_document(),
            "faults": server.faults.to_document(),
            "last_id": server.jobs.ids.last,
            "pace": server.settings.pace,
            "world": self._world,
            "serving": self._serving,
        }
        if telling != self._told and self.alone:
            self._control[_CONTROL] = self._told = telling

    def _finish(self) -> None:
        """Commit what a holder of the lock has left."""
        if self._opened and self.alone:
            self.tell()
            if self.store.changed or self._database.changed:
                self._server.commit()

    def _bury(self, living: set[str]) -> None:
        """Give back what belongs to workers that died, and go on with their jobs."""
        try:
            self._bury_in_section(living)
        except Dropped:  # then nothing is left behind
            self._presence.unwatch(self._database.engine)

    def _bury_in_section(self, living: set[str]) -> None:
        with self.lock:
            log.info("a worker is gone; what it was at is done again")
            jobs = bury(self._database, living)
            self.store.rows.free_abandoned(living)
            if self._objects is not None:
                self._objects.sweep(self._presence.living)
            if self._opened:
                self._renew(jobs)

    def renew_after_fork(self) -> None:
        """Go on in a child with connections of its own."""
        self._database.renew_after_fork()
        if self._place is None:
            self._batches.renew_after_fork()
        self.lock.renew_after_fork()
        self.store.use_lock(self.lock.inner)
        if self._objects is not None:
            self._objects.renew_after_fork()
        self._presence = self._make_presence()
        if self._place is not None:
            self._presence.watch(self._database.engine, self._bury)
            return
        try:
            self._presence.beat()
        except Interrupted as error:
            log.warning("no sign of life: %s", error)
        self._presence.start()

    def close(self) -> None:
        """Leave."""
        self.journal.close()
        if self._place is None:
            self._batches.close()
            self._presence.close()
        else:
            self._presence.unwatch(self._database.engine)
        if self._objects is not None:
            self._objects.close()
