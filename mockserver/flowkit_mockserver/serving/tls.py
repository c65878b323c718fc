"""Certificate and key with which the server shows who it is."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Certificate"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key.

    Attributes:
        certificate: file of the certificate and those above it, PEM.
        key: file of its private key, PEM; None when it is in the same file.
        password: decrypts the key.
    """

    certificate: Path
    key: Path | None = None
    password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """Return what encrypts connections.

        Raises:
            ValueError: the files cannot be used; the text names them, and the password never.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        files = " and ".join(str(path) for path in (self.certificate, self.key) if path is not None)
        try:
            # Without a function OpenSSL would ask for the password on the terminal.
            context.load_cert_chain(self.certificate, self.key, lambda: self.password or "")
        except ssl.SSLError as error:
            reason = (error.reason or str(error)).lower().replace("_", " ")
            hint = (
                "; FLOWKIT_MOCK_TLS_KEY_PASSWORD is the password of an encrypted key"
                if self.password is None
                else ""
            )
            raise ValueError(
                f"--tls-certificate and --tls-key: {files} cannot be used: {reason}{hint}"
            ) from error
        except OSError as error:
            raise ValueError(
                f"--tls-certificate and --tls-key: {files} cannot be read: {error.strerror}"
            ) from error
        return context
