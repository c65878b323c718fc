"""A mock server as an object: in this process, or on a port for others too."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from flowkit import Clock
from flowkit_mockserver.app import create_app
from flowkit_mockserver.dialects import DEFAULT
from flowkit_mockserver.kinds.lookup import add_kinds, remove_kinds
from flowkit_mockserver.serving.served import PartyServer, Served
from flowkit_mockserver.settings import (
    Demand,
    Settings,
    check_token,
    parse_engines,
    parse_executor,
    parse_pace,
    parse_party,
    parse_serving,
)
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import Interrupted

if TYPE_CHECKING:
    from flowkit_mockserver.kinds.kind import Kind
    from flowkit_mockserver.remote import RemoteMock

__all__ = ["MockServer"]


class MockServer(Served):
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
        storage: URL of an object storage or a directory, such as ``s3://bucket/folder`` or ``file:///mnt/shared``, for
            the rows of tables and the files of a `database`; the extra ``storage`` has what it takes.
        allow_paths: directories below which requests may read and write files of this machine.
        seed: seeds whatever is made up.
        clock: where time comes from; None for the machine, or, when pace is manual, a clock that
            stands still.
        require_auth: credentials that a request must show; None demands none.
        permissions: whether the parties of a job need permissions of each other; lines before 1.7 know none.
        site_party: the party id of this server, which switches site authentication on: other servers have to sign,
            clients need not (1.9 and later; extra ``service``). None leaves it off.
        own_party: the party whose server this is, as in a cluster: it shows rows, tables, models and permissions of
            that party only. `for_party` returns the servers of others, and servers with one `database` and parties of
            their own go together. None for one server that is that of all parties.
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
        storage: str | None = None,
        allow_paths: Iterable[str | Path] | None = None,
        seed: int = 0,
        clock: Clock | None = None,
        require_auth: Demand | None = None,
        permissions: bool = False,
        site_party: str | int | None = None,
        own_party: str | int | None = None,
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
        own = parse_party(own_party)
        settings = Settings(
            pace=parse_pace(pace),
            fate_version=fate_version,
            seed=seed,
            require_auth=require_auth,
            permissions=permissions,
            site_party=str(site_party) if site_party is not None else None,
            own_party=own,
            serving=parse_serving(serving),
            model_cache=Path(model_cache) if model_cache is not None else None,
            fault_rules=Path(fault_rules) if fault_rules is not None else None,
            data=Path(data) if data is not None else None,
            database=database,
            storage=storage,
            allow_paths=tuple(Path(path) for path in allow_paths or ()),
            allow_hosts=(*allow_hosts, host),
            quirks=quirks,
            keep_jobs=keep_jobs,
            control_token=check_token(control_token),
            engines=parse_engines(engines, own),
            seed_data=_paths(seed_data),
            namespaces=namespaces,
            namespace_idle=namespace_idle,
            executor=parse_executor(executor),
        )
        super().__init__()
        self._partners: list[PartyServer] = []
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

    def for_party(
        self, party_id: str | int, port: int | None = None, host: str = "127.0.0.1"
    ) -> PartyServer:
        """Return the server of another party on this state; this one must have an `own_party`.

        Args:
            party_id: the party.
            port: None to stay in this process, 0 for any free port, or a port.
            host: the address to listen at.

        Raises:
            OSError: the port cannot be had.
            ValueError: this server is that of all parties, or of that party; or `party_id` is none.
        """
        party, own = parse_party(party_id), self.state.settings.own_party
        if own is None:
            raise ValueError(
                "one server answers for all parties here; start it with MockServer(own_party=...)"
            )
        if party is None or party == own:
            raise ValueError(f"party_id must be that of a party other than {own}, got {party_id!r}")
        found = PartyServer(self.state, party, self.worlds, port, host)
        self._partners.append(found)
        return found

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
        unmatched = self._unmatched()
        self._end()
        self.report_unmatched(unmatched)

    def _end(self) -> None:
        try:
            for partner in self._partners:
                partner.close()
            self._stop_listening()
        finally:
            self._remove_kinds()
            self.worlds.close()
            self.state.close()
            # Not before: other workers on a database would be told that there are none any more.
            self.state.faults.forget()

    def _unmatched(self) -> list[str]:
        """Return a line about each failure that was ordered and has hit nothing, on other workers neither."""
        faults = self.state.faults
        if len(faults) and self.state.sharing is not None:
            with suppress(Interrupted):  # without the database, what is known has to do
                self.state.sharing.look()
        return faults.unmatched()

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:  # whatever was ordered had no chance to be met
            self._end()


def _paths(given: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    return (Path(given),) if isinstance(given, str | Path) else tuple(Path(path) for path in given)
