"""A mock server in another process as an object: its clients, its namespaces, and the verbs of its control API."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import urllib3

from flowkit import FlowClient, FlowError
from flowkit.call.certificates import Certificates, FilePath
from flowkit.clock import SystemClock
from flowkit.inputs.spelling import nearest
from flowkit_fault_files import read_rule_file
from flowkit_fault_rules import parse_rules
from flowkit_mockserver.control.access import TOKEN
from flowkit_mockserver.control.controls.world import World
from flowkit_mockserver.control.events import Happening
from flowkit_mockserver.control.journal.entries import Entry
from flowkit_mockserver.control.snapshots.differences import Difference
from flowkit_mockserver.control.snapshots.snapshot import Snapshot
from flowkit_mockserver.control.verbs import VERBS, Verb
from flowkit_mockserver.control.worlds.clients import make_client
from flowkit_mockserver.control.worlds.namespaces import PREFIX, check_name
from flowkit_mockserver.http.access import CONTROL

__all__ = ["RemoteMock"]

_TIMEOUT = urllib3.Timeout(connect=5.0, read=60.0)
#: Connections to a server that are kept for further requests.
_CONNECTIONS = 8
#: The verbs whose answers are entries of the journal.
_ENTRIES = frozenset({"requests", "assert_called"})
#: The verbs that order failures, which may hit nothing.
_ORDERS = frozenset({"fail", "refuse", "add_rules"})
_BY_NAME = {verb.name: verb for verb in VERBS}


class RemoteMock:
    """A mock server that another process runs, or one of its namespaces.

    Every verb of the control API is a method, as of `MockServer`, with the fields of its request as keyword arguments:
    ``fail(component=…, message=…)``, ``advance(seconds=60)``, ``requests(operation="job.*")``,
    ``assert_called("job.submit", times=1)``, ``reset()``. Fields may be given in the order of the reference, too.

    Args:
        origin: the address of the server.
        name: the namespace; it is dropped at the end of a ``with`` block. None for the server's own world.
        control_token: the token of the control API, which wants it of other machines; None for that of the environment
            variable ``FLOWKIT_MOCK_CONTROL_TOKEN``.
        ca_certificates: file or folder of certificates (PEM) to trust, for a server that speaks TLS; None for those of
            the environment variable ``FLOWKIT_CA_CERTIFICATES``, else the system's.
        whole: the server whose namespace this is, to use its connections; None for connections of its own.

    Attributes:
        url: the address below which the API is.

    Raises:
        ArgumentError: the certificates cannot be read.
        ValueError: no namespace can have that name, or the address is no URL.
    """

    def __init__(
        self,
        origin: str,
        name: str | None = None,
        *,
        control_token: str | None = None,
        ca_certificates: FilePath | None = None,
        whole: RemoteMock | None = None,
    ) -> None:
        self._token = control_token or os.environ.get("FLOWKIT_MOCK_CONTROL_TOKEN")
        self._origin = origin.rstrip("/")
        if not self._origin.startswith(("http://", "https://")):
            raise ValueError(f"url must begin with http:// or https://, got {origin!r}")
        self._name = name
        self.url = self._origin if name is None else f"{self._origin}{PREFIX}{check_name(name)}"
        shown = {} if self._token is None else {TOKEN: self._token}
        self._ordered = False
        self._trusted = ca_certificates or os.environ.get("FLOWKIT_CA_CERTIFICATES")
        self._own = whole is None
        if whole is not None:
            self._http: urllib3.PoolManager = whole._http
            return
        secure = self._origin.startswith("https://")
        self._http = urllib3.PoolManager(
            maxsize=_CONNECTIONS,
            timeout=_TIMEOUT,
            retries=False,
            headers=shown,
            ssl_context=Certificates(self._trusted).context() if secure else None,
        )

    def client(self, *, test: str | None = None, **options: Any) -> FlowClient:
        """Return a client of this server; the caller closes it.

        Args:
            test: the name of the test that uses it; None for the one that pytest runs when a request is made.
            options: any of `FlowClient`'s but its address.
        """
        options.setdefault("ca_certificates", self._trusted)
        return make_client(None, SystemClock(), self.url, test, options)

    def namespace(self, name: str) -> RemoteMock:
        """Return a namespace of this server: a world of its own, made when it is first used.

        Raises:
            ValueError: no namespace can have that name.
        """
        return RemoteMock(
            self._origin, name, control_token=self._token, ca_certificates=self._trusted, whole=self
        )

    def fork(self, name: str) -> RemoteMock:
        """Return a new namespace that remembers what this world does.

        Args:
            name: its name, which no namespace has yet.

        Raises:
            ValueError: the name cannot be used.
        """
        self._call(_BY_NAME["fork"], (name,), {})
        return self.namespace(name)

    def snapshot(self) -> Snapshot:
        """Return all that the server remembers; see `MockServer.snapshot`."""
        return Snapshot.from_bytes(self._ask("GET", "/snapshot"), self.url)

    def restore(self, snapshot: Snapshot | str | Path) -> None:
        """Let the server remember what a snapshot says, and nothing else; see `MockServer.restore`."""
        self._ask("PUT", "/snapshot", body=_load(snapshot).to_bytes())

    def diff(
        self,
        before: Snapshot | str | Path | dict[str, Any],
        after: Snapshot | str | Path | dict[str, Any] | None = None,
    ) -> Difference:
        """Say what two snapshots differ in; see `MockServer.diff`. Files are those of this machine."""
        given = {"before": before} if after is None else {"before": before, "after": after}
        documents = {
            name: value if isinstance(value, dict) else json.loads(_load(value).to_bytes())
            for name, value in given.items()
        }
        return Difference.from_document(self._call(_BY_NAME["diff"], (), documents))

    def advance_to_next_event(self) -> Happening | None:
        """Move time on until the status of a job or task changes; see `MockServer.advance_to_next_event`."""
        found = self._call(_BY_NAME["advance_to_next_event"], (), {})
        return None if found is None else Happening.from_document(found)

    def add_rules(self, rules: str | Path | Mapping[str, Any]) -> None:
        """Let requests and components fail by rules from now on; see `MockServer.add_rules`.

        Args:
            rules: a rule file of this machine, or what it holds.

        Raises:
            PluginError: it cannot be read, or says what no rule knows; nothing is sent.
        """
        if isinstance(rules, str | Path):
            document = read_rule_file(rules)
            parse_rules(document, name=str(rules))
        else:
            document = dict(rules)
            parse_rules(document)
        self._call(_BY_NAME["add_rules"], (document,), {})

    def reset(self) -> list[str]:
        """Forget everything; see `MockServer.reset`."""
        unmatched: list[str] = self._call(_BY_NAME["reset"], (), {})
        World.report_unmatched(unmatched)
        return unmatched

    def drop(self, name: str) -> bool:
        """Forget a namespace, with everything in it; see `MockServer.drop`."""
        return bool(self._call(_BY_NAME["drop"], (check_name(name),), {}))

    def close(self) -> None:
        """Give the connections back, unless they are those of the server; a namespace is dropped."""
        try:
            if self._name is not None:
                # Asked below its own address it would be made first, where it was not there.
                self._ask("DELETE", f"/namespaces/{self._name}", origin=self._origin)
        finally:
            if self._own:
                self._http.clear()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = _BY_NAME.get(name)
        if verb is None:
            text = (
                f"the control API has no verb {name!r}; did you mean {nearest(name, _BY_NAME)!r}?"
            )
            if name == "for_party":
                text = (
                    "the server of another party is a process of its own here: flowkit mock --own-party PARTY_ID"
                    " --database URL"
                )
            raise AttributeError(text, name=name, obj=self)
        return lambda *values, **fields: self._call(verb, values, fields)

    def _call(self, verb: Verb, values: tuple[Any, ...], fields: dict[str, Any]) -> Any:
        self._ordered |= verb.name in _ORDERS
        names = [field.name for field in verb.fields]
        if len(values) > len(names):
            raise TypeError(f"{verb.name} takes {len(names)} values, got {len(values)}")
        given = {**dict(zip(names, values, strict=False)), **fields}
        path = verb.path
        for name in names:
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", quote(str(given.pop(name)), safe=""))
        if verb.method == "POST":
            answer = self._ask("POST", path, json=given)
        else:
            answer = self._ask(verb.method, path, fields=_query(given))
        data = json.loads(answer).get("data")
        return [Entry(**entry) for entry in data] if verb.name in _ENTRIES else data

    def _ask(self, method: str, path: str, origin: str | None = None, **options: Any) -> bytes:
        """Return the answer of the control API, of this world or of the server at `origin`, or raise what it means."""
        url = f"{origin or self.url}{CONTROL}{path}"
        try:
            answer = self._http.request(method, url, **options)
        except urllib3.exceptions.HTTPError as error:
            raise FlowError(f"the mock server at {self.url} does not answer: {error}") from error
        if answer.status == 200:
            return answer.data
        try:
            text = str(json.loads(answer.data)["retmsg"])
        except (ValueError, LookupError, TypeError):
            text = f"HTTP {answer.status}, which no mock server of flowkit says"
        if answer.status == 409:
            raise AssertionError(text)
        if answer.status == 400:
            raise ValueError(text)
        raise FlowError(f"{method} {CONTROL}{path}: {text}")

    def __enter__(self) -> RemoteMock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A world that is dropped cannot be asked any more; that of a server goes on, and others may hit it yet.
        ends = error is None and self._ordered and self._name is not None
        unmatched = self.status()["unmatched"] if ends else []
        self.close()
        World.report_unmatched(unmatched)


def _query(given: dict[str, Any]) -> dict[str, str]:
    """Return fields as they stand in a query."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
        if value is not None
    }


def _load(snapshot: Snapshot | str | Path) -> Snapshot:
    return snapshot if isinstance(snapshot, Snapshot) else Snapshot.load(snapshot)
