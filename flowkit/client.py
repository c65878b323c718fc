"""FlowClient: settings, hooks and operation groups put together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from flowkit.call.model import Call, Operation, Request, Response, Route
from flowkit.clock import Clock
from flowkit.decoding import decode
from flowkit.errors import CassetteError, FlowError
from flowkit.operations import OPERATIONS, Operations
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.address import Address
    from flowkit.call.attempts import Retry
    from flowkit.call.certificates import FilePath, Passphrase
    from flowkit.call.model import OnError
    from flowkit.call.transport import Timeout, Transport
    from flowkit.errors import UnsupportedServer
    from flowkit.groups import (
        Checkpoint,
        Component,
        Data,
        Job,
        Key,
        Model,
        Privilege,
        Provider,
        Queue,
        RemoteVersion,
        Resource,
        Service,
        Table,
        Tag,
        Task,
        Template,
        Test,
    )
    from flowkit.routing.discovery import Discovered
    from flowkit.servers import ServerLine
    from flowkit.settings import ClientSettings

__all__ = ["FlowClient"]


class FlowClient:
    """A client of one FATE Flow server.

    Args:
        ip: host name or IP address, or a whole URL: ``https://`` for TLS, with a path for a
            gateway in front. Without it ``FLOWKIT_URL`` counts, then the configuration file
            (`flowkit.config`), then 127.0.0.1. An `Address` says where it was given.
        port: TCP port; 9380 by default, or the URL's.
        version: API version, the first segment of every path: ``"v1"``, the only one.
        app_key: key id of the server's HMAC authentication (FATE Flow 1.7 and later).
        secret_key: the secret that belongs to `app_key`.
        plugins: plugin objects or names of installed plugins; the first runs outermost. Those of
            the configuration file, and then of ``FLOWKIT_PLUGINS``, come before them; a name with
            ``-`` in front disables a plugin that was named elsewhere.
        on_error: ``"raise"`` an exception, or ``"reply"`` with retcode 100 as the official SDK.
        timeout: seconds to wait for a connection and for an answer, as one number or a pair.
        retry: how failed attempts are repeated.
        server: what the server is: a line, ``"1.5"`` to ``"1.11"``, or a version such as
            ``"1.11.2"``. With ``"auto"``, the default, it is asked when it first matters.
        ca_certificates: file or folder of certificates (PEM) to trust in place of the system's;
            without it ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE`` and ``SSL_CERT_FILE`` count.
        verify: False accepts any TLS certificate; for tests only.
        client_certificate: file (PEM) of the certificate that the client shows the server.
        client_key: file (PEM) of its private key, unless `client_certificate` holds that too.
        client_key_passphrase: the key's passphrase, or a function that returns it; without it
            ``FLOWKIT_CLIENT_KEY_PASSPHRASE`` counts.
        proxy: address of a proxy, ``[http|https|socks5://][user:password@]host[:port]``; ``""``
            for none. Without it ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``
            count.
        connections: connections kept open, 16 by default. A thread that finds none idle opens a
            further one, which is closed after use.
        clock: where time comes from.
        profile: profile of the configuration file; without it ``FLOWKIT_PROFILE`` counts.
        strict: True raises for a plugin that cannot be loaded even if only the environment or the
            configuration file named it; such a one is left out with a warning otherwise.

    Raises:
        ArgumentError: an argument cannot be used.
        PluginError: a plugin cannot be found or loaded.
    """

    job: Job
    component: Component
    data: Data
    task: Task
    model: Model
    tag: Tag
    table: Table
    queue: Queue
    privilege: Privilege
    checkpoint: Checkpoint
    provider: Provider
    resource: Resource
    service: Service
    key: Key
    template: Template
    remote_version: RemoteVersion
    test: Test
    _transport: Transport

    def __init__(
        self,
        ip: str | Address | None = None,
        port: int | str | None = None,
        version: str = "v1",
        app_key: str | None = None,
        secret_key: str | None = None,
        *,
        plugins: Iterable[object | str] = (),
        on_error: OnError = "raise",
        timeout: Timeout | None = None,
        retry: Retry | None = None,
        server: str | None = None,
        ca_certificates: FilePath | None = None,
        verify: bool | None = None,
        client_certificate: FilePath | None = None,
        client_key: FilePath | None = None,
        client_key_passphrase: Passphrase | None = None,
        proxy: str | None = None,
        connections: int | None = None,
        clock: Clock | None = None,
        profile: str | None = None,
        strict: bool = False,
    ) -> None:
        # What only a client needs is imported with the first one: `import flowkit` stays cheap.
        from flowkit.routing.routes import Routing
        from flowkit.settings import choose_clock, client_settings

        settings = client_settings(
            ip,
            port,
            version,
            app_key,
            secret_key,
            plugins=plugins,
            on_error=on_error,
            timeout=timeout,
            retry=retry,
            server=server,
            ca_certificates=ca_certificates,
            verify=verify,
            client_certificate=client_certificate,
            client_key=client_key,
            client_key_passphrase=client_key_passphrase,
            proxy=proxy,
            connections=connections,
            profile=profile,
            strict=strict,
        )
        self.address = settings.address
        self.ip, self.port = settings.address.host, settings.address.port
        self.proxy = settings.proxy
        self.certificates = settings.certificates
        self.version = settings.version
        self.server: str = settings.server
        self.on_error: OnError = settings.on_error
        self.options: Mapping[str, Any] = {"timeout": settings.timeout, **settings.limits}
        self._time: list[Clock] = [choose_clock(clock)]
        self._origin = self.address.origin
        self._prefix = f"{self.address.base}/{self.version}/"
        self._closed = False
        self._register_plugins(settings)
        self._collect_groups()
        self._routing = Routing(
            settings.line, self._origin + self.address.base, self._prefix, self.operations
        )
        self.hooks.client_opened(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address.origin}{self.address.base} {self.version}>"

    def __copy__(self) -> FlowClient:
        return self.with_options()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a FlowClient cannot be pickled; make one in each process")

    @property
    def clock(self) -> Clock:
        """Where time comes from, for this client and for all that `with_options` made of it."""
        return self._time[0]

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._time[0] = clock

    def __enter__(self) -> FlowClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the plugins and every connection; harmless when repeated."""
        if not self._closed:
            self._closed = True
            try:
                self.hooks.client_closed(self)
            finally:
                self._transport.close()

    def with_options(self, **options: Any) -> FlowClient:
        """Return a client that shares everything with this one but these settings.

        `timeout` (seconds, or a pair), `deadline` (seconds for a call with all its attempts),
        `retry` (a `Retry`), `answer_limit` and `download_limit` (bytes of a JSON answer, 64 MiB
        by default, and of a file, 8 GiB) and `on_error` are the client's own; any other name is
        for the plugins, such as ``cache=False``.

        Raises:
            ArgumentError: one of the client's own cannot be used.
        """
        from flowkit.settings import check_options

        check_options(options)
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.on_error = options.pop("on_error", self.on_error)
        if "timeout" in options:
            from flowkit.call.transport import urllib3_timeout

            options["timeout"] = urllib3_timeout(options["timeout"])
        twin.options = {**self.options, **options}
        twin._attach_groups()
        return twin

    @contextmanager
    def using(self, plugin: object | str) -> Iterator[Any]:
        """Have a plugin take part, outermost, for the length of a ``with`` block."""
        instance = self.hooks.register(plugin)
        self._routing.discovery.forget()  # a cassette is to hold what was asked for it
        try:
            self.hooks.client_opened(self, instance)
            try:
                yield instance
            finally:
                self.hooks.client_closed(self, instance)
        finally:
            self.hooks.unregister(instance)
            self._routing.discovery.forget()

    @contextmanager
    def cassette(
        self, path: str | os.PathLike[str], mode: str = "once", **settings: Any
    ) -> Iterator[Any]:
        """Play from a cassette, and record what it lacks, for the length of a ``with`` block.

        Args:
            path: the cassette, in vcrpy's YAML format.
            mode: ``"none"``, ``"once"``, ``"new_episodes"``, ``"all"`` or ``"verify"``.
            settings: further arguments of the plugin, ``flowkit_replay.Replay``.
        """
        from flowkit.hooks.runner import plugin_factory

        with self.using(plugin_factory("replay")(path, mode, **settings)) as replay:
            yield replay
            replay.save()  # closing would only log that it failed

    def recording(
        self, path: str | os.PathLike[str], **settings: Any
    ) -> AbstractContextManager[Any]:
        """Record every call to a cassette, anew, for the length of a ``with`` block."""
        return self.cassette(path, "all", **settings)

    def request(
        self,
        name: str,
        *,
        body: Any = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        path: str | None = None,
        method: str | None = None,
        download: bool = False,
    ) -> Request:
        """Build the request of an operation; `path` and `method` replace those of the table.

        Raises:
            UnsupportedOperation: the server's line does not have the operation.
            FlowError: the server's line matters, and it cannot be asked for it.
        """
        operation = self.operations[name]
        route: Operation | Route = operation
        if name in self._routing.varying:
            route = self._routing.route(self, operation)
        return Request(
            method or route.method,
            self._origin,
            self._prefix + quote(path or route.path, safe="/-._~"),
            query,
            dict(headers or {}),
            body,
            form,
            download,
        )

    def send(self, name: str, arguments: Mapping[str, Any], request: Request) -> Reply[Any]:
        """Make a call and return the decoded reply.

        Raises:
            FlowError: see `flowkit.errors`; with ``on_error="reply"`` it becomes a reply instead.
        """
        __tracebackhide__ = True
        try:
            return decode(*self.open(name, arguments, request))
        except FlowError as error:
            error.operation = error.operation or name
            self._routing.learn(error)
            raise

    def open(
        self, name: str, arguments: Mapping[str, Any], request: Request
    ) -> tuple[Call, Response]:
        """Make a call and return the response undecoded, for what comes as a file.

        Raises:
            FlowError: see `flowkit.errors`.
        """
        __tracebackhide__ = True
        call = Call(self.operations[name], arguments, request, self, self.options)
        try:
            return call, self.hooks.call(call)
        except CassetteError:
            for other in self._routing.alternatives(self, call):
                with suppress(CassetteError):
                    call = Call(call.operation, arguments, other, self, self.options)
                    return call, self.hooks.call(call)
            raise
        except FlowError as error:
            error.operation = error.operation or name
            raise

    def server_line(self) -> ServerLine:
        """Return the server's line; the server is asked for it, if nobody has said or asked yet.

        Raises:
            FlowError: it cannot be asked, or speaks another API (`flowkit.UnsupportedServer`).
        """
        return self._routing.line(self)

    def name_other_api(self, error: UnsupportedServer) -> UnsupportedServer:
        """Return an error about FATE Flow 2.x that names the server's version, where it tells it."""
        return self._routing.discovery.name_second_generation(self, error)

    def discover(self) -> Discovered:
        """Return what the server itself says it is, whatever `server` says.

        Raises:
            FlowError: it cannot be asked, or speaks another API (`flowkit.UnsupportedServer`).
        """
        return self._routing.discovery.find(self)

    def _register_plugins(self, settings: ClientSettings) -> None:
        """Register the core, which consists of plugins too, and what was chosen around it."""
        from flowkit.call.attempts import Attempts
        from flowkit.call.transport import Transport
        from flowkit.groups.builtin import BuiltinGroups
        from flowkit.hooks.runner import Hooks

        self._transport = Transport(
            settings.address,
            certificates=settings.certificates,
            proxy=settings.proxy,
            connections=settings.connections,
        )
        self.hooks = Hooks(strict=settings.strict)
        for core in (self._transport, Attempts(settings.retry), BuiltinGroups()):
            self.hooks.register(core, origin="flowkit itself")
        self.hooks.enable(settings.choices)

    def _collect_groups(self) -> None:
        """Ask every plugin for its operation groups, and let their operations join the table."""
        self._groups: dict[str, Any] = {}
        for groups in self.hooks.groups():
            self._groups.update(groups)
        self.operations: Operations = OPERATIONS.extended(
            operation for group in self._groups.values() for operation in group.operations
        )
        self._attach_groups()

    def _attach_groups(self) -> None:
        for name, group in self._groups.items():
            setattr(self, name, group(self))
