"""The composition root: one object that holds a server's services."""

from __future__ import annotations

from pathlib import Path
from threading import RLock

from flowkit.clock import Clock
from flowkit.forks import renew_in_children
from flowkit_mockserver.clock import ServerClock, server_clock
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.dialects import Dialect, dialect_of
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
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Store

__all__ = ["ServerState"]


class ServerState:
    """What a server knows and who looks after it.

    Args:
        settings: the choices made at the start.
        clock: the clock beneath; None for the machine's own, or, when the pace is manual, one that
            stands still.
        scratch: a directory for what is not kept; None makes one and removes it on `close`.

    Attributes:
        dialect: how the version that the server says it is speaks.
        lock: held around whatever looks at or changes the state.
        clock: the server's time.
        store: documents, rows, files.
        faults: failures on demand.
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
        self.lock = RLock()
        self.clock: ServerClock = server_clock(self.settings.pace == "manual", clock)
        self.store = Store(self.settings.data, self.lock, scratch)
        self.faults = Faults()
        # Files that uploads left behind when a server died, and that no job is going to read.
        jobs = self.store.collection("jobs").values()
        self.store.sweep({job["content"] for job in jobs if job.get("content")})
        self._build_services()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew: a child goes on with a copy of the state, which it never writes back."""
        self.lock = RLock()
        self.store.rows.lock = self.lock

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
            paths=PathPolicy(settings.allow_paths),
            take_fault=self.faults.take_component,
        )

    def reset(self) -> None:
        """Forget jobs, tables, models, tags, permissions and faults; the clock goes on."""
        with self.lock:
            self.store.clear()
            self.faults.clear()
            self._build_services()

    def close(self) -> None:
        """Write down what is to be kept and give the rest back."""
        with self.lock:
            self.store.close()
