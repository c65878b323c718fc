"""Namespaces: any number of worlds on one server, each with its own jobs, tables, models, tags, failures and time.

A request says which one it is for, by the header ``X-Flowkit-Namespace`` or by the beginning of its path:
``/_flowkit/namespaces/NAME/v1/job/query``. A namespace is made when it is first asked for, and forgotten when it is
dropped, or after a time without requests.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from flowkit.clock import ManualClock
from flowkit.forks import renew_in_children
from flowkit_mockserver.computing.engine import SharedEngine
from flowkit_mockserver.control.access import refuse_control
from flowkit_mockserver.control.journal.exchanges import note_denial
from flowkit_mockserver.control.journal.journal import Journal
from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError
from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.http.access import CONTROL, NAMESPACE, refuse_head
from flowkit_mockserver.http.envelope import error_response, refusal_response
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import (
    Dropped,
    Interrupted,
    NotStored,
    StateDamaged,
    StoreInUse,
    TooManyNamespaces,
)
from flowkit_mockserver.wire.dispatch import EXTENSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Response

    from flowkit_mockserver.sharing import Place, Sharing

__all__ = ["NAMESPACES", "Namespaces", "addressed", "check_name"]

#: Where a Flask application keeps its `Namespaces`.
NAMESPACES = "flowkit-namespaces"
#: What stands before the name in a path.
PREFIX = "/_flowkit/namespaces/"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: The folder of a data directory in which namespaces have theirs.
_FOLDER = "namespaces"

#: So often a namespace that others drop while it is opened is opened again.
_ATTEMPTS = 5
_NOT_OPENED = (OSError, Interrupted, NotStored, SnapshotError, StateDamaged, StoreInUse)

WSGIApp = Callable[..., Iterable[bytes]]


def check_name(name: object) -> str:
    """Return the name of a namespace.

    Raises:
        ValueError: it is none that a namespace can have.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            "the name of a namespace must be 1 to 64 letters, digits, '.', '_' or '-', the first of"
            f" them a letter or a digit, got {name!r:.100}"
        )
    return name


def _there_is(name: str) -> ValueError:
    return ValueError(f"there is a namespace {name!r} already; drop it first")


@dataclass(slots=True)
class _World:
    """A namespace that is there: its state, and when it was last asked for."""

    state: ServerState
    used: float
    # Which tables it has in a database, and in which of their lives.
    tables: tuple[int, int] | None = None


