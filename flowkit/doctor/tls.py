"""TLS: whether the server's certificate is trusted, fits its name, and how long it is valid."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

from flowkit.call.address import Address
from flowkit.call.certificates import Certificates
from flowkit.doctor.finding import Finding, State
from flowkit.errors import FlowError

__all__ = ["examine_tls"]

DAY = 86_400
SOON = 14 * DAY


def examine_tls(
    address: Address, certificates: Certificates, timeout: float, now: float
) -> Iterator[Finding]:
    """Yield a finding about the handshake with the server.

    Args:
        address: the server's.
        certificates: whom the client trusts, and what it shows of itself.
        timeout: seconds to wait.
        now: the time, in seconds since 1970.
    """
    if address.scheme != "https":
        text = "not used: the address begins with http://, and whoever listens can read everything"
        local = address.host in ("127.0.0.1", "::1", "localhost")
        mend = "" if local else "put a gateway with TLS in front, and name it as https://…"
        yield Finding("TLS", State.OK, "not used, on this machine" if local else text, mend)
        return
    try:
        with (
            socket.create_connection((address.host, address.port), timeout) as connection,
            certificates.context().wrap_socket(connection, server_hostname=address.host) as secured,
        ):
            certificate, version = secured.getpeercert(), secured.version()
    except ssl.SSLCertVerificationError as error:
        text = f"the certificate is refused: {error.verify_message}"
        mend = (
            "name the file of the certificate's authority as ca_certificates in flowkit.toml; when"
            " the name does not fit, use the name that the certificate was made for"
        )
        yield Finding("TLS", State.PROBLEM, text, mend)
    except (OSError, FlowError) as error:
        text = f"no TLS connection with {address.host}:{address.port}: {error}"
        mend = "write http:// when the server has no TLS; look at the client's own certificate"
        yield Finding("TLS", State.PROBLEM, text, mend)
    else:
        yield _describe(certificate, str(version), now)


def _describe(certificate: Any, version: str, now: float) -> Finding:
    """Return the finding about a connection that was made."""
    if not certificate:  # nothing is told of one that was not looked at
        mend = "take verify = false away; name the authority as ca_certificates"
        return Finding("TLS", State.WARNING, f"{version}, any certificate is accepted", mend)
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    text = f"{version}, certificate valid until {certificate['notAfter']}"
    if ends - now < SOON:
        return Finding("TLS", State.WARNING, text, "have it renewed")
    return Finding("TLS", State.OK, text)
