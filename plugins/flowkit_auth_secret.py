"""What every plugin that holds a credential needs: a text that does not show."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import NoReturn

from flowkit import PluginError

__all__ = ["Quiet", "Secret", "SecretSource", "fingerprint"]

SecretSource = str | Callable[[], str]


class Secret:
    """A text that is handed out only on purpose: no ``repr``, pickle or copy of it shows the text.

    ::

        class Tenant:
            def __init__(self, key: SecretSource | None = None) -> None:
                self._key = Secret(key, "TENANT_KEY", "tenant", ascii_only=True)

            @hookimpl
            def flowkit_sign(self, request: Request) -> None:
                request.headers["X-Tenant-Key"] = self._key.reveal()

    Args:
        source: the text, or a function that returns it, called whenever it is needed.
        variable: variable of the environment that counts when `source` is None.
        plugin: name of the plugin, for error messages.
        ascii_only: True for what stands in a header as it is.

    Raises:
        PluginError: there is no text, or it cannot stand in a header.
    """

    __slots__ = ("_ascii", "_plugin", "_source")

    def __init__(
        self, source: SecretSource | None, variable: str, plugin: str, *, ascii_only: bool = False
    ) -> None:
        self._plugin = plugin
        self._ascii = ascii_only
        self._source = source if source is not None else os.environ.get(variable, "")
        if not self._source:
            raise PluginError(f"{plugin}: nothing was given and {variable} is not set")
        if not callable(self._source):
            self._check(self._source)

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not pickled; make the plugin anew where it is needed")

    @property
    def known(self) -> tuple[str, ...]:
        """The text, unless a function must be asked for it."""
        return (self._source,) if isinstance(self._source, str) else ()

    def reveal(self) -> str:
        """Return the text, asking the function for it if there is one.

        Raises:
            PluginError: what the function returned cannot stand in a header.
        """
        return self._source if isinstance(self._source, str) else self._check(self._source())

    def _check(self, text: object) -> str:
        if not isinstance(text, str):
            raise PluginError(f"{self._plugin}: a secret must be a text, got {type(text).__name__}")
        if not text or not text.isprintable() or (self._ascii and not text.isascii()):
            raise PluginError(f"{self._plugin}: a secret is empty or holds what no header can hold")
        return text


class Quiet:
    """What holds a secret, and shows nothing of itself but its kind."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def fingerprint(kind: str, owner: str) -> str:
    """Return what tells one owner from another without telling who it is."""
    return hashlib.sha256(f"{kind}\n{owner}".encode()).hexdigest()[:32]
