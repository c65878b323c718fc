"""Certificates: whom a client trusts, and what it shows of itself."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flowkit.errors import ArgumentError

__all__ = ["Certificates", "FilePath", "Passphrase"]

FilePath = str | os.PathLike[str]

#: The passphrase of a private key, or a function that returns it.
Passphrase = str | Callable[[], str]

#: Variables of the environment that name certificates to trust; the first that is set counts.
TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a TLS connection is made with.

    Attributes:
        trusted: file (PEM) or folder of certificates to trust in place of the system's; None for
            what ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE`` or ``SSL_CERT_FILE`` name, else the
            system's.
        client: file (PEM) of the client's own certificate, followed by those that vouch for it.
        key: file (PEM) of its private key; None when `client` holds that too.
        passphrase: the passphrase of the key, or a function that returns it, called when the
            client is made.
        verify: False accepts any certificate of the server; for tests only.
        origins: where a file was set, if not by the program, by the name of its argument.
    """

    trusted: FilePath | None = None
    client: FilePath | None = None
    key: FilePath | None = None
    passphrase: Passphrase | None = field(default=None, repr=False)
    verify: bool = True
    origins: Mapping[str, str] = field(default_factory=dict)

    def without_client(self) -> Certificates:
        """Return the same without what the client shows of itself: for a proxy."""
        return replace(self, client=None, key=None, passphrase=None)

    def context(self) -> ssl.SSLContext:
        """Return the context of the connections.

        Raises:
            ArgumentError: a file cannot be read or does not hold what it should; the text names
                it.
        """
        try:
            return self._build()
        except ArgumentError as error:
            origin = self.origins.get(error.argument)
            if origin is None:
                raise
            text = f"{error} (set by {origin})"
            raise ArgumentError(text, argument=error.argument, value=error.value) from error

    def _build(self) -> ssl.SSLContext:
        context = self._trust()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client is not None:
            self._identify(context, self.client)
        elif self.key is not None:
            raise ArgumentError(
                "client_key was given without client_certificate, the certificate it belongs to",
                argument="client_key",
                value=str(self.key),
            )
        return context

    def _trust(self) -> ssl.SSLContext:
        given, source, argument = self.trusted, "ca_certificates", "ca_certificates"
        if given is None:
            for variable in TRUST_VARIABLES:
                if os.environ.get(variable):
                    given, argument = os.environ[variable], variable
                    source = f"the environment variable {variable}"
                    break
        if given is None:
            return ssl.create_default_context()
        path = _path(argument, given)
        try:
            if path.is_dir():
                context = ssl.create_default_context(capath=str(path))
                if not any(entry.is_file() for entry in path.iterdir()):
                    raise ArgumentError(
                        f"{source}: the folder {path} is empty; it should hold certificates (PEM)",
                        argument=argument,
                        value=str(path),
                    )
                for entry in path.iterdir():  # OpenSSL itself finds those only that are hashed
                    if entry.suffix in (".pem", ".crt", ".cer") and entry.is_file():
                        context.load_verify_locations(str(entry))
                return context
            return ssl.create_default_context(cafile=str(path))
        except ssl.SSLError as error:
            raise ArgumentError(
                f"{source}: {path} holds no certificates in PEM form "
                f"(-----BEGIN CERTIFICATE-----): {_reason(error)}",
                argument=argument,
                value=str(path),
            ) from error
        except OSError as error:
            raise _unreadable(source, argument, path, error) from error

    def _identify(self, context: ssl.SSLContext, certificate: FilePath) -> None:
        """Load the client's own certificate and key."""
        paths = {"client_certificate": _path("client_certificate", certificate)}
        if self.key is not None:
            paths["client_key"] = _path("client_key", self.key)
        for argument, path in paths.items():
            _check_pem(argument, path)
        files = " and ".join(map(str, paths.values()))
        key = paths.get("client_key")
        encrypted = False

        def passphrase() -> str:  # OpenSSL asks for it only when the key is encrypted
            nonlocal encrypted
            encrypted = True
            return self._passphrase()

        try:
            context.load_cert_chain(
                str(paths["client_certificate"]), str(key) if key else None, passphrase
            )
        except ssl.SSLError as error:
            reason = _reason(error)
            if "MISMATCH" in reason.upper():
                what = "the private key does not belong to the certificate"
            elif encrypted:
                what = "the passphrase of the private key is wrong"
            else:
                what = f"no certificate with its private key can be read there ({reason})"
            raise ArgumentError(
                f"client_certificate: {files}: {what}",
                argument="client_certificate",
                value=str(certificate),
            ) from error

    def _passphrase(self) -> str:
        """Return the passphrase."""
        found = self.passphrase() if callable(self.passphrase) else self.passphrase
        if found is None:
            raise ArgumentError(
                f"the private key in {self.key or self.client} is encrypted; give its passphrase "
                "as client_key_passphrase, a text or a function that returns one",
                argument="client_key_passphrase",
            )
        if not isinstance(found, str):
            raise ArgumentError(
                f"client_key_passphrase must be a text, got {type(found).__name__}",
                argument="client_key_passphrase",
            )
        return found


def _path(argument: str, given: object) -> Path:
    """Return the path of a file.

    Raises:
        ArgumentError: it is neither a text nor a path, or no path at all.
    """
    if not isinstance(given, str | os.PathLike) or "\0" in os.fspath(given):
        raise ArgumentError(
            f"{argument} must be the path of a file, got {given!r}", argument=argument, value=given
        )
    try:
        return Path(given).expanduser()
    except RuntimeError as error:  # there is no such home directory
        text = f"{argument} {str(given)!r}: {error}"
        raise ArgumentError(text, argument=argument, value=given) from error


def _check_pem(argument: str, path: Path) -> None:
    """Check that a file can be read and holds something in PEM form."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(argument, argument, path, error) from error
    if b"-----BEGIN " not in content:
        raise ArgumentError(
            f"{argument}: {path} is not in PEM form: it has no line that starts with -----BEGIN",
            argument=argument,
            value=str(path),
        )


def _unreadable(source: str, argument: str, path: Path, error: OSError) -> ArgumentError:
    """Return the error about a file that cannot be read."""
    text = f"{source}: {path} cannot be read: {error.strerror or error}"
    return ArgumentError(text, argument=argument, value=str(path))


def _reason(error: ssl.SSLError) -> str:
    return error.reason or str(error)
