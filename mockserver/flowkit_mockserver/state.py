"""The composition root: one object that holds a server's services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import RLock, get_ident

from flowkit.clock import Clock
from flowkit.forks import renew_in_children
from flowkit_mockserver.clock import ServerClock, server_clock
from flowkit_mockserver.computing.computation import claim_key
from flowkit_mockserver.computing.engine import Engine, ThreadEngine
from flowkit_mockserver.computing.engines import make_engine
from flowkit_mockserver.control.journal.journal import Journal
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.dialects import Dialect, dialect_of
from flowkit_mockserver.dialects.facts import server_facts
from flowkit_mockserver.faults import Faults
from flowkit_mockserver.jobs.creation import JobIds
from flowkit_mockserver.jobs.providers import Providers
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.jobs.store import JobStore
from flowkit_mockserver.jobs.tracker import Tracker
from flowkit_mockserver.models.later_permissions import LaterPermissions
from flowkit_mockserver.models.permissions import Permissions
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.models.tags import Tags
from flowkit_mockserver.progress import Progress
from flowkit_mockserver.settings import Pace, Settings
from flowkit_mockserver.store import NotStored, StateDamaged, Store

__all__ = ["ServerState"]

#: Questions that are answered at once, when they are no longer than so many bytes.
_QUICK = frozenset({"/v1/job/query", "/v1/job/task/query", "/v1/version/get"})
_SHORT = 1024


class ServerState:
    """What a server knows and who looks after it.

    Args:
        settings: the choices made at the start.
        clock: the clock beneath; None for the machine's own, or, when the pace is manual, one that
            stands still.
        scratch: a directory for what is not kept; None makes one and removes it on `close`.

    Raises:
        StoreInUse: another server uses the data directory.
        StateDamaged: what is in the data directory cannot be read.
        RuntimeError: the executor needs a library that is not installed.
        OSError: nobody answers at the address of the executor.

    Attributes:
        dialect: how the version that the server says it is speaks.
        lock: held around whatever looks at or changes the state, and never while a component computes.
        clock: the server's time.
        base_clock: the clock that was given; None for the machine's own.
        store: documents, rows, files.
        journal: the requests that were answered.
        faults: failures on demand.
        engine: where components compute.
        progress: how jobs come forward.
        tables, jobs, models, tags, permissions: the services.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        scratch: Path | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.dialect: Dialect = dialect_of(self.settings.fate_version)
        if self.settings.permissions and not self.dialect.own_project:
            raise ValueError(f"FATE {self.dialect.fate_version} has no permission control")
        self.lock = RLock()
        self.base_clock = clock
        self.clock: ServerClock = server_clock(self.settings.pace == "manual", clock)
        self.journal = Journal()
        self.faults = Faults(self.settings.fault_rules)
        self.store = Store(self.settings.data, self.lock, scratch)
        # By version of a task: outputs that could not be written, so that they are not tried again.
        self._unwritable: dict[str, str] = {}
        self.progress = Progress(self.lock, lambda: self.jobs, self.commit)
        self.engine: Engine = ThreadEngine()
        try:
            self.engine = make_engine(self.settings.executor)
            # Files that uploads left behind when a server died, and that no job is going to read.
            jobs = self.store.collection("jobs").values()
            self.store.sweep({job["content"] for job in jobs if job.get("content")})
            self._build_services()
            self.commit()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.engine.close()
            self.store.undo()
            self.store.close()
            text = f"the state in {self.store.home} is damaged: {error!r}; move it away"
            raise StateDamaged(text) from error
        except BaseException:
            self.engine.close()
            self.store.close()
            raise
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew: a child goes on with a copy of the state, which it never writes back."""
        self.lock = RLock()
        self.store.rows.lock = self.tables.lock = self.lock
        self.progress.renew_after_fork(self.lock)

    def _build_services(self) -> None:
        """Make the services anew from what is in the store, each after those that it uses."""
        settings, clock, store = self.settings, self.clock, self.store
        job_store = JobStore(store, self.dialect)
        ids = JobIds(clock, job_store.__contains__)
        self.tables = Tables(store, self.lock)
        self.models = Models(
            settings,
            clock,
            store,
            dialect=self.dialect,
            new_id=ids.next,
            find_plan=job_store.plan,
        )
        self.tags = Tags(store.collection("tags"), self.models.rows)
        self.permissions = Permissions(store.collection("permissions"), clock, self.settings.root)
        self.later_permissions: LaterPermissions | None = None
        if settings.permissions:
            grants, names = store.collection("later_permissions"), server_facts("grantable")
            self.later_permissions = LaterPermissions(grants, names)
        self.jobs = Jobs(
            settings,
            clock,
            dialect=self.dialect,
            store=job_store,
            ids=ids,
            tracker=Tracker(store),
            tables=self.tables,
            models=self.models,
            providers=Providers(
                store.collection("providers"), self.dialect, settings.root + self.dialect.folder
            ),
            paths=PathPolicy(settings.allow_paths, settings.max_upload_bytes),
            take_fault=self.faults.take_component,
            take_stages=self.faults.take_stages,
            permits=None if self.later_permissions is None else self.later_permissions.refusal,
            unwritable=self._unwritable,
            new_file=store.new_file,
            claims=store.claims,
            engine=self.engine,
        )

    def unsettled(self) -> bool:
        """Say whether `settle` may have something to do, or to wait for; to be asked with the lock or without."""
        return self.jobs.busy() or bool(self.progress.under_way)

    def settle(self, job_id: str | None = None) -> None:
        """Bring all jobs up to the present moment, or only one; see `Progress`. To be called without the lock.

        Raises:
            Refusal: the server was closed meanwhile.
        """
        # An upload that filled the disk, without the lock, is no fault of the request that comes now.
        if self.store.lost_changes:
            with self.lock:
                self._undo()
        if self.unsettled():
            self.progress.settle(job_id)

    def commit(self) -> None:
        """Make what changed last.

        Raises:
            NotStored: it cannot be written; the state is what it was after the last commit.
        """
        try:
            self.store.commit()
        except NotStored as error:
            if error.document is not None and error.document[0] == "outputs":
                self._blame_output(error.document[1], str(error))
            self._undo()
            raise

    def _undo(self) -> None:
        self.store.undo()
        self._build_services()

    def _blame_output(self, key: str, text: str) -> None:
        """Let the component whose output cannot be written fail when its turn comes again."""
        job_id, _, component = key.partition("/")
        versions = [
            output["task_version"] for output in self.store.collection("outputs")[key].values()
        ]
        self._unwritable[claim_key(job_id, component, max(versions, default=0))] = text

    def is_empty(self) -> bool:
        """Say whether nothing at all is remembered."""
        return not any(len(self.store.collection(name)) for name in self.store.names())

    def set_pace(self, pace: Pace) -> None:
        """Let the tasks of jobs that are submitted from now on take so long; ``"manual"`` also stops the clock."""
        self.settings = replace(self.settings, pace=pace)
        self.jobs.set_pace(pace)
        if pace == "manual":
            self.clock.set_rate(0)

    def answer_at_once(self, path: str, size: int) -> Callable[[], None] | None:
        """Take the lock for a question that is answered quickly, if it is free and no job is due.

        Args:
            path: what is asked.
            size: the bytes of the question.

        Returns:
            what gives the lock back; None when the question may take its time.
        """
        # Rules may delay an answer, which must not delay the others.
        if (
            path not in _QUICK
            or size > _SHORT
            or self.faults.rules
            or not self.lock.acquire(blocking=False)
        ):
            return None
        if self.jobs.busy() or self.progress.has_young():
            self.lock.release()
            return None
        # A job may be due a moment later, and nothing must be computed here.
        self.progress.excuse(get_ident())
        return self._answered

    def _answered(self) -> None:
        self.progress.excuse(None)
        self.lock.release()

    def reset(self) -> None:
        """Forget jobs, tables, models, tags, permissions, faults and the journal; the clock goes on."""
        with self.lock:
            self.faults.clear()
            self.progress.reset()
            self.journal.clear()
            self.store.clear()
            self._build_services()

    def replace_content(self, fill: Callable[[Store], set[str]]) -> None:
        """Forget everything as `reset` does, and remember what `fill` puts into the store.

        Args:
            fill: is given the store without documents and rows, and returns the names of the files that stay in it.

        Raises:
            NotStored: it cannot be written; the state is what it was before.
        """
        with self.lock:
            files = set(self.store.blobs)
            for job in self.store.collection("jobs").values():
                if job.get("content"):
                    self.store.discard(Path(job["content"]))
            try:
                self.store.empty()
                kept = fill(self.store)
                self._build_services()
            except BaseException:
                self._undo()
                raise
            self.progress.reset()
            self.commit()
            for name in files - kept:
                self.store.blobs.delete(name)
            self.faults.clear()
            self.journal.clear()

    def close(self, timeout: float | None = None) -> None:
        """Write down what is to be kept and give the rest back; what computes meanwhile comes to nothing.

        Args:
            timeout: seconds to wait for a request under way; one that takes longer is undone. None waits for it.
        """
        self.engine.close()
        if self.lock.acquire(timeout=-1 if timeout is None else timeout):
            try:
                self.progress.close()
                self.store.close()
            finally:
                self.lock.release()
