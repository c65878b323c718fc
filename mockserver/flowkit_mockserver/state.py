"""The composition root: one object that holds a server's services."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, cast

from flask import current_app

from flowkit.clock import Clock
from flowkit.forks import renew_in_children
from flowkit_mockserver.clock import ServerClock, server_clock
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.faults import Faults
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import Store

if TYPE_CHECKING:
    from flowkit_mockserver.jobs.service import Jobs
    from flowkit_mockserver.models.permissions import Permissions
    from flowkit_mockserver.models.service import Models
    from flowkit_mockserver.models.tags import Tags

__all__ = ["EXTENSION", "ServerState", "current_state"]

#: Where a Flask application keeps its `ServerState`.
EXTENSION = "flowkit-mock"


class ServerState:
    """What a server knows and who looks after it.

    Args:
        settings: the choices made at the start.
        clock: the clock beneath; None for the machine's own, or, when the pace is manual, one that
            stands still.
        scratch: a directory for what is not kept; None makes one and removes it on `close`.

    Attributes:
        lock: held around whatever looks at or changes the state.
        clock: the server's time.
        store: documents, rows, files.
        paths: which files requests may name.
        faults: HTTP failures on demand.
        tables, jobs, models, tags, permissions: the services.
    """

    jobs: Jobs
    models: Models
    tags: Tags
    permissions: Permissions

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        scratch: Path | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.lock = RLock()
        self.clock: ServerClock = server_clock(self.settings.pace == "manual", clock)
        self.store = Store(self.settings.data, self.lock, scratch)
        self.paths = PathPolicy(self.settings.allow_paths)
        self.faults = Faults()
        # Files that uploads left behind when a server died, and that no job is going to read.
        jobs = self.store.collection("jobs").values()
        self.store.sweep({job["content"] for job in jobs if job.get("content")})
        self._start_services()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew: a child goes on with a copy of the state, which it never writes back."""
        self.lock = RLock()
        self.store.rows.lock = self.lock

    def _start_services(self) -> None:
        self.tables = Tables(self)
        for name, module, service in (
            ("models", "models.service", "Models"),
            ("tags", "models.tags", "Tags"),
            ("permissions", "models.permissions", "Permissions"),
            ("jobs", "jobs.service", "Jobs"),
        ):
            # They import this module for its types, so they are imported when it is complete.
            factory = getattr(import_module(f"flowkit_mockserver.{module}"), service)
            setattr(self, name, factory(self))

    def reset(self) -> None:
        """Forget jobs, tables, models, tags, permissions and failures; the clock goes on."""
        with self.lock:
            self.store.clear()
            self.faults.clear()
            self._start_services()

    def close(self) -> None:
        """Write down what is to be kept and give the rest back."""
        with self.lock:
            self.store.close()


def current_state() -> ServerState:
    """Return the state of the server that is answering the request at hand."""
    return cast(ServerState, current_app.extensions[EXTENSION])
