"""A mock server as an object: in this process, or on a port for others too."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flowkit import Clock, FlowClient, FlowError
from flowkit.call.address import Address
from flowkit_inprocess import InProcess
from flowkit_mockserver.app import create_app
from flowkit_mockserver.dialects import DEFAULT
from flowkit_mockserver.kinds.lookup import add_kinds, remove_kinds
from flowkit_mockserver.settings import Demand, Settings, parse_executor, parse_pace
from flowkit_mockserver.state import ServerState

if TYPE_CHECKING:
    from flowkit_mockserver.kinds.kind import Kind
    from flowkit_mockserver.serving.listening import Listener

__all__ = ["MockServer"]


class MockServer:
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
        fault_rules: rule file of the plugin ``faults``, by which requests fail.
        allow_hosts: names and addresses of hosts that requests may be for, beside this machine's and `host`.
        quirks: whether to do as the real server does where that harms; see `Settings`.
        keep_jobs: how many ended jobs are kept; None keeps all.
        executor: where components compute: ``"thread"``, that of whoever asks; ``"processes"`` or ``"processes:2"``, in
            processes of this machine; ``"dask://HOST:PORT"``, on a Dask cluster.
        kinds: component kinds beside those of FATE, which jobs can then name. Until this server is closed they are
            there for all servers of this process; two open ones cannot have different kinds of one name.

    Attributes:
        app: the WSGI application.
        state: the services behind it.

    Raises:
        OSError: the port cannot be had, or no Dask scheduler answers.
        RuntimeError: the executor needs a library that is not installed.
        StoreInUse: another server uses the data directory, or one with other settings the database.
        StateDamaged: what is in the data directory or the database cannot be read.
        StoreUnreachable: the database does not answer.
        TypeError: `require_auth` is no `Demand`, or one of `kinds` no `Kind`.
        ValueError: there is no such version or executor; or one of `kinds` has the name of another kind.
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
        fault_rules: str | Path | None = None,
        allow_hosts: Iterable[str] = (),
        quirks: bool = False,
        keep_jobs: int | None = None,
        executor: str = "thread",
        kinds: Iterable[Kind] = (),
    ) -> None:
        if not isinstance(require_auth, Demand | None):
            raise TypeError(
                "require_auth must be a Demand, such as Demand('hmac', 'my-app', 's3cret'),"
                f" got {require_auth!r}"
            )
        settings = Settings(
            pace=parse_pace(pace),
            fate_version=fate_version,
            seed=seed,
            require_auth=require_auth,
            permissions=permissions,
            fault_rules=Path(fault_rules) if fault_rules is not None else None,
            data=Path(data) if data is not None else None,
            database=database,
            allow_paths=tuple(Path(path) for path in allow_paths or ()),
            allow_hosts=(*allow_hosts, host),
            quirks=quirks,
            keep_jobs=keep_jobs,
            executor=parse_executor(executor),
        )
        self._kinds = add_kinds(kinds)
        try:
            self.state = ServerState(settings, clock=clock)
        except BaseException:
            self._remove_kinds()
            raise
        self.app = create_app(self.state)
        self._server: Listener | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        if port is not None:
            try:
                self._listen(host, port)
            except BaseException:
                self.state.close()
                self._remove_kinds()
                raise

    def _remove_kinds(self) -> None:
        kinds, self._kinds = self._kinds, ()
        remove_kinds(kinds)

    def _listen(self, host: str, port: int) -> None:
        # Imported by those only who want a port.
        from flowkit_mockserver.serving.listening import Listener

        self._server = Listener(self.app, host, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"flowkit-mock-{self.port}",
            daemon=True,
        )
        self._thread.start()

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

    def client(self, **options: Any) -> FlowClient:
        """Return a client bound to this server; the caller closes it.

        Args:
            options: any of `FlowClient`'s but its address; the clock is the server's by default.
        """
        options.setdefault("clock", self.state.clock)
        options.setdefault("proxy", "")  # it is on this machine
        if self._server is None:
            options["plugins"] = [*options.get("plugins", ()), InProcess(self.app)]
        origin = "MockServer.client; is that server still open?"
        return FlowClient(Address.parse(self.url, None, origin), **options)

    def fail(
        self,
        component: str,
        message: str,
        role: str | None = None,
        party_id: int | str | None = None,
        *,
        times: int | None = None,
    ) -> None:
        """Let a component fail from now on.

        Args:
            component: its name in the DSL, such as ``"hetero_lr_0"``.
            message: what its log says.
            role: the role on which it fails (guest, host, arbiter or local); None for the first that runs it.
            party_id: the party on which it fails.
            times: how many tasks fail; None for all.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_component(
                component, message, role=role, party_id=party_id, times=times
            )

    def refuse(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next requests fail with an HTTP status.

        Args:
            path: pattern of the path below ``/v1/``, such as ``"job/*"``.
            status: the HTTP status they get.
            times: how many; None for all from now on.
            retry_after: value of the header `Retry-After`, if any.

        Raises:
            ValueError: a value is none that a fault can have.
        """
        with self.state.lock:
            self.state.faults.fail_requests(path, status, times=times, retry_after=retry_after)

    def advance(self, seconds: float) -> None:
        """Move the server's time on by `seconds`; jobs proceed as if they had passed."""
        with self.state.lock:
            self.state.clock.advance(seconds)
        self.state.settle()

    def reset(self) -> None:
        """Forget everything: jobs, tables, models, tags, permissions, failures."""
        self.state.reset()

    def close(self) -> None:
        """Stop listening and give everything back; harmless when repeated."""
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
            self.state.close()

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _refuse(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer in place of the application of a server that was closed."""
    raise FlowError("the MockServer of this client is closed; use both inside its with block")
