"""Bearer tokens: sent, fetched anew before they expire, and once more when a server refuses one."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowkit import Call, PluginError, Request, Response, hookimpl
from flowkit.forks import renew_in_children
from flowkit_auth_secret import Quiet, Secret, fingerprint

__all__ = ["Bearer", "Token", "TokenSource"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and how long it is good.

    Attributes:
        text: the token.
        lifetime: seconds from now on; None while that is not known.
    """

    text: str = field(repr=False)
    lifetime: float | None = None


#: What fetches a token: it returns the text, a `Token`, or the answer of an OAuth 2.0 token endpoint,
#: a mapping with ``access_token`` and ``expires_in``.
TokenSource = Callable[[], str | Token | Mapping[str, Any]]


class Bearer(Quiet):
    """Sends ``Authorization: Bearer …``, with a token that can be renewed.

    Args:
        token: the token, or a function that fetches one: it is called when a token is first
            needed, again some time before the token expires, and again when the server answers
            401; then the request, which the server has refused to carry out, is sent once more.
            When a token expires is read off what the function returns (see `TokenSource`), or off
            the token itself if it is a JSON web token. Without it the environment variable
            ``FLOWKIT_TOKEN`` counts.
        refresh: seconds after which a token is fetched anew in any case; None for no such limit.
        margin: seconds before its end at which a token is taken for expired, at most a fifth of
            its lifetime.
        identity: a name for the token's owner, so that a cache outlives a renewed token.

    Raises:
        PluginError: there is no token.
    """

    name = "bearer"

    def __init__(
        self,
        token: str | TokenSource | None = None,
        refresh: float | None = None,
        *,
        margin: float = 30.0,
        identity: str | None = None,
    ) -> None:
        self._fetch: TokenSource | None = token if callable(token) else None
        self._fixed = (
            None if callable(token) else Secret(token, "FLOWKIT_TOKEN", self.name, ascii_only=True)
        )
        self._refresh = refresh
        self._margin = margin
        self._owner = identity
        self._token: Secret | None = None
        self._lifetime: float | None = None
        self._until: float | None = None  # the client's monotonic time; None before the first use
        self._generation = 0
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.RLock()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a recorder must never write, as far as it is known without asking for it."""
        return self._fixed.known if self._fixed else ()

    @property
    def identity(self) -> str:
        """Whose answers a cache may keep together: the owner's name, else the token itself."""
        if self._owner is not None:
            return fingerprint(self.name, self._owner)
        with self._lock:
            if self._token is None:
                self._renew()
            return fingerprint(self.name, self._secret().reveal())

    @hookimpl
    def flowkit_sign(self, call: Call, request: Request) -> None:
        """Add the token, fetching it when there is none or it is about to expire."""
        clock = call.client.clock
        with self._lock:  # threads that come while a token is fetched wait for that one
            if self._token is None or (
                self._until is not None and clock.monotonic() >= self._until
            ):
                self._renew()
            if self._until is None:
                self._until = clock.monotonic() + self._usable(clock.now())
            secret, call.scratch[self.name] = self._secret(), self._generation
        request.headers["Authorization"] = f"Bearer {secret.reveal()}"

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Send once more, with a new token, what was refused for its token."""
        response = yield
        if response.status != 401 or self._fetch is None or call.scratch.get("bearer.again"):
            return response
        with self._lock:
            if self._generation == call.scratch.get(self.name):
                self._token = None
        call.scratch["bearer.again"] = True
        response.close()
        return call.resend(request)

    def _secret(self) -> Secret:
        if self._token is None:
            raise PluginError(f"{self.name}: there is no token")
        return self._token

    def _renew(self) -> None:
        """Take the token that was given, or fetch one."""
        self._until, self._lifetime = None, None
        self._generation += 1
        if self._fetch is None:
            self._token = self._fixed
            return
        found = self._fetch()
        if isinstance(found, Mapping):
            if "access_token" not in found:
                known = ", ".join(map(str, found)) or "nothing"
                raise PluginError(f"{self.name}: the mapping has no access_token; it has {known}")
            life = found.get("expires_in")
            found = Token(found["access_token"], None if life is None else float(life))
        token = found if isinstance(found, Token) else Token(found)
        self._token = Secret(token.text, "", self.name, ascii_only=True)
        self._lifetime = token.lifetime

    def _usable(self, now: float) -> float:
        """Return for how many seconds the token is used, which was fetched just now."""
        if self._fetch is None:  # another one cannot be had
            return float("inf")
        life = self._lifetime
        if life is None and (end := expiry(self._secret().reveal())) is not None:
            life = end - now
        if life is None:
            return self._refresh if self._refresh is not None else float("inf")
        usable = max(0.0, life - min(self._margin, life / 5))
        return usable if self._refresh is None else min(usable, self._refresh)


def expiry(token: str) -> float | None:
    """Return when a JSON web token expires, in seconds since the epoch; None for any other token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(payload["exp"])
    except (ValueError, TypeError, KeyError):  # it only looks like one
        return None
