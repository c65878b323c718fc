"""What a server that demands credentials answers to a request: nothing to a good one.

FATE Flow 1.6 demands none. From 1.7 on there is a signature (HMAC); 1.7 and 1.8 refuse with an HTTP
status, 1.9 to 1.11 with retcode 109. What stands in front of a server, a gateway, may want a bearer
token, or a user name and a password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

__all__ = ["CREDENTIALS", "Demand", "Refusal", "examine", "from_environment"]

Scheme = Literal["hmac", "bearer", "basic"]

HEADERS = ("TIMESTAMP", "NONCE", "APP_KEY", "SIGNATURE")
VARIABLES: Mapping[Scheme, tuple[str, str]] = {
    "hmac": ("FLOWKIT_APP_KEY", "FLOWKIT_SECRET_KEY"),
    "bearer": ("", "FLOWKIT_TOKEN"),
    "basic": ("FLOWKIT_USER", "FLOWKIT_PASSWORD"),
}
CREDENTIALS = (*HEADERS, "Authorization")
AUTHENTICATION_ERROR = 109
TOLERANCE = 60.0


@dataclass(frozen=True, slots=True)
class Demand:
    """What a server demands.

    Attributes:
        scheme: ``"hmac"``, ``"bearer"`` or ``"basic"``.
        user: the app key, or the user name; of no meaning for a token.
        secret: the secret key, the token or the password.
        line: the server's line: ``"1.7"`` (1.7 and 1.8) or ``"1.9"`` (1.9 to 1.11).
    """

    scheme: Scheme
    user: str
    secret: str
    line: Literal["1.7", "1.9"] = "1.9"

    def __repr__(self) -> str:
        return f"<Demand {self.scheme}>"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that does not meet a demand: HTTP status, retcode and text."""

    status: int
    retcode: int
    retmsg: str


def from_environment(scheme: Scheme, line: Literal["1.7", "1.9"] = "1.9") -> Demand:
    """Return the demand for the credentials in the environment, where the auth plugins look, too.

    Raises:
        LookupError: a variable is not set; the text names it.
    """
    user, secret = VARIABLES[scheme]
    missing = [name for name in (user, secret) if name and not os.environ.get(name)]
    if missing:
        raise LookupError(f"--require-auth {scheme} needs {' and '.join(missing)} to be set")
    return Demand(scheme, os.environ.get(user, ""), os.environ[secret], line)


def examine(
    demand: Demand,
    headers: Mapping[str, str],
    target: str,
    body: bytes,
    form: Mapping[str, str],
    now: float,
) -> Refusal | None:
    """Return why a request is refused, None when it is not.

    Args:
        demand: what is demanded.
        headers: the request's headers, looked up as they come.
        target: path and query as on the request line.
        body: the raw body of a JSON request; empty for any other.
        form: the plain fields of a form.
        now: the server's time, in seconds since the epoch.
    """
    if demand.scheme == "hmac":
        return _signature(demand, headers, target, body, form, now)
    if demand.scheme == "bearer":
        expected = f"Bearer {demand.secret}"
    else:
        pair = base64.b64encode(f"{demand.user}:{demand.secret}".encode())
        expected = f"Basic {pair.decode()}"
    given = headers.get("Authorization", "")
    if hmac.compare_digest(given.encode(), expected.encode()):
        return None
    return Refusal(401, 401, "Unauthorized")


def _signature(
    demand: Demand,
    headers: Mapping[str, str],
    target: str,
    body: bytes,
    form: Mapping[str, str],
    now: float,
) -> Refusal | None:
    """Check the signature, in the order in which FATE Flow does."""
    signed_body = body if _truthy(body) else b""
    if demand.line == "1.7" and signed_body and form:
        return Refusal(400, 400, "Bad Request")
    given = [headers.get(name, "") for name in HEADERS]
    stamp, _, app_key, signature = given
    if not all(given):
        return _refusal(
            demand, 401, "Unauthorized", f"requirement headers parameters: {list(HEADERS)}"
        )
    try:
        seconds = int(stamp) / 1000
    except ValueError:
        return _refusal(demand, 400, "Invalid TIMESTAMP")
    if not now - TOLERANCE < seconds < now + TOLERANCE:
        text = f"TIMESTAMP is more than {TOLERANCE:g} seconds away from the server time"
        return _refusal(demand, 425, text)
    if app_key != demand.user:
        return _refusal(demand, 401, "Unknown APP_KEY")
    fields = "&".join(f"{quote(k, '-._~')}={quote(v, '-._~')}" for k, v in sorted(form.items()))
    head = "\n".join([*given[:3], target.removesuffix("?"), ""])
    message = head.encode() + signed_body + b"\n" + fields.encode()
    digest = hmac.new(demand.secret.encode(), message, hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest), signature.encode()):
        return _refusal(demand, 403, "Forbidden", "signature authentication failed")
    return None


def _refusal(demand: Demand, status: int, text: str, later: str | None = None) -> Refusal:
    """Return a refusal as the server's line puts it; `later` is the text of 1.9, if it is another."""
    if demand.line == "1.7":
        return Refusal(status, status, text)
    return Refusal(200, AUTHENTICATION_ERROR, later or text)


def _truthy(body: bytes) -> bool:
    """Return whether a JSON body is one that Python takes for true."""
    try:
        return bool(json.loads(body)) if body else False
    except ValueError:
        return False
