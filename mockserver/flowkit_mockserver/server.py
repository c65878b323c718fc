"""A mock server as an object: in this process, or on a port for others too."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from flowkit import Clock, FlowClient, FlowError
from flowkit_mockserver.app import create_app
from flowkit_mockserver.control.controls.controls import Controls
from flowkit_mockserver.control.worlds.clients import make_client
from flowkit_mockserver.control.worlds.namespace import Namespace
from flowkit_mockserver.control.worlds.namespaces import NAMESPACES, Namespaces
from flowkit_mockserver.dialects import DEFAULT
from flowkit_mockserver.kinds.lookup import add_kinds, remove_kinds
from flowkit_mockserver.settings import (
    Demand,
    Settings,
    check_token,
    parse_engines,
    parse_executor,
    parse_pace,
    parse_serving,
)
from flowkit_mockserver.state import ServerState

if TYPE_CHECKING:
    import socket

    from flowkit_mockserver.kinds.kind import Kind
    from flowkit_mockserver.remote import RemoteMock
    from flowkit_mockserver.serving.listening import Listener

__all__ = ["MockServer"]


class MockServer(Controls):
    """A mock of FATE Flow, for the length of a ``with`` block or until `close`.

    ::

        with MockServer() as mock:              # no socket at all
            flow = mock.client()
        with MockServer(port=0) as mock:        # any free port
            print(mock.url)

    Args:
        port: None to stay in this process, 0 for any free port, or a port.
        host: the address to listen at; anybody who reaches it can use the server.
        pace: ``"instant"``, seconds a task takes, or ``"manual"``: time moves with `advance` only.
        fate_version: the server to be: a line (``"1.11"``) or a version (``"1.11.2"``).
        data: directory that keeps the state; None forgets it on `close`.
        database: URL of a database that keeps the state for any number of servers at a time, such as
            ``postgresql+psycopg://user:password@host/name`` or ``sqlite:///file``; the extra ``database`` has what
            it takes.
        allow_paths: directories below which requests may read and write files of this machine.
        seed: seeds whatever is made up.
        clock: where time comes from; None for the machine, or, when pace is manual, a clock that
            stands still.
        require_auth: credentials that a request must show; None demands none.
        permissions: whether the parties of a job need permissions of each other; lines before 1.7 know none.
        site_party: the party id of this server, which switches site authentication on: other servers have to sign,
            clients need not (1.9 and later; extra ``service``). None leaves it off.
        serving: ``"up"`` when FATE-Serving answers where models are loaded and bound; ``"down"`` when nobody does.
        model_cache: directory in which models lie as in the real server's ``model_local_cache``; None for none.
        fault_rules: rule file of the plugin ``faults`` (TOML, YAML or JSON), by which requests fail, and components
            wait, take their time, fail or lose a party.
        allow_hosts: names and addresses of hosts that requests may be for, beside this machine's and `host`.
        quirks: whether to do as the real server does where that harms; see `Settings`.
        keep_jobs: how many ended jobs are kept; None keeps all.
        executor: where components compute: ``"thread"``, that of whoever asks; ``"processes"`` or ``"processes:2"``, in
            processes of this machine; ``"dask://HOST:PORT"``, on a Dask cluster.
        kinds: component kinds beside those of FATE, which jobs can then name. Until this server is closed they are
            there for all servers of this process; two open ones cannot have different kinds of one name.
        control_token: opens the control API to other machines that show this token, of 16 characters or more.
        engines: engines of a cluster that this server plays as well (``"eggroll,spark"``): jobs of work mode 1 run
            then, with all their parties on this server.
        seed_data: a folder or file, or several, of what the server, and each namespace, starts with and has after a
            reset: CSV files, seed documents, snapshots, cassettes. What `data` keeps from before is left as it is.
        namespaces: how many namespaces there can be at a time.
        namespace_idle: seconds without a request after which a namespace is closed; None keeps all.

    Attributes:
        app: the WSGI application.

    Raises:
        OSError: the port cannot be had, the directory of models cannot be made, or no Dask scheduler answers.
        RuntimeError: the executor, or site authentication, needs a library that is not installed.
        SeedError, SnapshotError: seed data cannot be used.
        StoreInUse: another server uses the data directory, or one with other settings the database.
        StateDamaged: what is in the data directory or the database cannot be read.
        StoreUnreachable: the database does not answer.
        TypeError: `require_auth` is no `Demand`, or one of `kinds` no `Kind`.
        ValueError: there is no such version, executor or state of a serving; or one of `kinds` has the name of
            another kind.
    """

    def __init__(
        self,
        port: int | None = None,
        host: str = "127.0.0.1",
        *,
        pace: str | float = "instant",
        fate_version: str = DEFAULT,
        data: str | Path | None = None,
        database: str | None = None,
        allow_paths: Iterable[str | Path] | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        require_auth: Demand | None = None,
        permissions: bool = False,
        site_party: str | int | None = None,
        serving: str = "down",
        model_cache: str | Path | None = None,
        fault_rules: str | Path | None = None,
        allow_hosts: Iterable[str] = (),
        quirks: bool = False,
        keep_jobs: int | None = None,
        executor: str = "thread",
        kinds: Iterable[Kind] = (),
        control_token: str | None = None,
        engines: str | Iterable[str] = (),
        seed_data: str | Path | Iterable[str | Path] = (),
        namespaces: int = 256,
        namespace_idle: float | None = None,
    ) -> None:
        if not isinstance(require_auth, Demand | None):
            raise TypeError(
                "require_auth must be a Demand, such as Demand('hmac', 'my-app', 's3cret'),"
                f" got {type(require_auth).__name__}"
            )
        settings = Settings(
            pace=parse_pace(pace),
            fate_version=fate_version,
            seed=seed,
            require_auth=require_auth,
            permissions=permissions,
            site_party=str(site_party) if site_party is not None else None,
            serving=parse_serving(serving),
            model_cache=Path(model_cache) if model_cache is not None else None,
            fault_rules=Path(fault_rules) if fault_rules is not None else None,
            data=Path(data) if data is not None else None,
            database=database,
            allow_paths=tuple(Path(path) for path in allow_paths or ()),
            allow_hosts=(*allow_hosts, host),
            quirks=quirks,
            keep_jobs=keep_jobs,
            control_token=check_token(control_token),
            engines=parse_engines(engines),
            seed_data=_paths(seed_data),
            namespaces=namespaces,
            namespace_idle=namespace_idle,
            executor=parse_executor(executor),
        )
        self._server: Listener | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._kinds = add_kinds(kinds)
        with ExitStack() as undone:
            undone.callback(self._remove_kinds)
            listener = None
            if port is not None:
                # Imported by those only who want a port.
                from flowkit_mockserver.serving.listening import browser_url, open_port

                listener = undone.enter_context(open_port(host, port))
                settings = replace(settings, own_url=browser_url(listener))
            self._state = ServerState(settings, clock=clock)
            undone.callback(self._state.close)
            self.app = create_app(self.state)
            if settings.seed_data:
                # Imported by those only who have some.
                from flowkit_mockserver.seeding.seeds import apply_seed_data

                apply_seed_data(self.app, self.state)
            if listener is not None:
                self._listen(listener)
            undone.pop_all()

    def _remove_kinds(self) -> None:
        kinds, self._kinds = self._kinds, ()
        remove_kinds(kinds)

    def _listen(self, listener: socket.socket) -> None:
        from flowkit_mockserver.serving.listening import Listener

        self._server = Listener(self.app, listener)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"flowkit-mock-{self.port}",
            daemon=True,
        )
        self._thread.start()

    @property
    def state(self) -> ServerState:
        """The services behind it."""
        return self._state

    @property
    def worlds(self) -> Namespaces:
        """The namespaces of the server."""
        return cast(Namespaces, self.app.extensions[NAMESPACES])

    @property
    def port(self) -> int | None:
        """The port at which the server listens; None when it stays in this process."""
        return None if self._server is None else int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the server; nothing listens there when it stays in this process."""
        if self._server is None:
            return "http://flowkit.mock:9380"
        host = str(self._server.server_address[0])
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def client(self, *, test: str | None = None, **options: Any) -> FlowClient:
        """Return a client bound to this server; the caller closes it.

        Args:
            test: the name under which the journal lists its requests; None for that of the test which pytest runs
                when a request is made.
            options: any of `FlowClient`'s but its address; the clock is the server's by default.
        """
        app = self.app if self._server is None else None
        return make_client(app, self.state.clock, self.url, test, options)

    def namespace(self, name: str) -> Namespace:
        """Return a namespace of this server: a world of its own, made when it is first used.

        Args:
            name: 1 to 64 letters, digits, ``.``, ``_`` or ``-``, the first of them a letter or a digit.

        Raises:
            ValueError: no namespace can have that name.
        """
        app = self.app if self._server is None else None
        return Namespace(name, self.worlds, app, self.url)

    def fork(self, name: str) -> Namespace:
        """Make a namespace that starts as a copy of this server's world, at the same time, and return it.

        Args:
            name: its name; a namespace of that name must not be there.

        Raises:
            HttpRefusal: there are as many namespaces as there may be.
            ValueError: no namespace can have that name, or there is one of it.
        """
        super().fork(name)
        return self.namespace(name)

    @staticmethod
    def connect(
        url: str,
        control_token: str | None = None,
        *,
        ca_certificates: str | os.PathLike[str] | None = None,
    ) -> RemoteMock:
        """Return a mock server that another process runs, such as ``flowkit mock``, as an object with the same verbs.

        Args:
            url: its address.
            control_token: the token of its control API, which it wants of other machines; None for that of the
                environment variable ``FLOWKIT_MOCK_CONTROL_TOKEN``.
            ca_certificates: file or folder of certificates (PEM) to trust, for a server that speaks TLS; None for
                those of the environment variable ``FLOWKIT_CA_CERTIFICATES``, else the system's.
        """
        from flowkit_mockserver.remote import RemoteMock

        return RemoteMock(url, control_token=control_token, ca_certificates=ca_certificates)

    def close(self) -> None:
        """Stop listening and give everything back; harmless when repeated.

        Failures that were ordered and have hit nothing are warnings (`UnmatchedFault`).
        """
        unmatched = self.state.faults.unmatched()
        self.state.faults.forget()
        # Whatever a client asks from now on, in this process or over a connection that is still open.
        self.app.wsgi_app = _refuse  # type: ignore[method-assign]
        server, self._server = self._server, None
        thread, self._thread = self._thread, None
        try:
            if server is not None:
                if self._process == os.getpid():  # in a child nobody serves, and nobody could stop
                    server.shutdown()
                server.server_close()
            if thread is not None:
                thread.join()
        finally:
            self._remove_kinds()
            self.worlds.close()
            self.state.close()
        self.report_unmatched(unmatched)

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            # Whatever was ordered had no chance to be met.
            self.state.faults.forget()
        self.close()


def _paths(given: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    return (Path(given),) if isinstance(given, str | Path) else tuple(Path(path) for path in given)


def _refuse(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer in place of the application of a server that was closed."""
    raise FlowError("the MockServer of this client is closed; use both inside its with block")
