"""TLS: whether the server's certificate is trusted, fits its name, and how long it is valid."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from flowkit.call.address import Address
from flowkit.doctor.finding import Finding, State

__all__ = ["examine_tls"]

DAY = 86_400
SOON = 14 * DAY


def examine_tls(
    address: Address, timeout: float, now: float, ca_certificates: str | None = None
) -> Iterator[Finding]:
    """Yield a finding about the handshake with the server.

    Args:
        address: the server's.
        timeout: seconds to wait.
        now: the time, in seconds since 1970.
        ca_certificates: file of certificates to trust in place of the system's.
    """
    if address.scheme != "https":
        text = "not used: the address begins with http://, and whoever listens can read everything"
        local = address.host in ("127.0.0.1", "::1", "localhost")
        mend = "" if local else "put a gateway with TLS in front, and name it as https://…"
        yield Finding("TLS", State.OK, "not used, on this machine" if local else text, mend)
        return
    try:
        context = ssl.create_default_context(cafile=ca_certificates)
        with (
            socket.create_connection((address.host, address.port), timeout) as connection,
            context.wrap_socket(connection, server_hostname=address.host) as secured,
        ):
            certificate = secured.getpeercert() or {}
            version = secured.version()
    except ssl.SSLCertVerificationError as error:
        text = f"the certificate is refused: {error.verify_message}"
        mend = (
            "name the file of the certificate's authority as ca_certificates in flowkit.toml; when"
            " the name does not fit, use the name that the certificate was made for"
        )
        yield Finding("TLS", State.PROBLEM, text, mend)
    except (ssl.SSLError, TimeoutError, ConnectionError) as error:
        text = f"{address.host}:{address.port} does not speak TLS: {error}"
        yield Finding("TLS", State.PROBLEM, text, "write http:// when the server has no TLS")
    except OSError as error:
        text = f"ca_certificates {ca_certificates!r} cannot be read: {error.strerror or error}"
        yield Finding("TLS", State.PROBLEM, text, "name a PEM file that is there")
    else:
        ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        text = f"{version}, certificate valid until {certificate['notAfter']}"
        state = State.WARNING if ends - now < SOON else State.OK
        mend = "have it renewed" if state is State.WARNING else ""
        yield Finding("TLS", state, text, mend)