class Namespaces:
    """The worlds of one server. Any number of threads may use it.

    Args:
        state: the server's own, whose settings they share.
        age: seconds on the machine's clock that never run backwards.

    Attributes:
        start: what each world starts with, and has after a reset; None for nothing.
    """

    def __init__(self, state: ServerState, age: Callable[[], float] = monotonic) -> None:
        self.start: Snapshot | None = None
        self._own = state
        self._age = age
        self._worlds: dict[str, _World] = {}
        self._closed = False
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """Return the names of those that are there, in the order in which they were made.

        Those that a data directory keeps from before, and nobody has asked for yet, follow by name.
        """
        with self._lock:
            self._drop_idle()
            if self._own.sharing is not None:
                return self._own.sharing.table_sets.names()
            return [*self._worlds, *sorted(self._kept() - set(self._worlds))]

    def _kept(self) -> set[str]:
        """Return the names of those that a data directory keeps."""
        place = self._own.store.home / _FOLDER
        if self._own.settings.data is None or not place.is_dir():
            return set()
        return {
            path.name for path in place.iterdir() if NAME.fullmatch(path.name) and path.is_dir()
        }

    def find(self, name: str) -> ServerState | None:
        """Return the state of a namespace, or None while there is none of that name, or it is not open here.

        Raises:
            Interrupted: the database cannot be used.
        """
        world = self._worlds.get(name)
        if world is None:
            return None
        now, idle = self._age(), self._own.settings.namespace_idle
        if self._own.sharing is not None:  # others may have dropped it, and made it again
            tables = self._own.sharing.table_sets.find(name, idle)
            return world.state if tables is not None and tables.key == world.tables else None
        if idle is not None and world.used + idle <= now:
            return None
        world.used = now
        return world.state

    def state(self, name: str) -> ServerState:
        """Return the state of a namespace, which is made if there is none of that name.

        Raises:
            HttpRefusal: the name is none (400), or there are as many as there may be (429).
            Interrupted: the database cannot be used.
        """
        return self.find(name) or self._make(name)

    def make(self, name: str) -> ServerState:
        """Return the state of a new namespace.

        Raises:
            HttpRefusal: there are as many namespaces as there may be (429).
            ValueError: the name is none, or there is a namespace of that name.
        """
        with self._lock:
            check_name(name)
            if self._own.sharing is not None:
                return self._make(name, new=True)
            if self.find(name) is not None or self._folder(name).is_dir():
                raise _there_is(name)
            return self._make(name)

    def _make(self, name: str, *, new: bool = False) -> ServerState:
        try:
            check_name(name)
        except ValueError as error:
            raise HttpRefusal(400, str(error)) from error
        with self._lock:
            if self._closed:
                raise HttpRefusal(503, "the server is closed")
            if not new and (found := self.find(name)) is not None:
                return found
            self._drop_idle()
            if self._own.sharing is not None:
                return self._take(self._own.sharing, name, new=new)
            self._require_room(len(self._worlds))
            state = self._open(name)
            self._seed(state)
            self._worlds[name] = _World(state, self._age())
            return state

    def _require_room(self, count: int) -> None:
        most = self._own.settings.namespaces
        if count >= most:
            text = f"there are {count} namespaces, and there may be {most}"
            raise HttpRefusal(429, f"{text}: drop some, or start the server with more")

    def _take(self, sharing: Sharing, name: str, *, new: bool) -> ServerState:
        """Open a namespace in the database, whoever made it."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                place, made = sharing.take(name, self._own.settings.namespaces)
            except TooManyNamespaces as error:
                self._require_room(error.count)
                raise
            if new and not made:
                raise _there_is(name)
            world = self._worlds.get(name)
            if world is not None and world.tables == place.tables.key:
                return world.state
            self._forget(name)  # others dropped it
            try:
                state = self._open(name, place)
                try:
                    if not place.tables.seeded:
                        with state.lock:  # whoever else opens it waits
                            self._seed(state)
                        sharing.table_sets.note_seeded(name, place.tables)
                except BaseException:
                    state.close()
                    raise
            except Dropped:
                if not left:
                    raise
                continue
            self._worlds[name] = _World(state, self._age(), place.tables.key)
            return state
        raise AssertionError

    def _seed(self, state: ServerState) -> None:
        """Let a world that is empty have what each starts with."""
        if self.start is not None and state.is_empty():
            from flowkit_mockserver.control.snapshots.states import restore  # rarely needed

            restore(state, self.start)

    def _forget(self, name: str) -> None:
        """Close what this server has open of a namespace; in a database it stays."""
        world = self._worlds.pop(name, None)
        if world is not None:
            world.state.close()
            shutil.rmtree(self._folder(name), ignore_errors=True)

    def _open(self, name: str, place: Place | None = None) -> ServerState:
        # Not the pace that the server's own world was given since.
        settings, clock, folder = self._own.started_with, self._own.base_clock, self._folder(name)
        if settings.data is not None:
            settings = replace(settings, data=folder)
        if settings.model_cache is not None:  # folders of one name would be those of several worlds
            settings = replace(settings, model_cache=None)
        if settings.own_url is not None:
            settings = replace(settings, own_url=f"{settings.own_url}{PREFIX}{name}")
        if isinstance(clock, ManualClock):  # to move it would move the time of all
            clock = ManualClock(clock.now())
        # One set of processes, or one cluster, computes for all.
        engine = SharedEngine(self._own.engine)
        state = ServerState(settings, clock=clock, scratch=folder, engine=engine, place=place)
        if place is None:
            state.journal = Journal(name)
        return state

    def _folder(self, name: str) -> Path:
        return self._own.store.home / _FOLDER / name

    def _drop_idle(self) -> None:
        """Close the namespaces that nobody asked for a while; what they keep in a data directory stays.

        In a database they are dropped when no worker was asked for them, and what others dropped is closed.
        """
        idle, sharing = self._own.settings.namespace_idle, self._own.sharing
        if sharing is not None:
            for name in [] if idle is None else sharing.table_sets.idle(idle):
                sharing.drop(name, idle)
            for name in set(self._worlds).difference(sharing.table_sets.names()):
                self._forget(name)
            return
        if idle is None:
            return
        ends = self._age() - idle
        for name in [name for name, world in self._worlds.items() if world.used <= ends]:
            self._worlds.pop(name).state.close()
            if not self._own.store.durable:
                shutil.rmtree(self._folder(name))

    def drop(self, name: str) -> bool:
        """Forget a namespace, and what a data directory or a database keeps of it; return whether there was one.

        Raises:
            ValueError: the name is none that a namespace can have.
        """
        check_name(name)
        with self._lock:
            if self._own.sharing is not None:
                dropped = self._own.sharing.drop(name)
                self._forget(name)  # after that: whoever is at work on it is told
                return dropped
            world = self._worlds.pop(name, None)
            if world is not None:
                world.state.close()
            kept = self._folder(name).is_dir()
            if kept:
                shutil.rmtree(self._folder(name))
        return kept

    def close(self, timeout: float | None = None) -> None:
        """Close them all.

        Args:
            timeout: seconds to wait for a request under way in each; None waits for it.
        """
        with self._lock:
            self._closed = True
            worlds, self._worlds = self._worlds, {}
        for world in worlds.values():
            world.state.close(timeout)

    def around(self, app: WSGIApp) -> WSGIApp:
        """Return a WSGI application that sends each request to its namespace, and the others to `app` as they are."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if NAMESPACE in environ or environ["PATH_INFO"].startswith(PREFIX):
                began = perf_counter()
                name, path = addressed(environ)
                if path != environ["PATH_INFO"]:
                    environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{name}"
                    environ["PATH_INFO"] = path
                if name and (refusal := self._assign(name, environ)) is not None:
                    status, told = refusal.status_code, refusal.get_data()
                    # It has no journal of its own: there is no such namespace.
                    note_denial(self._own, environ, path, status, told, perf_counter() - began)
                    return refusal(environ, start_response)
            return app(environ, start_response)

        return answer

    def refuse_head(self, environ: WSGIEnvironment) -> Response | None:
        """Return what refuses a request for what its head says, to the API or the control API, or None."""
        _, path = addressed(environ)
        if path.startswith(CONTROL):
            return refuse_control(self._own.settings, environ)
        return refuse_head(self._own.settings, self._own.clock, {**environ, "PATH_INFO": path})

    def _assign(self, name: str, environ: WSGIEnvironment) -> Response | None:
        """Note the state of a namespace in a request, or return what refuses it."""
        try:
            state = self.find(name)
            if state is None:
                # Whoever is refused anyway makes no namespace.
                if (refused := self.refuse_head(environ)) is not None:
                    return refused
                state = self._make(name)
        except HttpRefusal as refusal:
            return refusal_response(refusal)
        except _NOT_OPENED as error:
            return error_response(503, f"the namespace {name!r} cannot be opened: {error}")
        environ[EXTENSION] = state
        return None


def addressed(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the namespace that a request is for, empty for none, and its path there.

    What its path says goes before what its header says.
    """
    path: str = environ["PATH_INFO"]
    if path.startswith(PREFIX):
        name, slash, rest = path.removeprefix(PREFIX).partition("/")
        if slash:
            return name, f"/{rest}"
    return environ.get(NAMESPACE, ""), path
