"""The composition root: one object that holds a server's services."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar, cast

from flowkit.clock import Clock
from flowkit.forks import renew_in_children
from flowkit_mockserver.clock import ServerClock, server_clock
from flowkit_mockserver.computing.computation import claim_key
from flowkit_mockserver.computing.engine import Engine, ThreadEngine
from flowkit_mockserver.computing.engines import make_engine
from flowkit_mockserver.control.journal.journal import Journal
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.dialects import Dialect, dialect_of
from flowkit_mockserver.faults import Faults
from flowkit_mockserver.jobs.creation import JobIds
from flowkit_mockserver.jobs.data_views import models_so_far
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.jobs.store import JobStore
from flowkit_mockserver.jobs.tracker import Tracker
from flowkit_mockserver.models.files.folders import ModelFolders
from flowkit_mockserver.models.site_keys import check_site
from flowkit_mockserver.parties.services import SITE_KEYS, PartyServices, Services
from flowkit_mockserver.progress import Progress
from flowkit_mockserver.settings import Pace, Settings, check_together
from flowkit_mockserver.store import Interrupted, NotStored, StateDamaged, Store
from flowkit_mockserver.store.interface import Lock
from flowkit_mockserver.store.origin import check_origin, note_origin

if TYPE_CHECKING:
    from flowkit_mockserver.sharing import Place, Sharing

__all__ = ["ServerState"]

T = TypeVar("T")


class ServerState:
    """What a server knows and who looks after it.

    Args:
        settings: the choices made at the start.
        clock: the clock beneath; None for the machine's own, or, when the pace is manual, one that stands still.
        scratch: a directory for what is not kept; None makes one and removes it on `close`.
        engine: where components compute, in place of what the settings say; it is closed with the state.
        place: where the world of a namespace is in a database.

    Raises:
        StoreInUse: another server uses the data directory.
        StateDamaged: what is in the data directory cannot be read.
        RuntimeError: the executor, or site authentication, needs a library that is not installed.
        OSError: nobody answers at the address of the executor.

    Attributes:
        started_with: the choices made at the start; the pace may be another since.
        dialect: how the version that the server says it is speaks.
        lock: held around whatever looks at or changes the state, and never while a component computes.
        clock: the server's time.
        base_clock: the clock that was given; None for the machine's own.
        store: documents, rows, files.
        model_folders: the folders of models; None when there are none.
        journal: the requests that were answered.
        faults: failures on demand.
        engine: where components compute.
        progress: how jobs come forward.
        tables, jobs, models, tags, permissions, site_keys: the services.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        scratch: Path | None = None,
        engine: Engine | None = None,
        place: Place | None = None,
    ) -> None:
        self.settings = self.started_with = settings or Settings()
        self.dialect: Dialect = dialect_of(self.settings.fate_version)
        check_together(self.settings, self.dialect)
        check_site(self.settings, self.dialect)
        cache = self.settings.model_cache
        self.model_folders = None if cache is None else ModelFolders(cache, self.dialect)
        self.base_clock = clock
        self.clock: ServerClock = server_clock(
            self.settings.pace == "manual", clock, shared=self.settings.database is not None
        )
        self.faults = Faults(self.settings.fault_rules)
        self.lock: Lock = RLock()
        self.sharing: Sharing | None = None
        if self.settings.database is None:
            self.store = Store(self.settings.data, self.lock, scratch)
        else:
            self.sharing = _share(self, self.settings.database, scratch, place)
            self.lock, self.store = self.sharing.lock, self.sharing.store
        self.journal = Journal() if self.sharing is None else self.sharing.journal
        # By version of a task: outputs that could not be written, so that they are not tried again.
        self._unwritable: dict[str, str] = {}
        self.progress = Progress(self.lock, lambda: self.jobs, self.commit)
        self.engine: Engine = ThreadEngine()
        try:
            self.engine = engine or make_engine(self.settings.executor)
            with self.lock:
                self._open()
            if self.sharing is not None:
                self.sharing.open()
        except BaseException:
            self.engine.close()
            self._close()
            raise
        renew_in_children(self)

    def _open(self) -> None:
        """Build the services, and look whether the state is sound."""
        try:
            if self.sharing is not None:
                self.sharing.hear()
            check_origin(self.store, self.settings.fate_version)
            self.build_services()
            if self.sharing is not None:
                self.sharing.hear_of_jobs()
            self.store.check()
            # Files that uploads left behind when a server died, and that no job is going to read.
            contents = (job.content for job in self.jobs.store.live())
            self.store.sweep({Path(content).name for content in contents if content})
            self.commit()
        except StateDamaged:
            self.store.undo()
            raise
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.store.undo()
            text = f"the state in {self.store.name} is damaged: {error!r}; move it away"
            raise StateDamaged(text) from error

    def _close(self) -> None:
        if self.sharing is not None:
            self.sharing.close()
        self.store.close()

    def renew_after_fork(self) -> None:
        """Make the lock anew: a child goes on with a copy of the state, which it never writes back."""
        if self.sharing is not None:
            self.sharing.renew_after_fork()
            return
        self.lock = RLock()
        self.store.use_lock(self.lock)
        self.tables.lock = self.lock
        self._parties.clear()
        self.progress.renew_after_fork(self.lock)

    def build_services(self) -> None:
        """Make the services anew from what is in the store, each after those that it uses."""
        settings, clock, store, own = self.settings, self.clock, self.store, self.settings.own_party
        job_store = JobStore(store, self.dialect)
        ids = JobIds(clock, job_store.__contains__)
        # What one server has for all parties; or, where each party has its own, what goes to the right one.
        whole = self._whole = Services(
            settings, clock, self.dialect, store, self.lock, ids.next, job_store,
            self.model_folders, settings.site_party if own is None else None,
            None if own is None else self.at,
        )  # fmt: skip
        self.tables, self.models, self.tags = whole.tables, whole.models, whole.tags
        self.permissions, self.later_permissions = whole.permissions, whole.later_permissions
        self.jobs: Jobs = Jobs(
            settings,
            clock,
            dialect=self.dialect,
            store=job_store,
            ids=ids,
            tracker=Tracker(store),
            tables=self.tables,
            models=self.models,
            providers=whole.providers,
            paths=PathPolicy(settings.allow_paths, settings.max_upload_bytes),
            take_fault=self.faults.take_component,
            take_stages=self.faults.take_stages,
            permits=whole.refusal if settings.permissions else None,
            unwritable=self._unwritable,
            new_file=store.new_file,
            claims=store.claims,
            engine=self.engine,
        )
        self.models.saved_so_far = partial(models_so_far, job_store, self.jobs)
        self._parties: dict[str, PartyServices] = {}
        self.site_keys = (whole if own is None else self.at(own)).site_keys
        if self.sharing is None or self.sharing.alone:
            # Cores that are free go to jobs that had not ended when the server did.
            self.jobs.scheduler.go_on(self.jobs.now())
            self.jobs.flush()
            note_origin(store, settings.fate_version)

    def at(self, party_id: str) -> PartyServices:
        """Return the services of a party's server, where each party has one."""
        found = self._parties.get(party_id)
        if found is None:
            with self.lock if self.sharing is None else nullcontext():
                made = PartyServices(
                    party_id, self._whole, self.at, self.jobs, self.settings, self.clock,
                    self.dialect, self.store, self.lock,
                )  # fmt: skip
                found = self._parties.setdefault(party_id, made)
        return found

    def looking(self) -> AbstractContextManager[object]:
        """Return what is held around a look at the state that changes nothing.

        Raises:
            Interrupted: on entering, if the database cannot be used.
        """
        return self.lock if self.sharing is None else self.sharing.lock.reading()

    def unsettled(self, job_id: str | None = None) -> bool:
        """Say whether `settle` may have something to do, or to wait for: for any job, or only one."""
        return self.store.lost_changes or self.progress.concerns(job_id)

    @property
    def world(self) -> ServerState:
        """The state of all servers on it, which is this one."""
        return self

    def settle(self, job_id: str | None = None) -> None:
        """Bring all jobs up to the present moment, or only one; see `Progress`. To be called without the lock.

        Raises:
            Refusal: the server was closed meanwhile.
        """
        if self.sharing is not None:
            self.sharing.look()
        if self.store.lost_changes:  # of an upload that filled the disk, no fault of this request
            with self.lock:
                self._undo()
        if self.unsettled(job_id):
            self.progress.settle(job_id)

    def ask(
        self,
        view: Callable[[], T],
        about: Callable[[], str | None] | None = None,
        arrived: float | None = None,
    ) -> T:
        """Return what a view finds that looks at the state and does not change it.

        Args:
            view: the view.
            about: tells the only job that matters, None when all do.
            arrived: when the request came, in seconds of `time.monotonic`; None: now.
        """
        if self.sharing is not None:
            answered, found = self.sharing.ask(view, arrived, settled=False)
            if not answered:
                self.settle(about and about())
                answered, found = self.sharing.ask(view, arrived, settled=True)
            if answered:
                return cast(T, found)
        return self.change(view, about)

    def change(self, view: Callable[[], T], about: Callable[[], str | None] | None = None) -> T:
        """Return what a view returns that may change the state, once that lasts.

        Args:
            view: the view.
            about: tells the only job that matters, None when all do.
        """
        job_id = about and about()
        if self.sharing is not None or self.unsettled(job_id):
            self.settle(job_id)
        with self.lock:
            try:
                return view()
            finally:
                self.commit()

    def commit(self) -> None:
        """Make what changed last.

        Raises:
            NotStored: it cannot be written; the state is what it was after the last commit.
        """
        try:
            if self.sharing is not None:
                self.sharing.tell()
            self.store.commit()
        except NotStored as error:
            if error.document is not None and error.document[0] == "outputs":
                self._blame_output(error.document[1], str(error))
            self._undo()
            raise
        except Interrupted:
            self.store.undo()
            raise
        if self.model_folders is not None:
            self.models.caches.write_folders()

    def _undo(self) -> None:
        self.store.undo()
        if self.sharing is None:  # otherwise they are built anew before they are used again
            self.build_services()

    def _blame_output(self, key: str, text: str) -> None:
        """Let the component whose output cannot be written fail when its turn comes again."""
        job_id, _, component = key.partition("/")
        outputs = self.store.collection("outputs")[key].values()
        versions = [output["task_version"] for output in outputs]
        self._unwritable[claim_key(job_id, component, max(versions, default=0))] = text

    def is_empty(self) -> bool:
        """Say whether nothing at all is remembered."""
        names = (name for name in self.store.names() if name != SITE_KEYS)
        return self.site_keys.is_empty() and not any(
            len(self.store.collection(name)) for name in names
        )

    def set_pace(self, pace: Pace) -> None:
        """Let the tasks of jobs that are submitted from now on take so long; ``"manual"`` also stops the clock."""
        self.settings = replace(self.settings, pace=pace)
        self.jobs.set_pace(pace)
        self._parties.clear()
        if pace == "manual":
            self.clock.set_rate(0)

    def reset(self) -> None:
        """Forget jobs, tables, models, tags, permissions, faults and the journal; the clock goes on."""
        with self.lock:
            self.faults.clear()
            self.progress.reset()
            self.store.clear()
            self.build_services()
            self.models.caches.write_folders()
        self.journal.clear()

    def replace_content(self, fill: Callable[[Store], set[str]], now: float | None = None) -> None:
        """Forget everything as `reset` does, and remember what `fill` puts into the store.

        Args:
            fill: is given the store without documents and rows, and returns the names of the files that stay in it.
            now: where a clock that stands still is set to; None leaves it.

        Raises:
            NotStored: it cannot be written; the state is what it was before.
        """
        with self.lock:
            files = set(self.store.blobs)
            for job in self.jobs.store.live():
                if job.content is not None:
                    self.store.discard(Path(job.content))
            try:
                self.store.empty()
                kept = fill(self.store)
                self.build_services()
                if self.sharing is not None:  # others hear of it with the commit, or nobody does
                    self.sharing.begin_world()
                    self._start_over(now)
            except BaseException:
                self._undo()
                raise
            self.commit()
            if self.sharing is None:
                self._start_over(now)
                for name in files - kept:
                    self.store.blobs.delete(name)
        self.journal.clear()

    def _start_over(self, now: float | None) -> None:
        self.progress.reset()
        self.faults.clear()
        if now is not None and self.clock.stands_still:
            self.clock.set_now(now)

    def close(self, timeout: float | None = None) -> None:
        """Write down what is to be kept and give the rest back; what computes meanwhile comes to nothing.

        Args:
            timeout: seconds to wait for a request under way; one that takes longer is undone. None waits for it.
        """
        self.engine.close()
        if self.sharing is not None:
            self.sharing.close()
        if self.lock.acquire(timeout=-1 if timeout is None else timeout):
            try:
                self.progress.close()
                self.store.close()
            finally:
                self.lock.release()


def _share(state: ServerState, address: str, scratch: Path | None, place: Place | None) -> Sharing:
    """Return the part of a server in a state that several share; ValueError if what it takes is not installed."""
    try:  # SQLAlchemy takes a quarter of a second to import.
        from flowkit_mockserver.sharing import Sharing
    except ModuleNotFoundError as error:
        text = f"a database needs the extra: pip install 'fate-flowkit[database]' ({error})"
        raise ValueError(text) from None
    return Sharing(state, address, scratch, place)
