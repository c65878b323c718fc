"""Credentials: FATE Flow's own signature (HMAC), bearer tokens, user name and password.

::

    FlowClient(plugins=[Auth("my-app", "s3cret")])      # or app_key=…, secret_key=… of FlowClient
    FlowClient(plugins=[Bearer(fetch_token)])           # fetched anew before it expires
    FlowClient(plugins=[Basic("ann", "s3cret")])

A secret is a text, a function that returns one (called whenever it is needed), or stands in
the environment. It is added below everything that logs or records, and shows in no ``repr``, no
pickle and no exception of these classes.
"""

from __future__ import annotations

import base64
import functools
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

from flowkit import Call, Clock, PluginError, Request, hookimpl
from flowkit_auth_bearer import Bearer, Token, TokenSource
from flowkit_auth_secret import Quiet, Secret, SecretSource, fingerprint

__all__ = ["Auth", "Basic", "Bearer", "Secret", "SecretSource", "Token", "TokenSource", "signature"]

UNRESERVED = "-._~"
#: The header of the key's id. Servers call it APP_KEY, and take this for the same, as WSGI does;
#: Werkzeug from 2.2.3 on, and nginx, drop headers whose name has an underscore.
APP_KEY = "APP-KEY"
#: Bodies of forms count by their fields.
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Auth(Quiet):
    """Signs every request as FATE Flow 1.7 to 1.11 demand it.

    Args:
        app_key: the key's id; without it the environment variable ``FLOWKIT_APP_KEY`` counts.
        secret_key: the secret that belongs to it; without it, ``FLOWKIT_SECRET_KEY``.
        clock: where the time stamp comes from; by default the client's clock.
        nonce: makes a text that no other request has; by default a UUID of version 1.
        gateway: True when a gateway takes the client's base path off, so that the server sees,
            and checks, the request target without it.

    Raises:
        PluginError: a key is neither given nor in the environment.
    """

    name = "auth"

    def __init__(
        self,
        app_key: SecretSource | None = None,
        secret_key: SecretSource | None = None,
        *,
        clock: Clock | None = None,
        nonce: Callable[[], str] | None = None,
        gateway: bool = False,
    ) -> None:
        self._app_key = Secret(app_key, "FLOWKIT_APP_KEY", self.name, ascii_only=True)
        self._secret_key = Secret(secret_key, "FLOWKIT_SECRET_KEY", self.name)
        self._clock = clock
        self._nonce = nonce or unique
        self._gateway = gateway

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a recorder must never write, as far as it is known without asking for it."""
        return (*self._app_key.known, *self._secret_key.known)

    @property
    def identity(self) -> str:
        """Whose answers a cache may keep together; says nothing of the secret."""
        return hmac_identity(self._app_key.reveal())

    @hookimpl
    def flowkit_sign(self, call: Call, request: Request) -> None:
        """Add the four headers of FATE Flow's signature."""
        clock = self._clock or call.client.clock
        stamp, nonce = str(round(clock.now() * 1000)), self._nonce()
        app_key = self._app_key.reveal()
        target = request.target
        if self._gateway:
            target = target.removeprefix(call.client.address.base)
        secret, head = self._secret_key.reveal(), (stamp, nonce, app_key)
        signed = signature(secret, head, target, signed_body(request), request.form)
        request.headers.update(
            {"TIMESTAMP": stamp, "NONCE": nonce, APP_KEY: app_key, "SIGNATURE": signed}
        )


def signature(
    secret: str,
    headers: tuple[str, str, str],
    target: str,
    body: bytes = b"",
    form: Mapping[str, str] | None = None,
) -> str:
    """Return FATE Flow's signature: base64 of HMAC-SHA1 over six parts, one a line.

    Args:
        secret: the secret key.
        headers: time stamp in milliseconds, nonce and app key, as in the headers.
        target: path and query as on the request line.
        body: the JSON body; empty for any other.
        form: the plain fields of a form by name; None when there is no form.
    """
    pairs = ""
    if form:
        fields = (
            (quote(key, UNRESERVED), quote(value, UNRESERVED))
            for key, value in sorted(form.items())
        )
        pairs = "&".join(map("=".join, fields))
    head = "\n".join((*headers, target.removesuffix("?"), ""))
    message = b"%b%b\n%b" % (head.encode(), body, pairs.encode())
    return base64.b64encode(hmac.digest(secret.encode(), message, "sha1")).decode()


def unique() -> str:
    """Return a UUID of version 1: of the time, and of chance in place of this machine's address.

    `uuid.uuid1` asks the system for each, which takes longer than signing.
    """
    ticks = time.time_ns() // 100 + 0x01B21DD213814000  # since 1582, as RFC 9562 counts
    chance = random.getrandbits(62)  # it has to be unique, not secret
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0xFFF
    node = chance & 0xFFFFFFFFFFFF | 1 << 40
    return f"{low:08x}-{middle:04x}-1{high:03x}-{chance >> 48 | 0x8000:04x}-{node:012x}"


def signed_body(request: Request) -> bytes:
    """Return the part of the body that counts: JSON that Python takes for true, byte for byte."""
    body = request.body
    if not isinstance(body, bytes) or not body:
        return b""
    if (request.headers.get("Content-Type") or "").startswith(FORMS):
        return b""
    try:
        return body if json.loads(body) else b""
    except ValueError:  # what is no JSON counts as null
        return b""


class Basic(Quiet):
    """Sends ``Authorization: Basic …``, for a gateway that wants a user name and a password.

    Args:
        user: user name; without it the environment variable ``FLOWKIT_USER`` counts.
        password: password; without it, ``FLOWKIT_PASSWORD``.

    Raises:
        PluginError: one of them is missing, or the user name holds a colon.
    """

    name = "basic"

    def __init__(
        self, user: SecretSource | None = None, password: SecretSource | None = None
    ) -> None:
        self._user = Secret(user, "FLOWKIT_USER", self.name)
        self._password = Secret(password, "FLOWKIT_PASSWORD", self.name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a recorder must never write, as far as it is known without asking for it."""
        return self._password.known

    @property
    def identity(self) -> str:
        """Whose answers a cache may keep together."""
        return fingerprint("basic", self._user.reveal())

    @hookimpl
    def flowkit_sign(self, request: Request) -> None:
        """Add user name and password."""
        user = self._user.reveal()
        if ":" in user:
            raise PluginError(f"{self.name}: a user name must not hold a colon")
        pair = f"{user}:{self._password.reveal()}".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"


@functools.lru_cache(maxsize=64)
def hmac_identity(app_key: str) -> str:
    """Return the fingerprint of a key's id, which is no secret and may be remembered."""
    return fingerprint("hmac", app_key)
