"""The whole examination, in order: from what is installed to the server's own answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flowkit.call.address import Address
from flowkit.client import FlowClient
from flowkit.config import CONFIG, read_config
from flowkit.doctor.collision import examine_collision
from flowkit.doctor.configuration import examine_address, examine_credentials, examine_file
from flowkit.doctor.finding import Finding, State
from flowkit.doctor.network import examine_name, examine_proxy, examine_tcp
from flowkit.doctor.plugins import examine_plugins
from flowkit.doctor.server import examine_server
from flowkit.doctor.tls import examine_tls
from flowkit.doctor.versions import examine_versions
from flowkit.errors import FlowError

__all__ = ["TIMEOUT", "Patient", "examine"]

TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Attributes:
        client: makes the client as the program would; what it raises is a finding.
        profile: profile of the configuration file; None for the environment's.
        plugins: plugins that the program enables, beside those of file and environment.
        timeout: seconds to wait for each answer from the network.
    """

    client: Callable[[], FlowClient] = FlowClient
    profile: str | None = None
    plugins: tuple[object | str, ...] = ()
    timeout: float = TIMEOUT


def examine(patient: Patient | None = None) -> Iterator[Finding]:
    """Yield findings as they are made; problems come with what to do about them.

    Args:
        patient: what is examined; by default a client without arguments.
    """
    patient = patient or Patient()
    yield from examine_versions()
    yield from examine_collision()
    try:
        config = read_config(patient.profile)
    except FlowError as error:
        mend = f"correct the file, or {CONFIG}, which may name another"
        yield Finding("configuration", State.PROBLEM, str(error), mend)
        return
    yield from examine_file(config)
    choices = config.choices(patient.plugins)
    try:
        client = patient.client()
    except FlowError as error:
        plugins = list(examine_plugins(choices))
        yield from plugins
        if str(error) in {finding.text for finding in plugins}:
            yield Finding("client", State.SKIPPED, "not made, because of plugins")
            return
        mend = "correct what the text names: an option, a variable or the configuration file"
        yield Finding("client", State.PROBLEM, str(error), mend)
        return
    with client:
        yield from examine_plugins(choices, client.hooks.records)
        if "auth" not in client.hooks.names():
            yield from examine_credentials()
        yield from _way(client, patient.timeout)


def _way(client: FlowClient, timeout: float) -> Iterator[Finding]:
    """Examine the way to the server, as far as it is open."""
    address, proxy = client.address, client.proxy
    yield from examine_address(address)
    yield from examine_proxy(address, proxy)
    first = Address("http", proxy.host, proxy.port, "", proxy.source) if proxy else address
    listener = "the proxy" if proxy else "FATE Flow, or flowkit mock"
    steps: dict[str, Callable[[], Iterator[Finding]]] = {
        "DNS": lambda: examine_name(first),
        "TCP": lambda: examine_tcp(first, timeout, listener),
        "TLS": lambda: _tls(client, timeout),
        "HTTP": lambda: examine_server(client),
    }
    closed = ""
    for subject, step in steps.items():
        if closed:
            yield Finding(subject, State.SKIPPED, f"not looked at, because of {closed}")
            continue
        for finding in step():
            yield finding
            if finding.state is State.PROBLEM:
                closed = finding.subject


def _tls(client: FlowClient, timeout: float) -> Iterator[Finding]:
    """Examine TLS where the client itself connects to the server."""
    if client.proxy is not None and client.address.scheme == "https":
        yield Finding("TLS", State.SKIPPED, "goes through the proxy; HTTP shows whether it works")
    else:
        yield from examine_tls(client.address, client.certificates, timeout, client.clock.now())
