"""Which requests a server that demands credentials refuses.

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
from urllib.parse import quote

from flowkit_mockserver.dialects.signatures import signature_rules
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.settings import Demand, Scheme

__all__ = ["CREDENTIALS", "examine", "examine_head", "from_environment"]

HEADERS = ("TIMESTAMP", "NONCE", "APP_KEY", "SIGNATURE")
VARIABLES: Mapping[Scheme, tuple[str, str]] = {
    "hmac": ("FLOWKIT_APP_KEY", "FLOWKIT_SECRET_KEY"),
    "bearer": ("", "FLOWKIT_TOKEN"),
    "basic": ("FLOWKIT_USER", "FLOWKIT_PASSWORD"),
}
CREDENTIALS = (*HEADERS, "Authorization")
AUTHENTICATION_ERROR = 109
TOLERANCE = 60.0
#: JSON that Python takes for false is no longer, its white space left out: ``false``, ``-0.0e0``.
_LONGEST_FALSE = 16
#: A body that is longer is not searched for white space.
_MUCH_SPACE = 4096


def from_environment(scheme: Scheme, line: str | None = None) -> Demand:
    """Return the demand for the credentials in the environment, where the auth plugins look, too.

    Raises:
        LookupError: a variable is not set; the text names it.
        ValueError: there is no such line.
    """
    signature_rules(line)
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
) -> None:
    """Refuse a request that does not show the credentials that are demanded.

    Args:
        demand: what is demanded.
        headers: the request's headers, looked up as they come.
        target: path and query as on the request line.
        body: the raw body of a JSON request; empty for any other.
        form: the plain fields of a form.
        now: the server's time, in seconds since the epoch.

    Raises:
        Refusal: it is refused as FATE Flow 1.9 to 1.11 do.
        HttpRefusal: it is refused as FATE Flow 1.7 and 1.8 do, or as a gateway does.
    """
    examine_head(demand, headers, now)
    if demand.scheme == "hmac":
        _check_signature(demand, headers, target, body, form)


def examine_head(demand: Demand, headers: Mapping[str, str], now: float) -> None:
    """Refuse a request for its credentials alone; a signature is not compared yet.

    Args:
        demand: what is demanded.
        headers: the request's headers, looked up as they come.
        now: the server's time, in seconds since the epoch.

    Raises:
        Refusal: it is refused as FATE Flow 1.9 to 1.11 do.
        HttpRefusal: it is refused as FATE Flow 1.7 and 1.8 do, or as a gateway does.
    """
    if demand.scheme == "hmac":
        _check_signature_head(demand, headers, now)
        return
    if demand.scheme == "bearer":
        expected = f"Bearer {demand.secret}"
    else:
        pair = base64.b64encode(f"{demand.user}:{demand.secret}".encode())
        expected = f"Basic {pair.decode()}"
    given = headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise HttpRefusal(401, "Unauthorized")


def _check_signature_head(demand: Demand, headers: Mapping[str, str], now: float) -> None:
    """Check what stands beside a signature, in the order in which FATE Flow does."""
    given = [headers.get(name, "") for name in HEADERS]
    if not all(given):
        raise _refusal(
            demand, 401, "Unauthorized", f"requirement headers parameters: {list(HEADERS)}"
        )
    try:
        seconds = int(given[0]) / 1000
    except (ValueError, OverflowError):
        raise _refusal(demand, 400, "Invalid TIMESTAMP") from None
    if not now - TOLERANCE < seconds < now + TOLERANCE:
        text = f"TIMESTAMP is more than {TOLERANCE:g} seconds away from the server time"
        raise _refusal(demand, 425, text)
    if given[2] != demand.user:
        raise _refusal(demand, 401, "Unknown APP_KEY")


def _check_signature(
    demand: Demand, headers: Mapping[str, str], target: str, body: bytes, form: Mapping[str, str]
) -> None:
    """Compare a signature with the one that the request should bear."""
    signed_body = body if _truthy(body) else b""
    if signature_rules(demand.line).by_status and signed_body and form:
        raise HttpRefusal(400, "Bad Request")
    stamp, nonce, app_key, signature = (headers.get(name, "") for name in HEADERS)
    fields = "&".join(f"{quote(k, '-._~')}={quote(v, '-._~')}" for k, v in sorted(form.items()))
    head = "\n".join([stamp, nonce, app_key, target.removesuffix("?"), ""])
    message = head.encode() + signed_body + b"\n" + fields.encode()
    digest = hmac.new(demand.secret.encode(), message, hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest), signature.encode()):
        raise _refusal(demand, 403, "Forbidden", "signature authentication failed")


def _refusal(
    demand: Demand, status: int, text: str, later: str | None = None
) -> Refusal | HttpRefusal:
    """Return a refusal as the server's line puts it; `later` is the text of 1.9, if it is another."""
    if signature_rules(demand.line).by_status:
        return HttpRefusal(status, text)
    return Refusal(later or text, AUTHENTICATION_ERROR)


def _truthy(body: bytes) -> bool:
    """Return whether a JSON body is one that Python takes for true; only short ones can be anything else."""
    short = b"".join(body.split()) if len(body) < _MUCH_SPACE else body
    if len(short) > _LONGEST_FALSE:
        return True
    try:
        return bool(json.loads(short)) if short else False
    except ValueError:
        return False
